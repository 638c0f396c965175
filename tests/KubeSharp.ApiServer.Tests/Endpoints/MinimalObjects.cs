using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace KubeSharp.ApiServer.Tests.Endpoints;

/// <summary>The least that an object of a kind needs to be valid, by resource: fields besides kind, version and metadata,
/// and a name where not every name will do (<c>{v}</c> stands for the version's digits).</summary>
internal static class MinimalObjects
{
    private const string Template = """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""";
    private const string JobTemplate = """{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}""";
    private const string Selector = """{"matchLabels":{"a":"b"}}""";
    private const string Rules = """{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"],"operations":["CREATE"]}]}""";

    private static readonly Dictionary<string, (string Name, string Fields)> Known = new(StringComparer.Ordinal)
    {
        ["pods"] = ("", """{"spec":{"containers":[{"name":"c","image":"i"}]}}"""),
        ["podtemplates"] = ("", """{"template":<Template>}"""),
        ["replicationcontrollers"] = ("", """{"spec":{"selector":{"a":"b"},"template":<Template>}}"""),
        ["services"] = ("", """{"spec":{"ports":[{"port":80}]}}"""),
        ["persistentvolumeclaims"] = ("", """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}"""),
        ["persistentvolumes"] = ("", """{"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"hostPath":{"path":"/tmp/x"}}}"""),
        ["events"] = ("", """{"involvedObject":{"namespace":"default"}}"""),
        ["events.events.k8s.io"] = ("", """{"eventTime":"2020-01-01T00:00:00.000000Z","reportingController":"c","reportingInstance":"i","action":"a","reason":"r","type":"Normal","regarding":{"namespace":"default"}}"""),
        ["deployments.apps"] = ("", """{"spec":{"selector":<Selector>,"template":<Template>}}"""),
        ["replicasets.apps"] = ("", """{"spec":{"selector":<Selector>,"template":<Template>}}"""),
        ["daemonsets.apps"] = ("", """{"spec":{"selector":<Selector>,"template":<Template>}}"""),
        ["statefulsets.apps"] = ("", """{"spec":{"serviceName":"s","selector":<Selector>,"template":<Template>,"volumeClaimTemplates":[{"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}}"""),
        ["controllerrevisions.apps"] = ("", """{"data":{"a":"b"},"revision":1}"""),
        ["jobs.batch"] = ("", """{"spec":{"template":<JobTemplate>}}"""),
        ["cronjobs.batch"] = ("", """{"spec":{"schedule":"0 0 * * *","jobTemplate":{"spec":{"template":<JobTemplate>}}}}"""),
        ["horizontalpodautoscalers.autoscaling"] = ("", """{"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}"""),
        ["ingresses.networking.k8s.io"] = ("", """{"spec":{"defaultBackend":{"service":{"name":"web","port":{"number":80}}}}}"""),
        ["ingressclasses.networking.k8s.io"] = ("", """{"spec":{"controller":"example.com/c"}}"""),
        ["networkpolicies.networking.k8s.io"] = ("", """{"spec":{"podSelector":{}}}"""),
        ["ipaddresses.networking.k8s.io"] = ("10.96.7.{v}", """{"spec":{"parentRef":{"resource":"services","namespace":"default","name":"web"}}}"""),
        ["servicecidrs.networking.k8s.io"] = ("", """{"spec":{"cidrs":["10.200.0.0/24"]}}"""),
        ["endpointslices.discovery.k8s.io"] = ("", """{"addressType":"IPv4","endpoints":[]}"""),
        ["poddisruptionbudgets.policy"] = ("", """{"spec":{"minAvailable":1}}"""),
        ["clusterrolebindings.rbac.authorization.k8s.io"] = ("", """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"}}"""),
        ["rolebindings.rbac.authorization.k8s.io"] = ("", """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"}}"""),
        ["leasecandidates.coordination.k8s.io"] = ("", """{"spec":{"leaseName":"l","binaryVersion":"1.36.0","emulationVersion":"1.36.0","strategy":"OldestEmulationVersion"}}"""),
        ["priorityclasses.scheduling.k8s.io"] = ("", """{"value":5}"""),
        ["runtimeclasses.node.k8s.io"] = ("", """{"handler":"h"}"""),
        ["flowschemas.flowcontrol.apiserver.k8s.io"] = ("", """{"spec":{"priorityLevelConfiguration":{"name":"level"}}}"""),
        ["prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"] = ("", """{"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}"""),
        ["storageclasses.storage.k8s.io"] = ("", """{"provisioner":"example.com/p"}"""),
        ["csinodes.storage.k8s.io"] = ("", """{"spec":{"drivers":[]}}"""),
        ["csistoragecapacities.storage.k8s.io"] = ("", """{"storageClassName":"c"}"""),
        ["volumeattachments.storage.k8s.io"] = ("", """{"spec":{"attacher":"a","nodeName":"n","source":{"persistentVolumeName":"v"}}}"""),
        ["volumeattributesclasses.storage.k8s.io"] = ("", """{"driverName":"example.com","parameters":{"a":"b"}}"""),
        ["apiservices.apiregistration.k8s.io"] = ("{V}.every.example.com", """{"spec":{"group":"every.example.com","version":"{V}","groupPriorityMinimum":100,"versionPriority":10}}"""),
        ["customresourcedefinitions.apiextensions.k8s.io"] = ("everies.example.com", """
            {"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"everies","kind":"Every"},
            "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
            """),
        ["certificatesigningrequests.certificates.k8s.io"] = ("", """{"spec":{"request":"<Request>","signerName":"example.com/s","usages":["client auth"]}}"""),
        ["validatingwebhookconfigurations.admissionregistration.k8s.io"] = ("", "{}"),
        ["mutatingwebhookconfigurations.admissionregistration.k8s.io"] = ("", "{}"),
        ["validatingadmissionpolicies.admissionregistration.k8s.io"] = ("", """{"spec":{"matchConstraints":<Rules>,"validations":[{"expression":"true"}]}}"""),
        ["validatingadmissionpolicybindings.admissionregistration.k8s.io"] = ("", """{"spec":{"policyName":"p","validationActions":["Deny"]}}"""),
        ["mutatingadmissionpolicies.admissionregistration.k8s.io"] = ("", """
            {"spec":{"matchConstraints":<Rules>,"reinvocationPolicy":"Never",
            "mutations":[{"patchType":"ApplyConfiguration","applyConfiguration":{"expression":"Object{}"}}]}}
            """),
        ["mutatingadmissionpolicybindings.admissionregistration.k8s.io"] = ("", """{"spec":{"policyName":"p"}}"""),
        ["resourceslices.resource.k8s.io"] = ("", """{"spec":{"driver":"example.com","nodeName":"n","pool":{"name":"p","generation":0,"resourceSliceCount":1}}}"""),
        ["devicetaintrules.resource.k8s.io"] = ("", """{"spec":{"taint":{"key":"example.com/t","effect":"NoExecute"}}}"""),
        ["resourcepoolstatusrequests.resource.k8s.io"] = ("", """{"spec":{"driver":"example.com"}}"""),
        ["clustertrustbundles.certificates.k8s.io"] = ("", """{"spec":{"trustBundle":"<Bundle>"}}"""),
        ["podcertificaterequests.certificates.k8s.io"] = ("", """
            {"spec":{"signerName":"example.com/s","podName":"p","podUID":"1","serviceAccountName":"s","serviceAccountUID":"2","nodeName":"n","nodeUID":"3","stubPKCS10Request":"<Stub>"}}
            """),
        ["workloads.scheduling.k8s.io"] = ("", """{"spec":{"podGroupTemplates":[{"name":"t","schedulingPolicy":{"basic":{}}}]}}"""),
        ["podgroups.scheduling.k8s.io"] = ("", """{"spec":{"schedulingPolicy":{"gang":{"minCount":2}}}}"""),
        ["storageversionmigrations.storagemigration.k8s.io"] = ("", """{"spec":{"resource":{"resource":"pods"}}}"""),
        ["storageversions.internal.apiserver.k8s.io"] = ("every.pods", """{"spec":{}}"""),
    };

