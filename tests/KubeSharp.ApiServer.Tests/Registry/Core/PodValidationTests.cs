using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Core.Validation;
using static KubeSharp.ApiServer.Tests.Registry.ValidationAssert;

namespace KubeSharp.ApiServer.Tests.Registry.Core;

/// <summary>Pods (pkg/apis/core/validation/validation.go, pkg/api/pod/warnings.go).</summary>
public sealed class PodValidationTests
{
    private const string Pod = """
        {"metadata":{"name":"p","namespace":"n","resourceVersion":"1"},"spec":{"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst",
        "serviceAccountName":"default","securityContext":{},
        "containers":[{"name":"c","image":"i:1","terminationMessagePolicy":"File","imagePullPolicy":"Always","resources":{}}]},"status":{"qosClass":"BestEffort"}}
        """;

    private const string Container = "\"name\":\"c\",\"image\":\"i:1\",\"terminationMessagePolicy\":\"File\",\"imagePullPolicy\":\"Always\"";
    private const string NotBackwards = "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
        + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n";

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"containers":[]}}""", "spec.containers: Required value")]
    [InlineData("""{"spec":{"restartPolicy":"Sometimes"}}""", "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"")]
    [InlineData("""{"spec":{"dnsPolicy":"None"}}""", "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None")]
    [InlineData("""{"spec":{"activeDeadlineSeconds":0}}""", "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive")]
    [InlineData("""{"spec":{"volumes":[{"name":"v"}]}}""", "spec.volumes[0]: Required value: must specify a volume type")]
    [InlineData("""{"spec":{"volumes":[{"name":"v","emptyDir":{},"downwardAPI":{}}]}}""", "spec.volumes[0].downwarAPI: Forbidden: may not specify more than 1 volume type")]
    [InlineData("""{"spec":{"volumes":[{"name":"v","gcePersistentDisk":{"pdName":""}}]}}""", "spec.volumes[0].persistentDisk.pdName: Required value")]
    [InlineData("""{"spec":{"tolerations":[{"key":"k","operator":"Exists","value":"v"}]}}""", "spec.tolerations[0].operator: Invalid value: \"v\": value must be empty when `operator` is 'Exists'")]
    [InlineData("""{"spec":{"topologySpreadConstraints":[{"maxSkew":0,"topologyKey":"","whenUnsatisfiable":"No","labelSelector":{}}]}}""", "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero|spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty|spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"No\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\"")]
    [InlineData("""{"spec":{"hostUsers":false,"hostPID":true}}""", "spec.HostPID: Forbidden: when `hostUsers` is false")]
    [InlineData("""{"spec":{"os":{"name":"windows"},"securityContext":{"runAsUser":1}}}""", "spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod")]
    [InlineData("""{"spec":{"securityContext":{"seLinuxChangePolicy":"MountOption"}}}""", "spec.securityContext.seLinuxChangePolicy: Unsupported value: \"MountOption\": supported values: \"Recursive\"")]
    [InlineData("""{"spec":{"nodeName":"a","schedulingGates":[{"name":"example.com/g"}]}}""", "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared")]
    [InlineData("""{"metadata":{"annotations":{"controller.kubernetes.io/pod-deletion-cost":"+1"}}}""", "metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"+1\": must be a 32bit integer")]
    [InlineData("""{"spec":{"resources":{"limits":{"cpu":"1"},"requests":{"cpu":"2"}}}}""", "spec.resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1")]
    public void Create(string patch, string expected) => Errors(expected, errors => PodValidation.Validate(null!, Patched(Pod, patch), errors));

    [Theory]
    [InlineData("""
        "name":"C","image":""
        """, "spec.containers[0].name: Invalid value: \"C\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')|spec.containers[0].image: Required value|spec.containers[0].terminationMessagePolicy: Required value|spec.containers[0].imagePullPolicy: Required value")]
    [InlineData(Container + """,  "ports":[{"containerPort":0,"protocol":"TCP"},{"containerPort":1,"hostPort":5,"protocol":"TCP"},{"containerPort":2,"hostPort":5,"protocol":"TCP"}]""", "spec.containers[0].ports[0].containerPort: Required value|spec.containers[0].ports[2].hostPort: Duplicate value: \"TCP//5\"")]
    [InlineData(Container + """, "volumeMounts":[{"name":"v","mountPath":"/a","subPath":"../x"}]""", "spec.containers[0].volumeMounts[0].name: Not found: \"v\"|spec.containers[0].volumeMounts.subPath: Invalid value: \"../x\": must not contain '..'")]
    [InlineData(Container + """, "env":[{"name":"A","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"status.phase"}}}]""", "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"status.phase\": supported values: \"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\"")]
    [InlineData(Container + """, "livenessProbe":{"successThreshold":2}""", "spec.containers[0].livenessProbe: Required value: must specify a handler type|spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1")]
    [InlineData(Container + """, "lifecycle":{"preStop":{"sleep":{"seconds":31}}}""", "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)")]
    [InlineData(Container + """, "resources":{"limits":{"hugepages-2Mi":"3Mi"}}""", "spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi|spec.containers[0].resources: Forbidden: HugePages require cpu or memory")]
    [InlineData(Container + """, "resources":{"claims":[{"name":"x"}]}""", "spec.containers[0].resources.claims[0]: Not found: \"x\": must be one of the names in pod.spec.resourceClaims which is empty")]
    [InlineData(Container + """, "securityContext":{"privileged":true,"allowPrivilegeEscalation":false}""", "spec.containers[0].securityContext: Invalid value: {\"Capabilities\":null,\"Privileged\":true,\"SELinuxOptions\":null,\"WindowsOptions\":null,\"RunAsUser\":null,\"RunAsGroup\":null,\"RunAsNonRoot\":null,\"ReadOnlyRootFilesystem\":null,\"AllowPrivilegeEscalation\":false,\"ProcMount\":null,\"SeccompProfile\":null,\"AppArmorProfile\":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true")]
    public void Containers(string container, string expected) =>
        Errors(expected, errors => PodValidation.Validate(null!, Patched(Pod, "{\"spec\":{\"containers\":[{" + container + "}]}}"), errors));

    [Theory]
    [InlineData("""{"spec":{"tolerations":[{"key":"k","operator":"Exists"}],"activeDeadlineSeconds":5}}""", "")]
    [InlineData("""{"spec":{"containers":[]}}""", "spec.containers: Required value|spec.containers: Forbidden: pod updates may not add or remove containers")]
    [InlineData("""{"spec":{"schedulingGates":[{"name":"example.com/g"}]}}""", "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'example.com/g'")]
    [InlineData("""{"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"}}}""", "metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"x\": must set spec.nodeName if mirror pod annotation is set|metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation")]
    public void Update(string patch, string expected) => Errors(expected, errors => PodValidation.ValidateUpdate(null!, Patched(Pod, patch), Parse(Pod), errors));

    [Fact]
    public void Other_fields_do_not_change_and_the_message_shows_which()
    {
        var errors = new KubeSharp.ApiMachinery.Validation.FieldErrorList();
        PodValidation.ValidateUpdate(null!, Patched(Pod, """{"spec":{"priorityClassName":"high"}}"""), Parse(Pod), errors);
        var message = Assert.Single(errors).Error();
        Assert.StartsWith(NotBackwards + "@@ -", message, StringComparison.Ordinal);
        Assert.Contains("\n- \"PriorityClassName\": \"\",\n+ \"PriorityClassName\": \"high\",\n", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"spec":{"schedulingGates":[{"name":"example.com/g"}],"nodeSelector":{"a":"b","c":"d"}}}""", "")]
    [InlineData("""{"spec":{"schedulingGates":[{"name":"example.com/g"}],"nodeSelector":{"a":"x"}}}""", "spec.nodeSelector: Invalid value: {\"a\":\"x\"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)")]
    public void A_gated_pod_may_be_narrowed(string patch, string expected)
    {
        var old = Patched(Pod, """{"spec":{"schedulingGates":[{"name":"example.com/g"}],"nodeSelector":{"a":"b"}}}""");
        Errors(expected, errors => PodValidation.ValidateUpdate(null!, Patched(Pod, patch), old, errors));
    }

    [Theory]
    [InlineData("""{"status":{"podIPs":[{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]}}""", "status.podIPs: Invalid value: [{\"IP\":\"10.0.0.1\"},{\"IP\":\"10.0.0.2\"}]: may specify no more than one IP for each IP family")]
    [InlineData("""{"status":{"qosClass":"Burstable"}}""", "status.qosClass: Invalid value: \"Burstable\": field is immutable")]
    [InlineData("""{"status":{"conditions":[{"type":"a b"}]}}""", "status.conditions[0].Type: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")]
    public void Status(string patch, string expected) => Errors(expected, errors => PodStatusValidation.ValidateUpdate(null!, Patched(Pod, patch), Parse(Pod), errors));

    [Fact]
    public void An_ended_container_does_not_run_again_where_nothing_restarts_it()
    {
        var old = Patched(Pod, """{"spec":{"restartPolicy":"OnFailure"},"status":{"containerStatuses":[{"name":"c","state":{"terminated":{"exitCode":0}}}]}}""");
        var now = Patched(Pod, """{"spec":{"restartPolicy":"OnFailure"},"status":{"containerStatuses":[{"name":"c","state":{"running":{}}}]}}""");
        Errors("status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state", errors => PodStatusValidation.ValidateUpdate(null!, now, old, errors));
    }

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"c","image":"i:1","terminationMessagePolicy":"File","imagePullPolicy":"Always","resources":{"requests":{"cpu":"2","memory":"1Gi"}}}]}}""", "")]
    [InlineData("""{"spec":{"containers":[{"name":"c","image":"i:1","terminationMessagePolicy":"File","imagePullPolicy":"Always","resources":{"requests":{"cpu":"2"}}}]}}""", "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed")]
    [InlineData("""{"spec":{"containers":[{"name":"d","image":"i:1","terminationMessagePolicy":"File","imagePullPolicy":"Always","resources":{"requests":{"cpu":"1","memory":"1Gi"}}}]}}""", "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize")]
    public void Resize(string patch, string expected)
    {
        var old = Patched(Pod, """{"spec":{"containers":[{"name":"c","image":"i:1","terminationMessagePolicy":"File","imagePullPolicy":"Always","resources":{"requests":{"cpu":"1","memory":"1Gi"}}}]},"status":{"qosClass":"Burstable"}}""");
        Errors(expected, errors => PodResizeChange.Validate(errors, Patched(Pod, patch), old));
    }

    [Fact]
    public void Ephemeral_containers_stay_as_they_are()
    {
        var old = Patched(Pod, """{"spec":{"ephemeralContainers":[{"name":"d","image":"i:1","terminationMessagePolicy":"File","imagePullPolicy":"Always"}]}}""");
        Errors("spec.ephemeralContainers: Forbidden: existing ephemeral containers \"d\" may not be removed\n", errors => EphemeralContainersChange.Validate(errors, Parse(Pod), old));
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a.b"}}""", "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]")]
    [InlineData("""{"spec":{"nodeSelector":{"beta.kubernetes.io/os":"x"}}}""", "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead")]
    [InlineData("""{"spec":{"volumes":[{"name":"g","gitRepo":{}}]}}""", "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+")]
    [InlineData("""{"spec":{"volumes":[{"name":"s","secret":{"secretName":"x","items":[{"key":"a","path":"p"},{"key":"b","path":"p/q"}]}}]}}""", "volume \"s\" (Secret \"x\"): overlapping paths: \"p/q\" with \"p\"")]
    [InlineData("""{"spec":{"imagePullSecrets":[{"name":"a"},{"name":"a"}]}}""", "spec.imagePullSecrets[1].name: duplicate name \"a\"")]
    [InlineData("""{"spec":{"containers":[{"name":"c","env":[{"name":"A","value":"1"},{"name":"A","value":"$(A)2"},{"name":"A","value":"3"}]}]}}""", "spec.containers[0].env[2]: hides previous definition of \"A\", which may be dropped when using apply")]
    [InlineData("""{"spec":{"containers":[{"name":"c","ports":[{"containerPort":1,"protocol":"TCP"},{"containerPort":1,"protocol":"TCP","hostPort":2}]}]}}""", "spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]")]
    public void Warn(string patch, string expected) => Warnings(expected, context => PodWarnings.ForPod(context, Patched(Pod, patch)));

    [Theory]
    [InlineData("nginx", "Always")]
    [InlineData("nginx:latest@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "Always")]
    [InlineData("nginx@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "IfNotPresent")]
    [InlineData("localhost:5000/a/b:1", "IfNotPresent")]
    [InlineData("Not An Image", "IfNotPresent")]
    public void Pull_policies_depend_on_the_tag(string image, string expected) => Assert.Equal(expected, ImageReference.PullPolicy(image));
}
