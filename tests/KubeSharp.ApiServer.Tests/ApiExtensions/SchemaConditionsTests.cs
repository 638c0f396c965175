using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.ApiExtensions;

namespace KubeSharp.ApiServer.Tests.ApiExtensions;

/// <summary>What a definition is told of its schema and its group (apiextensions-apiserver/pkg/controller/nonstructuralschema,
/// pkg/controller/apiapproval, pkg/apihelpers/helpers.go; v1.36).</summary>
public sealed class SchemaConditionsTests
{
    private const string Url = "see https://github.com/kubernetes/enhancements/pull/1111";

    [Theory]
    [InlineData("", "False", "MissingAnnotation", $"protected groups must have approval annotation \"api-approved.kubernetes.io\", {Url}")]
    [InlineData("unapproved, testing", "False", "UnapprovedAnnotation", "not approved: \"unapproved, testing\"")]
    [InlineData("https://github.com/kubernetes/kubernetes/pull/1", "True", "ApprovedAnnotation", "approved in https://github.com/kubernetes/kubernetes/pull/1")]
    [InlineData("yes", "False", "InvalidAnnotation", $"protected groups must have approval annotation \"api-approved.kubernetes.io\" with either a URL or a reason starting with \"unapproved\", {Url}")]
    public void A_protected_group_needs_approval(string annotation, string status, string reason, string message)
    {
        var definition = Read($$"""{"metadata":{"annotations":{"api-approved.kubernetes.io":"{{annotation}}"} },"spec":{"group":"x.k8s.io","versions":[]} }""");

        var applied = SchemaConditions.Apply(definition, "now")!;

        var condition = DefinitionConditions.Find(applied, "KubernetesAPIApprovalPolicyConformant")!;
        Assert.Equal((status, reason, message), (condition.GetString("status"), condition.GetString("reason"), condition.GetString("message")));
        Assert.Null(SchemaConditions.Apply(applied, "later"));
    }

    [Fact]
    public void Other_groups_need_none() => Assert.Null(SchemaConditions.Apply(Read("""{"spec":{"group":"example.com","versions":[]}}"""), "now"));

    [Fact]
    public void A_schema_that_is_not_structural_is_told_until_it_is()
    {
        const string Schema = """{"name":"v1","schema":{"openAPIV3Schema":{"type":"object","properties":{"a":{}}}}}""";
        var told = SchemaConditions.Apply(Read($$"""{"spec":{"group":"example.com","preserveUnknownFields":true,"versions":[{{Schema}}]} }"""), "now")!;

        var condition = DefinitionConditions.Find(told, "NonStructuralSchema")!;
        Assert.Equal("True", condition.GetString("status"));
        Assert.Equal(
            "[spec.preserveUnknownFields: Invalid value: true: must be false, spec.versions[0].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields]",
            condition.GetString("message"));

        told.Set("spec", Read("""{"group":"example.com","versions":[{"name":"v1","schema":{"openAPIV3Schema":{"type":"object"}}}]}"""));
        Assert.Null(DefinitionConditions.Find(SchemaConditions.Apply(told, "later")!, "NonStructuralSchema"));
    }

    private static Map Read(string json) => JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json)).AsMap!;
}