    /// <summary>A valid object.</summary>
    public static JsonObject Of(string groupResource, string apiVersion, string kind, string name)
    {
        var version = apiVersion[(apiVersion.LastIndexOf('/') + 1)..];
        var digits = string.Concat(version.Where(char.IsAsciiDigit));
        var (givenName, fields) = Known.GetValueOrDefault(groupResource, ("", ""));
        string Fill(string text) => text.Replace("{v}", digits, StringComparison.Ordinal).Replace("{V}", version, StringComparison.Ordinal)
            .Replace("<Template>", Template, StringComparison.Ordinal).Replace("<JobTemplate>", JobTemplate, StringComparison.Ordinal)
            .Replace("<Request>", groupResource.StartsWith("certificatesigning", StringComparison.Ordinal) ? Request() : "", StringComparison.Ordinal)
            .Replace("<Stub>", groupResource.StartsWith("podcertificate", StringComparison.Ordinal) ? Stub() : "", StringComparison.Ordinal)
            .Replace("<Bundle>", groupResource.StartsWith("clustertrust", StringComparison.Ordinal) ? Bundle() : "", StringComparison.Ordinal)
            .Replace("<Selector>", Selector, StringComparison.Ordinal).Replace("<Rules>", Rules, StringComparison.Ordinal);
        var body = fields.Length == 0 ? [] : JsonNode.Parse(Fill(fields))!.AsObject();
        body["kind"] = kind;
        body["apiVersion"] = apiVersion;
        body["metadata"] = new JsonObject { ["name"] = givenName.Length > 0 ? Fill(givenName) : name, ["labels"] = new JsonObject { ["every"] = "one" } };
        return body;
    }

    private static string Stub()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToBase64String(new CertificateRequest("", key, HashAlgorithmName.SHA256).CreateSigningRequest());
    }

    /// <summary>An authority's certificate, as JSON writes PEM.</summary>
    private static string Bundle()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=every", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem().Replace("\n", "\\n", StringComparison.Ordinal);
    }

    /// <summary>A signing request as the API takes it: base64 of PEM.</summary>
    private static string Request()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=every", key, HashAlgorithmName.SHA256);
        return Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(request.CreateSigningRequestPem()));
    }
}
