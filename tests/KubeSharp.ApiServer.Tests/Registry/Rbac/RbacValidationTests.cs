using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Rbac;

namespace KubeSharp.ApiServer.Tests.Registry.Rbac;

/// <summary>Roles and bindings (pkg/apis/rbac/validation/validation.go).</summary>
public sealed class RbacValidationTests
{
    [Theory]
    [InlineData("""{"metadata":{"name":"r","namespace":"n"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}""", "")]
    [InlineData("""{"metadata":{"name":"system:r","namespace":"n"}}""", "")]
    [InlineData("""{"metadata":{"name":"a/b","namespace":"n"}}""", "metadata.name: Invalid value: \"a/b\": may not contain '/'")]
    [InlineData("""{"metadata":{"name":"r","namespace":"n"},"rules":[{}]}""", "rules[0].verbs: Required value: verbs must contain at least one value|rules[0].apiGroups: Required value: resource rules must supply at least one api group|rules[0].resources: Required value: resource rules must supply at least one resource")]
    [InlineData("""{"metadata":{"name":"r","namespace":"n"},"rules":[{"verbs":["get"],"nonResourceURLs":["/x"],"apiGroups":[""]}]}""", "rules[0].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs|rules[0].nonResourceURLs: Invalid value: [\"/x\"]: rules cannot apply to both regular resources and non-resource URLs")]
    public void Role(string json, string expected) => AssertErrors(expected, errors => RoleValidation.Validate(null!, Parse(json), errors));

    [Theory]
    [InlineData("""{"metadata":{"name":"r"},"aggregationRule":{}}""", "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil")]
    [InlineData("""{"metadata":{"name":"r"},"rules":[{"verbs":["get"],"nonResourceURLs":["/x"]}]}""", "")]
    public void ClusterRole(string json, string expected) => AssertErrors(expected, errors => RoleValidation.ValidateClusterRole(null!, Parse(json), errors));

    [Theory]
    [InlineData("""{"metadata":{"name":"b","namespace":"n"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"a"}]}""", "")]
    [InlineData("""{"metadata":{"name":"b","namespace":"n"}}""", "roleRef.apiGroup: Unsupported value: \"\": supported values: \"rbac.authorization.k8s.io\"|roleRef.kind: Unsupported value: \"\": supported values: \"Role\", \"ClusterRole\"|roleRef.name: Required value")]
    [InlineData("""{"metadata":{"name":"b","namespace":"n"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"User","name":""},{"kind":"Robot","name":"x"},{"kind":"ServiceAccount","name":"A","apiGroup":"g"}]}""", "subjects[0].name: Required value|subjects[0].apiGroup: Unsupported value: \"\": supported values: \"rbac.authorization.k8s.io\"|subjects[1].kind: Unsupported value: \"Robot\": supported values: \"ServiceAccount\", \"User\", \"Group\"|subjects[2].name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')|subjects[2].apiGroup: Unsupported value: \"g\": supported values: \"\"")]
    public void RoleBinding(string json, string expected) => AssertErrors(expected, errors => RoleBindingValidation.Validate(null!, Parse(json), errors));

    [Fact]
    public void A_binding_keeps_its_role()
    {
        const string Old = """{"metadata":{"name":"b","resourceVersion":"1"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"a"}]}""";
        AssertErrors(
            "subjects[0].namespace: Required value|roleRef: Invalid value: {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"ClusterRole\",\"Name\":\"s\"}: cannot change roleRef",
            errors => RoleBindingValidation.ValidateClusterUpdate(null!, Parse(Old.Replace("\"r\"", "\"s\"", StringComparison.Ordinal)), Parse(Old), errors));
    }

    private static void AssertErrors(string expected, Action<FieldErrorList> validate)
    {
        var errors = new FieldErrorList();
        validate(errors);
        Assert.Equal(expected, string.Join('|', errors.Select(e => e.Error())));
    }

    private static Map Parse(string json) => JsonDecoder.DecodeValue(System.Text.Encoding.UTF8.GetBytes(json)).AsMap!;
}
