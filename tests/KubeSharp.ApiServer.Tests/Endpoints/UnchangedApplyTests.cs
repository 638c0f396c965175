using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.Testing;
using Xunit;

namespace KubeSharp.ApiServer.Tests.Endpoints;

/// <summary>The same configuration applied again: answered from memory where that is right, and only there.</summary>
public sealed class UnchangedApplyTests(ServerFixture fixture)
{
    private const string Config = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"},"data":{"a":"1"}}""";

    private const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"a":"b"}},
        "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_again_is_the_same_object_each_time()
    {
        var path = "/api/v1/namespaces/default/configmaps/apply-same";
        var (status, first) = await ApplyAsync(path, Named("apply-same"));
        Assert.Equal(HttpStatusCode.Created, status);
        for (var i = 0; i < 3; i++)
        {
            var (again, text) = await ApplyAsync(path, Named("apply-same"));
            Assert.Equal((HttpStatusCode.OK, first), (again, text));
        }
    }

    [Fact]
    public async Task What_others_changed_is_seen()
    {
        var path = "/api/v1/namespaces/default/configmaps/apply-changed";
        await RepeatAsync(path, Named("apply-changed"));

        await SendAsync("PATCH", path, """{"metadata":{"labels":{"by":"another"}}}""", "application/merge-patch+json");
        var (_, kept) = await ApplyAsync(path, Named("apply-changed"));
        Assert.Equal("another", JsonNode.Parse(kept)!["metadata"]!["labels"]!["by"]!.GetValue<string>());

        await SendAsync("PATCH", path + "?fieldManager=other", """{"data":{"a":"2"}}""", "application/merge-patch+json");
        var (conflict, refused) = await ApplyAsync(path, Named("apply-changed"));
        Assert.Equal(HttpStatusCode.Conflict, conflict);
        Assert.Contains("conflict with \\\"other\\\" using v1", refused, StringComparison.Ordinal);
        var (_, forced) = await ApplyAsync(path, Named("apply-changed"), "&force=true");
        Assert.Equal("1", JsonNode.Parse(forced)!["data"]!["a"]!.GetValue<string>());

        await SendAsync("DELETE", path, "");
        var (recreated, _) = await ApplyAsync(path, Named("apply-changed"));
        Assert.Equal(HttpStatusCode.Created, recreated);
    }

    [Fact]
    public async Task Another_manager_another_body_or_other_options_are_another_question()
    {
        var path = "/api/v1/namespaces/default/configmaps/apply-other";
        await RepeatAsync(path, Named("apply-other"));

        var (_, second) = await ApplyAsync(path, Named("apply-other"), manager: "second");
        Assert.Equal(["first", "second"], Managers(second));
        var (_, fewer) = await ApplyAsync(path, Named("apply-other").Replace("\"a\":\"1\"", "", StringComparison.Ordinal), manager: "second");
        Assert.Equal("1", JsonNode.Parse(fewer)!["data"]!["a"]!.GetValue<string>());
        Assert.Contains("\"manager\":\"second\"", fewer, StringComparison.Ordinal);

        // Twice the same key: a warning unless it is to be ignored, each time.
        var twice = Named("apply-other").Replace("\"a\":\"1\"", "\"a\":\"1\",\"a\":\"1\"", StringComparison.Ordinal);
        await ApplyAsync(path, twice, "&fieldValidation=Ignore");
        await ApplyAsync(path, twice, "&fieldValidation=Ignore");
        for (var i = 0; i < 2; i++)
        {
            using var warned = await RequestAsync("PATCH", path + "?fieldManager=first&fieldValidation=Warn", twice, "application/apply-patch+yaml");
            Assert.Single(warned.Headers.GetValues("Warning"));
        }

        var (strict, _) = await ApplyAsync(path, twice, "&fieldValidation=Strict");
        Assert.Equal(HttpStatusCode.BadRequest, strict);
    }

    [Fact]
    public async Task Admission_is_asked_each_time()
    {
        await SendAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"apply-admission"}}""");
        var path = "/apis/apps/v1/namespaces/apply-admission/deployments/web";
        await RepeatAsync(path, Deployment);

        await SendAsync("PATCH", "/api/v1/namespaces/apply-admission", """{"metadata":{"labels":{"pod-security.kubernetes.io/warn":"restricted"}}}""", "application/merge-patch+json");
        for (var i = 0; i < 2; i++)
        {
            using var response = await RequestAsync("PATCH", path + "?fieldManager=first", Deployment, "application/apply-patch+yaml");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains("would violate PodSecurity", Assert.Single(response.Headers.GetValues("Warning")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_object_and_its_status_are_two_questions()
    {
        await RepeatAsync("/apis/apps/v1/namespaces/default/deployments/web", Deployment);
        var (status, text) = await ApplyAsync("/apis/apps/v1/namespaces/default/deployments/web/status", Deployment.Replace("\"spec\":{\"selector", "\"status\":{\"replicas\":3},\"spec\":{\"selector", StringComparison.Ordinal));
        Assert.True(status == HttpStatusCode.OK, text);
        Assert.Equal(3, JsonNode.Parse(text)!["status"]!["replicas"]!.GetValue<int>());
        var (_, same) = await ApplyAsync("/apis/apps/v1/namespaces/default/deployments/web", Deployment);
        Assert.Equal(text, same);
    }

    private static string Named(string name) => Config.Replace("NAME", name, StringComparison.Ordinal);

    private static IEnumerable<string> Managers(string text) => JsonNode.Parse(text)!["metadata"]!["managedFields"]!.AsArray().Select(m => m!["manager"]!.GetValue<string>()).Order(StringComparer.Ordinal);

    /// <summary>Applies until the answer comes from memory.</summary>
    private async Task RepeatAsync(string path, string body)
    {
        for (var i = 0; i < 3; i++)
        {
            var (status, text) = await ApplyAsync(path, body);
            Assert.True(status == (i == 0 ? HttpStatusCode.Created : HttpStatusCode.OK), text);
        }
    }

    private Task<(HttpStatusCode Status, string Text)> ApplyAsync(string path, string body, string query = "", string manager = "first") =>
        SendAsync("PATCH", $"{path}?fieldManager={manager}{query}", body, "application/apply-patch+yaml");

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(string method, string path, string body, string contentType = "application/json")
    {
        using var response = await RequestAsync(method, path, body, contentType);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop));
    }

    private async Task<HttpResponseMessage> RequestAsync(string method, string path, string body, string contentType)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, contentType) };
        return await fixture.Admin.SendAsync(request, Stop);
    }
}
