using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Tests.Authorization;

/// <summary>RBAC, impersonation and escalation over the wire; texts as the real server gives them.</summary>
public sealed class AuthorizationTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_binding_gives_rights_and_its_removal_takes_them()
    {
        await CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"reads-pods"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["list"]}]}""");
        var denied = await SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/pods", null, "ann");
        Assert.Equal("pods is forbidden: User \"ann\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"", denied["message"]!.GetValue<string>());

        await CreateAsync("/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", """{"metadata":{"name":"reads-pods"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"reads-pods"},"subjects":[{"kind":"User","name":"ann"}]}""");
        await CaughtUpAsync();
        Assert.Equal("PodList", (await SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/pods", null, "ann"))["kind"]!.GetValue<string>());
        Assert.Equal(403, (await SendAsync(HttpMethod.Get, "/api/v1/pods", null, "ann"))["code"]!.GetValue<int>());

        await SendAsync(HttpMethod.Delete, "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/reads-pods", null);
        await CaughtUpAsync();
        Assert.Equal(403, (await SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/pods", null, "ann"))["code"]!.GetValue<int>());
    }

    [Fact]
    public async Task Nobody_grants_what_he_lacks()
    {
        await CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"makes-roles"},"rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"],"verbs":["create"]},{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}""");
        await CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """{"metadata":{"name":"makes-roles"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"makes-roles"},"subjects":[{"kind":"Group","name":"role-makers"}]}""");
        await CaughtUpAsync();
        const string Roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";
        var own = await SendAsync(HttpMethod.Post, Roles, """{"metadata":{"name":"own"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}""", "joe", "role-makers");
        Assert.Equal("Role", own["kind"]!.GetValue<string>());

        var more = await SendAsync(HttpMethod.Post, Roles, """{"metadata":{"name":"more"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get","delete","list"]}]}""", "joe", "role-makers");
        Assert.Equal("roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"joe\" (groups=[\"role-makers\" \"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\" \"list\"]}", more["message"]!.GetValue<string>());

        var binding = await SendAsync(HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", """{"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"absent"}}""", "joe", "role-makers");
        Assert.Equal("roles.rbac.authorization.k8s.io \"absent\" not found", binding["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Impersonation_must_be_allowed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/pods");
        request.Headers.Add("Impersonate-Group", "g1");
        using var response = await fixture.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        var status = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("requested &user.DefaultInfo{Name:\"\", UID:\"\", Groups:[]string{\"g1\"}, Extra:map[string][]string(nil)} without impersonating a user name", status["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Rules_of_a_user_are_listed()
    {
        var review = await SendAsync(HttpMethod.Post, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", """{"spec":{"namespace":"default"}}""", "eve");
        var rules = review["status"]!["resourceRules"]!.AsArray();
        Assert.Contains(rules, r => r!["resources"]!.AsArray().Any(x => x!.GetValue<string>() == "selfsubjectrulesreviews"));
        Assert.False(review["status"]!["incomplete"]!.GetValue<bool>());
    }

    [Fact]
    public void A_decision_that_allows_allocates_nothing()
    {
        var authorizer = fixture.Server.Server.Authorizer;
        var user = new UserInfo("eve", "", ["system:authenticated"]);
        var request = new RequestInfo { Path = "/version", Verb = "get" };
        Assert.Equal(Decision.Allow, authorizer.Authorize(user, request).Decision);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            authorizer.Authorize(user, request);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Decisions are made on the watch caches, which may be a moment behind the answer to a write.</summary>
    private async Task CaughtUpAsync() => await fixture.Server.Server.Feed.WaitForCurrentAsync(TestContext.Current.CancellationToken);

    private async Task CreateAsync(string path, string body) => Assert.NotEqual("Status", (await SendAsync(HttpMethod.Post, path, body))["kind"]!.GetValue<string>());

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body, string user = "", params string[] groups)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (user.Length > 0)
            request.Headers.Add("Impersonate-User", user);
        foreach (var group in groups)
            request.Headers.Add("Impersonate-Group", group);
        using var response = await fixture.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }
}
