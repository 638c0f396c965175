using KubeSharp.ApiServer.Authorization.Rbac;

namespace KubeSharp.ApiServer.Tests.Authorization.Rbac;

/// <summary>Which permissions are missing, and how they are told (component-helpers/auth/rbac/validation/policy_comparator_test.go,
/// pkg/registry/rbac/validation/policy_compact_test.go).</summary>
public sealed class RuleCoverageTests
{
    private static PolicyRule Rule(string verbs, string groups, string resources, string names = "") =>
        new(verbs.Split(','), groups.Split(','), resources.Split(','), names.Length > 0 ? names.Split(',') : [], []);

    private static PolicyRule Path(string verbs, string urls) => new(verbs.Split(','), [], [], [], urls.Split(','));

    public static TheoryData<string, string> Cases => new()
    {
        { "exact match", "" },
        { "subresources of all", "" },
        { "verbs split over owners", "" },
        { "missing verbs are told together", """{APIGroups:["v1"], Resources:["deployments"], Verbs:["delete" "create"]}""" },
        { "names are needed where the owner has names", """{APIGroups:[""], Resources:["pods"], Verbs:["get"]}""" },
        { "a name of its own", """{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}""" },
        { "path below a star", "" },
        { "other path", """{NonResourceURLs:["/x"], Verbs:["get"]}""" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Missing(string label, string expected)
    {
        (PolicyRule[] Owned, PolicyRule[] Wanted) = label switch
        {
            "exact match" => ((PolicyRule[])[Rule("get", "v1", "pods")], (PolicyRule[])[Rule("get", "v1", "pods")]),
            "subresources of all" => ([Rule("update", "", "*/scale")], [Rule("update", "", "foo/scale")]),
            "verbs split over owners" => ([Rule("get", "", "pods"), Rule("list", "*", "pods")], [Rule("get,list", "", "pods")]),
            "missing verbs are told together" => ([Rule("get", "v1", "deployments")], [Rule("delete,get,create", "v1", "deployments")]),
            "names are needed where the owner has names" => ([Rule("get", "", "pods", "a")], [Rule("get", "", "pods")]),
            "a name of its own" => ([Rule("get", "", "pods", "a")], [Rule("get", "", "pods", "a,b")]),
            "path below a star" => ([Path("get", "/apis/*")], [Path("get", "/apis/x")]),
            _ => ([Path("get", "/apis/*")], [Path("get", "/x")]),
        };
        Assert.Equal(expected, RuleCoverage.Describe(RuleCoverage.Missing(Owned, Wanted)));
    }

    [Fact]
    public void Groups_are_quoted_as_Go_does() => Assert.Equal("""["dev" "system:authenticated"]""", RuleCoverage.Quoted(["dev", "system:authenticated"]));
}
