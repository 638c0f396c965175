using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Scheduling;

namespace KubeSharp.ApiServer.Tests.Registry.Scheduling;

/// <summary>Cases of the declarative validation tests of workloads and pod groups (pkg/registry/scheduling/{workload,podgroup}, v1.36).</summary>
public sealed class WorkloadValidationTests
{
    private const string Workload = """{"metadata":{"name":"w","namespace":"n","resourceVersion":"1"},"spec":{"podGroupTemplates":[{"name":"t","schedulingPolicy":{"basic":{}}}]}}""";
    private const string Group = """{"metadata":{"name":"g","namespace":"n","resourceVersion":"1"},"spec":{"schedulingPolicy":{"gang":{"minCount":2}}}}""";

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"podGroupTemplates":[]}}""", "spec.podGroupTemplates: Required value")]
    [InlineData("""{"spec":{"podGroupTemplates":[{"schedulingPolicy":{"basic":{}}}]}}""", "spec.podGroupTemplates[0].name: Required value")]
    [InlineData("""{"spec":{"podGroupTemplates":[{"name":"t","schedulingPolicy":{}}]}}""", "spec.podGroupTemplates[0].schedulingPolicy: Invalid value: \"\": must specify one of: `basic`, `gang`")]
    [InlineData("""{"spec":{"podGroupTemplates":[{"name":"t","schedulingPolicy":{"basic":{},"gang":{"minCount":1}}}]}}""", "spec.podGroupTemplates[0].schedulingPolicy: Invalid value: \"{basic, gang}\": must specify exactly one of: `basic`, `gang`")]
    [InlineData("""{"spec":{"podGroupTemplates":[{"name":"t","schedulingPolicy":{"gang":{"minCount":-1}}}]}}""", "spec.podGroupTemplates[0].schedulingPolicy.gang.minCount: Invalid value: -1: must be greater than or equal to 1")]
    [InlineData("""{"spec":{"podGroupTemplates":[{"name":"t","schedulingPolicy":{"gang":{}}}]}}""", "spec.podGroupTemplates[0].schedulingPolicy.gang.minCount: Required value")]
    [InlineData("""{"spec":{"controllerRef":{"kind":"","name":"a/b"}}}""", "spec.controllerRef.kind: Required value|spec.controllerRef.name: Invalid value: \"a/b\": may not contain '/'")]
    public void Workloads(string patch, string expected) =>
        ValidationAssert.Errors(expected, errors => new WorkloadStrategy().Validate(null!, ValidationAssert.Patched(Workload, patch), errors));

    [Fact]
    public void Too_many_templates_and_equal_names()
    {
        static string Templates(int count, bool same) => $$$"""{"spec":{"podGroupTemplates":[{{{string.Join(',', Enumerable.Range(0, count).Select(i => $$$$"""{"name":"t{{{{(same ? 0 : i)}}}}","schedulingPolicy":{"basic":{}}}"""))}}}]}}""";

        ValidationAssert.Errors("spec.podGroupTemplates: Too many: 9: must have at most 8 items", errors => new WorkloadStrategy().Validate(null!, ValidationAssert.Patched(Workload, Templates(9, false)), errors));
        ValidationAssert.Errors("", errors => new WorkloadStrategy().Validate(null!, ValidationAssert.Patched(Workload, Templates(8, false)), errors));
        var found = new FieldErrorList();
        new WorkloadStrategy().Validate(null!, ValidationAssert.Patched(Workload, Templates(2, true)), found);
        var only = Assert.Single(found);
        Assert.Equal((FieldErrorType.Duplicate, "spec.podGroupTemplates[1]"), (only.Type, only.Field));
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"podGroupTemplates":[{"name":"u","schedulingPolicy":{"basic":{}}}]}}""", "spec.podGroupTemplates: Invalid value: null: field is immutable")]
    [InlineData("""{"spec":{"controllerRef":{"kind":"K","name":"n"}}}""", "spec.controllerRef: Invalid value: null: field is immutable")]
    public void Workloads_do_not_change(string patch, string expected) =>
        ValidationAssert.Errors(expected, errors => new WorkloadStrategy().ValidateUpdate(null!, ValidationAssert.Patched(Workload, patch), ValidationAssert.Parse(Workload), errors));

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"schedulingPolicy":null}}""", "spec.schedulingPolicy: Invalid value: \"\": must specify one of: `basic`, `gang`")]
    [InlineData("""{"spec":{"podGroupTemplateRef":{}}}""", "spec.podGroupTemplateRef: Invalid value: \"\": must specify one of: `workload`")]
    [InlineData("""{"spec":{"podGroupTemplateRef":{"workload":{"workloadName":"w"}}}}""", "spec.podGroupTemplateRef.workload.podGroupTemplateName: Required value")]
    public void PodGroups(string patch, string expected) =>
        ValidationAssert.Errors(expected, errors => new PodGroupStrategy().Validate(null!, ValidationAssert.Patched(Group, patch), errors));

    [Fact]
    public void Fields_of_gates_that_are_off_are_dropped_unless_they_were_there()
    {
        var group = ValidationAssert.Patched(Group, """{"spec":{"priority":5,"disruptionMode":"Pod"}}""");
        new PodGroupStrategy().PrepareForCreate(null!, group);
        Assert.False(group.GetMap("spec")!.ContainsKey("priority"));
        Assert.False(group.GetMap("spec")!.ContainsKey("disruptionMode"));

        var old = ValidationAssert.Patched(Group, """{"spec":{"priority":5}}""");
        var kept = old.DeepClone();
        new PodGroupStrategy().PrepareForUpdate(null!, kept, old);
        Assert.Equal(5, kept.GetMap("spec")!.GetInteger("priority"));
        var changed = ValidationAssert.Patched(Group, """{"spec":{"priority":6}}""");
        ValidationAssert.Errors("spec.priority: Forbidden", errors => new PodGroupStrategy().ValidateUpdate(null!, changed, old, errors));
    }

    [Fact]
    public void Statuses_of_claims_name_claims()
    {
        var obj = ValidationAssert.Patched(Group, """{"status":{"resourceClaimStatuses":[{"name":"c","resourceClaimName":"C"}]}}""");
        ValidationAssert.Errors(
            "status.resourceClaimStatuses[0].name: Invalid value: \"c\": must match the name of an entry in `spec.resourceClaims`|status.resourceClaimStatuses[0].resourceClaimName: Invalid value: \"C\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            errors => new PodGroupStrategy().ValidateStatusUpdate(null!, obj, ValidationAssert.Parse(Group), errors));
    }
}
