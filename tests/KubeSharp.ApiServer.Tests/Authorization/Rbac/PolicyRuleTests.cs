using KubeSharp.ApiServer.Authorization.Rbac;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Tests.Authorization.Rbac;

/// <summary>What a rule allows (pkg/apis/rbac/v1/evaluation_helpers.go, plugin/pkg/auth/authorizer/rbac/rbac_test.go TestRuleMatches).</summary>
public sealed class PolicyRuleTests
{
    [Theory]
    [InlineData("star verb", "*", "g", "r", "", "get", "g", "r", "", "", true)]
    [InlineData("star group", "get", "*", "r", "", "get", "g", "r", "", "", true)]
    [InlineData("star resource", "get", "g", "*", "", "get", "g", "r", "s", "", true)]
    [InlineData("other verb", "get", "g", "r", "", "list", "g", "r", "", "", false)]
    [InlineData("other group", "get", "g", "r", "", "get", "h", "r", "", "", false)]
    [InlineData("a resource is not its subresource", "get", "g", "r", "", "get", "g", "r", "s", "", false)]
    [InlineData("exact subresource", "get", "g", "r/s", "", "get", "g", "r", "s", "", true)]
    [InlineData("a subresource is not its resource", "get", "g", "r/s", "", "get", "g", "r", "", "", false)]
    [InlineData("any resource's subresource", "get", "g", "*/s", "", "get", "g", "r", "s", "", true)]
    [InlineData("another subresource", "get", "g", "*/s", "", "get", "g", "r", "t", "", false)]
    [InlineData("a resource's every subresource is no notation", "get", "g", "r/*", "", "get", "g", "r", "s", "", false)]
    [InlineData("name", "get", "g", "r", "n", "get", "g", "r", "", "n", true)]
    [InlineData("other name", "get", "g", "r", "n", "get", "g", "r", "", "m", false)]
    [InlineData("name not told", "list", "g", "r", "n", "list", "g", "r", "", "", false)]
    public void Resources(string label, string verbs, string groups, string resources, string names, string verb, string group, string resource, string subresource, string name, bool allowed)
    {
        var rule = new PolicyRule(verbs.Split(','), groups.Split(','), resources.Split(','), names.Length > 0 ? names.Split(',') : [], []);
        var request = new RequestInfo { IsResourceRequest = true, Path = "", Verb = verb, ApiGroup = group, Resource = resource, Subresource = subresource, Name = name };
        Assert.True(allowed == rule.Allows(request), label);
    }

    [Theory]
    [InlineData("*", "/anything", true)]
    [InlineData("/apis", "/apis", true)]
    [InlineData("/apis", "/apis/apps", false)]
    [InlineData("/apis/*", "/apis/apps", true)]
    [InlineData("/apis/*", "/apis", false)]
    [InlineData("/logs*", "/logs/x", true)]
    public void Paths(string pattern, string path, bool allowed) =>
        Assert.Equal(allowed, new PolicyRule(["get"], [], [], [], [pattern]).Allows(new RequestInfo { Path = path, Verb = "get" }));
}
