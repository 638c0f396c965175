using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Endpoints.Tables;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Tests.Registry;

/// <summary>Every built-in resource has what a resource needs; what has not is listed here by name, and leaves the list when it has.</summary>
public sealed class CompletenessTests(ServerFixture fixture)
{
    /// <summary>Where upstream's store has NewDefaultTableConvertor (pkg/registry, apiextensions-apiserver; v1.36).</summary>
    private static readonly string[] WithDefaultColumns =
    [
        "clusterroles.rbac.authorization.k8s.io", "csistoragecapacities.storage.k8s.io", "customresourcedefinitions.apiextensions.k8s.io",
        "limitranges", "roles.rbac.authorization.k8s.io",
    ];

    /// <summary>Resources whose kind upstream's zz_generated.defaults.go has nothing for, at the versions that v1.36 can store.</summary>
    private static readonly string[] WithoutDefaults =
    [
        "clusterroles.rbac.authorization.k8s.io", "clustertrustbundles.certificates.k8s.io", "controllerrevisions.apps", "certificatesigningrequests.certificates.k8s.io",
        "csinodes.storage.k8s.io", "csistoragecapacities.storage.k8s.io", "deviceclasses.resource.k8s.io", "ingresses.networking.k8s.io", "ipaddresses.networking.k8s.io",
        "leasecandidates.coordination.k8s.io", "leases.coordination.k8s.io", "poddisruptionbudgets.policy", "roles.rbac.authorization.k8s.io",
        "runtimeclasses.node.k8s.io", "serviceaccounts", "servicecidrs.networking.k8s.io", "storageversionmigrations.storagemigration.k8s.io",
        "storageversions.internal.apiserver.k8s.io", "volumeattributesclasses.storage.k8s.io", "workloads.scheduling.k8s.io", "events", "events.events.k8s.io",
        // An empty map of data, which is never printed.
        "configmaps",
    ];

    private static IEnumerable<ApiResource> Stored => BuiltInResources.All.Where(r => !r.Virtual);

