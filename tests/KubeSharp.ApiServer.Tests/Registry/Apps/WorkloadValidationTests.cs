using KubeSharp.ApiServer.Registry.Apps;
using KubeSharp.ApiServer.Registry.Core;
using static KubeSharp.ApiServer.Tests.Registry.ValidationAssert;

namespace KubeSharp.ApiServer.Tests.Registry.Apps;

/// <summary>Workloads (pkg/apis/apps/validation/validation.go).</summary>
public sealed class WorkloadValidationTests
{
    private const string Template = """
        "template":{"metadata":{"labels":{"app":"a"}},"spec":{"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst",
        "containers":[{"name":"c","image":"i:1","terminationMessagePolicy":"File","imagePullPolicy":"Always"}]}}
        """;

    private const string Deployment = "{\"metadata\":{\"name\":\"d\",\"namespace\":\"n\",\"resourceVersion\":\"1\"},\"spec\":{\"replicas\":1,\"selector\":{\"matchLabels\":{\"app\":\"a\"}},"
        + "\"strategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":\"25%\",\"maxSurge\":\"25%\"}},\"progressDeadlineSeconds\":600," + Template + "}}";

    private const string StatefulSet = "{\"metadata\":{\"name\":\"s\",\"namespace\":\"n\",\"resourceVersion\":\"1\"},\"spec\":{\"replicas\":1,\"selector\":{\"matchLabels\":{\"app\":\"a\"}},"
        + "\"podManagementPolicy\":\"OrderedReady\",\"updateStrategy\":{\"type\":\"RollingUpdate\"}," + Template + "}}";

    private const string DaemonSet = "{\"metadata\":{\"name\":\"s\",\"namespace\":\"n\",\"resourceVersion\":\"1\"},\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"a\"}},"
        + "\"updateStrategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":1,\"maxSurge\":0}}," + Template + "}}";

    private const string Controller = "{\"metadata\":{\"name\":\"r\",\"namespace\":\"n\",\"resourceVersion\":\"1\"},\"spec\":{\"replicas\":1,\"selector\":{\"app\":\"a\"}," + Template + "}}";

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"selector":null}}""", "spec.selector: Required value|spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`")]
    [InlineData("""{"spec":{"selector":{"matchLabels":null}}}""", "spec.selector: Invalid value: {}: empty selector is invalid for deployment")]
    [InlineData("""{"spec":{"strategy":{"type":"Slow"}}}""", "spec.strategy: Unsupported value: {\"Type\":\"Slow\",\"RollingUpdate\":{\"MaxUnavailable\":\"25%\",\"MaxSurge\":\"25%\"}}: supported values: \"Recreate\", \"RollingUpdate\"")]
    [InlineData("""{"spec":{"strategy":{"rollingUpdate":{"maxUnavailable":0,"maxSurge":"0%"}}}}""", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0")]
    [InlineData("""{"spec":{"strategy":{"rollingUpdate":{"maxUnavailable":"101%"}}}}""", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%")]
    [InlineData("""{"spec":{"minReadySeconds":600}}""", "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds")]
    [InlineData("""{"spec":{"template":{"spec":{"restartPolicy":"Never"}}}}""", "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"")]
    public void Deployments(string patch, string expected) => Errors(expected, errors => DeploymentValidation.Validate(null!, Patched(Deployment, patch), errors));

    [Fact]
    public void A_selector_never_changes() => Errors(
        "spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`|spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"b\"}}: field is immutable",
        errors => DeploymentValidation.ValidateUpdate(null!, Patched(Deployment, """{"spec":{"selector":{"matchLabels":{"app":"b"}}}}"""), Parse(Deployment), errors));

    [Theory]
    [InlineData("""{"status":{"replicas":1,"readyReplicas":2,"availableReplicas":1}}""", "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas")]
    [InlineData("""{"status":{"replicas":-1}}""", "status.replicas: Invalid value: -1: must be greater than or equal to 0|status.updatedReplicas: Invalid value: 0: cannot be greater than status.replicas|status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas|status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas")]
    public void Statuses(string patch, string expected) => Errors(expected, errors => DeploymentValidation.ValidateStatusUpdate(null!, Patched(Deployment, patch), Parse(Deployment), errors));

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"podManagementPolicy":"Fast"}}""", "spec.podManagementPolicy: Invalid value: \"Fast\": must be 'OrderedReady' or 'Parallel'")]
    [InlineData("""{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":{"partition":1}}}}""", "spec.updateStrategy.rollingUpdate: Invalid value: {\"Partition\":1,\"MaxUnavailable\":null}: only allowed for updateStrategy 'RollingUpdate'")]
    [InlineData("""{"spec":{"ordinals":{"start":-1}}}""", "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("""{"spec":{"template":{"spec":{"hostname":"Not A Name"}}}}""", "")]
    public void StatefulSets(string patch, string expected) => Errors(expected, errors => StatefulSetValidation.Validate(null!, Patched(StatefulSet, patch), errors));

    [Fact]
    public void Little_of_a_stateful_set_changes() => Errors(
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        errors => StatefulSetValidation.ValidateUpdate(null!, Patched(StatefulSet, """{"spec":{"serviceName":"x","replicas":3}}"""), Parse(StatefulSet), errors));

    [Theory]
    [InlineData("""{"spec":{"updateStrategy":{"rollingUpdate":{"maxSurge":1}}}}""", "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero")]
    [InlineData("""{"spec":{"updateStrategy":{"rollingUpdate":{"maxUnavailable":0}}}}""", "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0")]
    [InlineData("""{"spec":{"selector":{"matchLabels":null}}}""", "spec.selector: Invalid value: {}: empty selector is invalid for daemonset")]
    public void DaemonSets(string patch, string expected) => Errors(expected, errors => DaemonSetValidation.Validate(null!, Patched(DaemonSet, patch), errors));

    [Theory]
    [InlineData("""{"spec":{"selector":null,"minReadySeconds":-1}}""", "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0|spec.selector: Required value")]
    [InlineData("""{"spec":{"template":null}}""", "spec.template: Required value")]
    [InlineData("""{"spec":{"template":{"spec":{"activeDeadlineSeconds":1}}}}""", "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported")]
    public void ReplicationControllers(string patch, string expected) => Errors(expected, errors => ReplicationControllerValidation.Validate(null!, Patched(Controller, patch), errors));

    [Theory]
    [InlineData("""{"metadata":{"name":"r","namespace":"n"},"revision":-1}""", "revision: Invalid value: -1: must be greater than or equal to 0|data: Required value: data is mandatory")]
    [InlineData("""{"metadata":{"name":"r","namespace":"n"},"data":[1]}""", "data: Required value: data must be a valid JSON object")]
    public void ControllerRevisions(string json, string expected) => Errors(expected, errors => ControllerRevisionValidation.Validate(null!, Parse(json), errors));
}