    /// <summary>An object that only the kind's own rules refuse: the resource, its fields, the field that is complained of, and
    /// the name where that is what is wrong.</summary>
    public static TheoryData<string, string, string, string> Invalid => new()
    {
        { "pods", "{}", "spec.containers", "x" },
        { "podtemplates", "{}", "template.spec.containers", "x" },
        { "replicationcontrollers", "{}", "spec.selector", "x" },
        { "services", "{}", "spec.ports", "x" },
        { "namespaces", "{}", "metadata.name", "a.b" },
        { "nodes", """{"spec":{"taints":[{"key":"a","effect":"Bad"}]}}""", "metadata.taints[0].effect", "x" },
        { "secrets", """{"type":"kubernetes.io/tls"}""", "data[tls.crt]", "x" },
        { "configmaps", """{"data":{"a b":"c"}}""", "data[a b]", "x" },
        { "endpoints", """{"subsets":[{"addresses":[{"ip":"x"}]}]}""", "subsets[0].addresses[0].ip", "x" },
        { "events", """{"involvedObject":{"namespace":"other"}}""", "involvedObject.namespace", "x" },
        { "events.events.k8s.io", """{"regarding":{"namespace":"default"}}""", "eventTime", "x" },
        { "limitranges", """{"spec":{"limits":[{"type":"Container","max":{"cpu":"1"},"min":{"cpu":"2"}}]}}""", "spec.limits[0].min[cpu]", "x" },
        { "resourcequotas", """{"spec":{"hard":{"pods":"-1"}}}""", "spec.hard[pods]", "x" },
        { "serviceaccounts", "{}", "metadata.name", "A_b" },
        { "persistentvolumes", "{}", "spec.accessModes", "x" },
        { "persistentvolumeclaims", "{}", "spec.accessModes", "x" },
        { "controllerrevisions.apps", """{"revision":-1}""", "revision", "x" },
        { "daemonsets.apps", "{}", "spec.template.metadata.labels", "x" },
        { "deployments.apps", "{}", "spec.selector", "x" },
        { "replicasets.apps", "{}", "spec.selector", "x" },
        { "statefulsets.apps", "{}", "spec.selector", "x" },
        { "jobs.batch", "{}", "spec.template.spec.containers", "x" },
        { "cronjobs.batch", """{"spec":{"schedule":"x"}}""", "spec.schedule", "x" },
        { "horizontalpodautoscalers.autoscaling", "{}", "spec.maxReplicas", "x" },
        { "ingresses.networking.k8s.io", "{}", "spec", "x" },
        { "ingressclasses.networking.k8s.io", """{"spec":{"controller":"x"}}""", "spec.controller", "x" },
        { "networkpolicies.networking.k8s.io", """{"spec":{"podSelector":{},"ingress":[{"ports":[{"port":0}]}]}}""", "spec.ingress[0].ports[0].port", "x" },
        { "ipaddresses.networking.k8s.io", "{}", "spec.parentRef", "10.96.3.3" },
        { "servicecidrs.networking.k8s.io", "{}", "spec.cidrs", "x" },
        { "poddisruptionbudgets.policy", """{"spec":{"minAvailable":-1}}""", "spec.minAvailable", "x" },
        { "endpointslices.discovery.k8s.io", "{}", "addressType", "x" },
        { "roles.rbac.authorization.k8s.io", """{"rules":[{"verbs":[]}]}""", "rules[0].verbs", "x" },
        { "clusterroles.rbac.authorization.k8s.io", """{"rules":[{"verbs":[]}]}""", "rules[0].verbs", "x" },
        { "rolebindings.rbac.authorization.k8s.io", """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"X","name":"r"}}""", "roleRef.kind", "x" },
        { "clusterrolebindings.rbac.authorization.k8s.io", """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"}}""", "roleRef.kind", "x" },
        { "leases.coordination.k8s.io", """{"spec":{"leaseDurationSeconds":0}}""", "spec.leaseDurationSeconds", "x" },
        { "leasecandidates.coordination.k8s.io", "{}", "spec.leaseName", "x" },
        { "priorityclasses.scheduling.k8s.io", """{"value":2000000000}""", "value", "x" },
        { "runtimeclasses.node.k8s.io", """{"handler":"-"}""", "handler", "x" },
        { "flowschemas.flowcontrol.apiserver.k8s.io", "{}", "spec.priorityLevelConfiguration.name", "x" },
        { "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io", """{"spec":{"type":"Bad"}}""", "spec.type", "x" },
        { "storageclasses.storage.k8s.io", "{}", "provisioner", "x" },
        { "csidrivers.storage.k8s.io", """{"spec":{"volumeLifecycleModes":["Bad"]}}""", "spec.volumeLifecycleModes", "x" },
        { "csinodes.storage.k8s.io", """{"spec":{"drivers":[{"name":"","nodeID":"x"}]}}""", "spec.drivers[0].name", "x" },
        { "volumeattachments.storage.k8s.io", "{}", "spec.attacher", "x" },
        { "volumeattributesclasses.storage.k8s.io", "{}", "driverName", "x" },
        { "csistoragecapacities.storage.k8s.io", "{}", "storageClassName", "x" },
        { "certificatesigningrequests.certificates.k8s.io", "{}", "spec.signerName", "x" },
        { "mutatingwebhookconfigurations.admissionregistration.k8s.io", """{"webhooks":[{"name":"x"}]}""", "webhooks[0].name", "x" },
        { "validatingwebhookconfigurations.admissionregistration.k8s.io", """{"webhooks":[{"name":"x"}]}""", "webhooks[0].name", "x" },
        { "validatingadmissionpolicies.admissionregistration.k8s.io", "{}", "spec.matchConstraints", "x" },
        { "validatingadmissionpolicybindings.admissionregistration.k8s.io", "{}", "spec.policyName", "x" },
        { "mutatingadmissionpolicies.admissionregistration.k8s.io", "{}", "spec.matchConstraints", "x" },
        { "mutatingadmissionpolicybindings.admissionregistration.k8s.io", "{}", "spec.policyName", "x" },
        { "apiservices.apiregistration.k8s.io", """{"spec":{"group":"g","version":"v1"}}""", "metadata.name", "x" },
        { "customresourcedefinitions.apiextensions.k8s.io", "{}", "spec.group", "x" },
        { "deviceclasses.resource.k8s.io", """{"spec":{"config":[{}]}}""", "spec.config[0].opaque", "x" },
        { "resourceclaims.resource.k8s.io", """{"spec":{"devices":{"requests":[{"name":"r"}]}}}""", "spec.devices.requests[0]", "x" },
        { "resourceclaimtemplates.resource.k8s.io", """{"spec":{"spec":{"devices":{"requests":[{"name":"r"}]}}}}""", "spec.spec.devices.requests[0]", "x" },
        { "resourceslices.resource.k8s.io", "{}", "spec.driver", "x" },
        { "devicetaintrules.resource.k8s.io", "{}", "spec.taint.key", "x" },
        { "resourcepoolstatusrequests.resource.k8s.io", "{}", "spec.driver", "x" },
        { "clustertrustbundles.certificates.k8s.io", "{}", "spec.trustBundle", "x" },
        { "podcertificaterequests.certificates.k8s.io", "{}", "spec.podUID", "x" },
        { "workloads.scheduling.k8s.io", "{}", "spec.podGroupTemplates", "x" },
        { "podgroups.scheduling.k8s.io", "{}", "spec.schedulingPolicy", "x" },
        { "storageversionmigrations.storagemigration.k8s.io", "{}", "spec.resource.resource", "x" },
        { "storageversions.internal.apiserver.k8s.io", "{}", "metadata.name", "x" },
    };

    /// <summary>A default of each kind that has any (pkg/apis/*/v*/defaults.go and zz_generated.defaults.go): the resource, fields
    /// of an object, the place, and what comes there as JSON ("*" for something).</summary>
    public static TheoryData<string, string, string, string> Defaults => new()
    {
        { "pods", """{"spec":{}}""", "spec/restartPolicy", "\"Always\"" },
        { "podtemplates", """{"template":{"spec":{}}}""", "template/spec/dnsPolicy", "\"ClusterFirst\"" },
        { "replicationcontrollers", """{"spec":{}}""", "spec/replicas", "1" },
        { "services", """{"spec":{}}""", "spec/type", "\"ClusterIP\"" },
        { "namespaces", """{"metadata":{"name":"n"}}""", "metadata/labels/kubernetes.io~metadata.name", "\"n\"" },
        { "nodes", """{"status":{"capacity":{"cpu":"2"}}}""", "status/allocatable/cpu", "\"2\"" },
        { "secrets", "{}", "type", "\"Opaque\"" },
        { "endpoints", """{"subsets":[{"ports":[{"port":1}]}]}""", "subsets/0/ports/0/protocol", "\"TCP\"" },
        { "limitranges", """{"spec":{"limits":[{"type":"Container","max":{"cpu":"1"}}]}}""", "spec/limits/0/default/cpu", "\"1\"" },
        { "resourcequotas", """{"spec":{"hard":{"cpu":"500u"}}}""", "spec/hard/cpu", "\"1m\"" },
        { "persistentvolumes", """{"spec":{}}""", "spec/persistentVolumeReclaimPolicy", "\"Retain\"" },
        { "persistentvolumeclaims", """{"spec":{}}""", "spec/volumeMode", "\"Filesystem\"" },
        { "daemonsets.apps", """{"spec":{}}""", "spec/updateStrategy/type", "\"RollingUpdate\"" },
        { "deployments.apps", """{"spec":{}}""", "spec/progressDeadlineSeconds", "600" },
        { "replicasets.apps", """{"spec":{}}""", "spec/replicas", "1" },
        { "statefulsets.apps", """{"spec":{}}""", "spec/podManagementPolicy", "\"OrderedReady\"" },
        { "jobs.batch", """{"spec":{}}""", "spec/backoffLimit", "6" },
        { "cronjobs.batch", """{"spec":{}}""", "spec/concurrencyPolicy", "\"Allow\"" },
        { "horizontalpodautoscalers.autoscaling", """{"spec":{}}""", "spec/minReplicas", "1" },
        { "ingressclasses.networking.k8s.io", """{"spec":{"parameters":{"kind":"K","name":"n"}}}""", "spec/parameters/scope", "\"Cluster\"" },
        { "networkpolicies.networking.k8s.io", """{"spec":{}}""", "spec/policyTypes/0", "\"Ingress\"" },
        { "endpointslices.discovery.k8s.io", """{"ports":[{"port":1}]}""", "ports/0/protocol", "\"TCP\"" },
        { "rolebindings.rbac.authorization.k8s.io", """{"subjects":[{"kind":"User","name":"u"}]}""", "subjects/0/apiGroup", "\"rbac.authorization.k8s.io\"" },
        { "clusterrolebindings.rbac.authorization.k8s.io", """{"subjects":[{"kind":"Group","name":"g"}]}""", "subjects/0/apiGroup", "\"rbac.authorization.k8s.io\"" },
        { "priorityclasses.scheduling.k8s.io", "{}", "preemptionPolicy", "\"PreemptLowerPriority\"" },
        { "podgroups.scheduling.k8s.io", """{"spec":{}}""", "spec/disruptionMode", "\"Pod\"" },
        { "flowschemas.flowcontrol.apiserver.k8s.io", """{"spec":{}}""", "spec/matchingPrecedence", "1000" },
        { "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io", """{"spec":{"type":"Limited","limited":{}}}""", "spec/limited/nominalConcurrencyShares", "30" },
        { "storageclasses.storage.k8s.io", "{}", "reclaimPolicy", "\"Delete\"" },
        { "csidrivers.storage.k8s.io", """{"spec":{}}""", "spec/fsGroupPolicy", "\"ReadWriteOnceWithFSType\"" },
        { "volumeattachments.storage.k8s.io", """{"spec":{"source":{"inlineVolumeSpec":{"rbd":{"monitors":["m"],"image":"i"}}}}}""", "spec/source/inlineVolumeSpec/rbd/pool", "\"rbd\"" },
        { "podcertificaterequests.certificates.k8s.io", """{"spec":{}}""", "spec/maxExpirationSeconds", "86400" },
        { "mutatingwebhookconfigurations.admissionregistration.k8s.io", """{"webhooks":[{}]}""", "webhooks/0/reinvocationPolicy", "\"Never\"" },
        { "validatingwebhookconfigurations.admissionregistration.k8s.io", """{"webhooks":[{}]}""", "webhooks/0/timeoutSeconds", "10" },
        { "validatingadmissionpolicies.admissionregistration.k8s.io", """{"spec":{}}""", "spec/failurePolicy", "\"Fail\"" },
        { "validatingadmissionpolicybindings.admissionregistration.k8s.io", """{"spec":{"matchResources":{}}}""", "spec/matchResources/matchPolicy", "\"Equivalent\"" },
        { "mutatingadmissionpolicies.admissionregistration.k8s.io", """{"spec":{}}""", "spec/failurePolicy", "\"Fail\"" },
        { "mutatingadmissionpolicybindings.admissionregistration.k8s.io", """{"spec":{"matchResources":{}}}""", "spec/matchResources/matchPolicy", "\"Equivalent\"" },
        { "apiservices.apiregistration.k8s.io", """{"spec":{"service":{"namespace":"n","name":"s"}}}""", "spec/service/port", "443" },
        { "customresourcedefinitions.apiextensions.k8s.io", """{"spec":{}}""", "spec/conversion/strategy", "\"None\"" },
        { "resourceclaims.resource.k8s.io", """{"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"c"}}]}}}""", "spec/devices/requests/0/exactly/allocationMode", "\"ExactCount\"" },
        { "resourceclaimtemplates.resource.k8s.io", """{"spec":{"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"c"}}]}}}}""", "spec/spec/devices/requests/0/exactly/count", "1" },
        { "resourceslices.resource.k8s.io", """{"spec":{"devices":[{"name":"d","taints":[{"key":"k","effect":"NoSchedule"}]}]}}""", "spec/devices/0/taints/0/timeAdded", "*" },
        { "resourcepoolstatusrequests.resource.k8s.io", """{"spec":{}}""", "spec/limit", "100" },
        { "devicetaintrules.resource.k8s.io", """{"spec":{"taint":{"key":"k"}}}""", "spec/taint/timeAdded", "*" },
    };

    [Fact]
    public void Every_resource_has_a_strategy_of_its_own() =>
        Assert.Empty(
            Stored.Where(r => Strategy(r).GetType() == typeof(RestStrategy)).Select(Name));

    [Fact]
    public void Every_resource_has_rules_of_its_own() =>
        Assert.Equal(Stored.Select(Name).Order(StringComparer.Ordinal), Invalid.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Refuses(string resource, string fields, string field, string name)
    {
        var facts = Stored.Single(r => Name(r) == resource);
        var version = facts.Versions[0];
        var root = facts.Group.Length == 0 ? $"/api/{version}" : $"/apis/{facts.Group}/{version}";
        var body = JsonNode.Parse(fields)!.AsObject();
        body["metadata"] = new JsonObject { ["name"] = name };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await fixture.Admin.PostAsync($"{root}/{(facts.Namespaced ? "namespaces/default/" : "")}{facts.Resource}?dryRun=All", content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode == 422, $"{resource}: {(int)response.StatusCode} {text}");
        Assert.Contains(field, JsonNode.Parse(text)!["details"]!["causes"]!.AsArray().Select(cause => cause!["field"]!.GetValue<string>()));
    }

    [Fact]
    public void Every_resource_has_defaults_or_none() =>
        Assert.Equal(Stored.Select(Name).Order(StringComparer.Ordinal), Defaults.Select(row => row.Data.Item1).Concat(WithoutDefaults).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Defaults))]
    public void Sets(string resource, string fields, string place, string expected)
    {
        var facts = Stored.Single(r => Name(r) == resource);
        var schema = BuiltInSchema.Find(facts.StorageKind)!;
        var obj = JsonDecoder.Decode(Encoding.UTF8.GetBytes(fields), schema, new JsonDecodeOptions { KeepEmpties = true }).Root!;
        var strategy = Strategy(facts);
        strategy.Schema = schema;
        new Defaulter().Apply(obj, schema);
        strategy.SetDefaults(obj);
        new ResourceListRounding().Apply(obj, schema);
        Value found = obj;
        foreach (var step in place.Split('/'))
            found = found.AsSequence is { } list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)] : found.AsMap![step.Replace('~', '/')];
        if (expected == "*")
            Assert.False(found.IsNullOrUndefined);
        else
            Assert.Equal(expected, ApiMachinery.Text.GoText.Json(found));
    }

    [Fact]
    public void Every_resource_has_columns() =>
        Assert.Equal(
            WithDefaultColumns,
            Stored.Where(r => TableConvertors.For(r.Group, r.Resource) is DefaultTableConvertor).Select(Name).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Columns_are_of_resources_that_are_served() =>
        Assert.Equal([], TableConvertors.Known.Except(BuiltInResources.All.Select(r => (r.Group, r.Resource))));

    private static string Name(ApiResource resource) => resource.GroupResource.ToString();

    private static RestStrategy Strategy(ApiResource resource) => new StrategyTable(new ApiServerOptions { DataDirectory = "unused" }).For(resource);
}
