using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Endpoints;

public sealed class ListAndWatchTests(ServerFixture fixture)
{
    private const string Path = "/api/v1/namespaces/lists/configmaps";

    [Fact]
    public async Task A_limited_list_continues_at_its_revision()
    {
        await using var server = await TestApiServer.StartAsync(null, TestContext.Current.CancellationToken);
        using var client = server.AdminClient();
        await CreateNamespaceAsync(client);
        for (var i = 0; i < 25; i++)
            await CreateAsync(client, $"item-{i:00}");
        var first = await GetAsync(client, $"{Path}?limit=10");
        Assert.Equal(15, first["metadata"]!["remainingItemCount"]!.GetValue<int>());
        // A change in between must not show in the pages that follow.
        await CreateAsync(client, "item-99");
        var names = Names(first);
        var page = first;
        while (page["metadata"]!["continue"] is { } token)
        {
            page = await GetAsync(client, $"{Path}?limit=10&continue={token.GetValue<string>()}");
            Assert.Equal(first["metadata"]!["resourceVersion"]!.GetValue<string>(), page["metadata"]!["resourceVersion"]!.GetValue<string>());
            names.AddRange(Names(page));
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"item-{i:00}"), names);
    }

    [Theory]
    [InlineData("?resourceVersion=abc&resourceVersionMatch=Exact", 400, "invalid resource version: resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax")]
    [InlineData("?continue=bogus", 400, "invalid continue token: continue key is not valid: illegal base64 data at input byte 4")]
    [InlineData("?resourceVersion=999999999&resourceVersionMatch=Exact", 504, "Timeout: Too large resource version: 999999999, current: ")]
    [InlineData("?labelSelector=odd%20in%20yes", 400, "unable to parse requirement: found 'yes' expected: '('")]
    [InlineData("?sendInitialEvents=true", 422, "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")]
    public async Task Bad_queries_get_upstreams_words(string query, int code, string message)
    {
        using var response = await fixture.Admin.GetAsync("/api/v1/namespaces/default/configmaps" + query, TestContext.Current.CancellationToken);
        var status = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(code, (int)response.StatusCode);
        Assert.StartsWith(message, status["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_streaming_list_ends_with_its_bookmark()
    {
        await using var server = await TestApiServer.StartAsync(null, TestContext.Current.CancellationToken);
        using var client = server.AdminClient();
        await CreateNamespaceAsync(client);
        await CreateAsync(client, "a");
        await CreateAsync(client, "b");
        var text = await client.GetStringAsync($"{Path}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1", TestContext.Current.CancellationToken);
        var events = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(["ADDED", "ADDED", "BOOKMARK"], events.Take(3).Select(e => e["type"]!.GetValue<string>()));
        Assert.Equal("true", events[2]["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!.GetValue<string>());
    }

    // What kube-apiserver v1.36 answers for no pods at all: the bookmark is a row as any, and the first event has the columns.
    [Theory]
    [InlineData("", """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"RV","annotations":{"k8s.io/initial-events-end":"true"}}}""")]
    [InlineData("None", """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"RV","annotations":{"k8s.io/initial-events-end":"true"}}}""")]
    [InlineData("Object", """{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"RV","annotations":{"k8s.io/initial-events-end":"true"}},"spec":{"containers":null},"status":{}}""")]
    public async Task A_bookmark_in_a_table_is_a_row(string includeObject, string expected)
    {
        var path = $"/api/v1/namespaces/nobody/pods?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1&includeObject={includeObject}";
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("application/json;as=Table;v=v1;g=meta.k8s.io");
        using var response = await fixture.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var table = JsonNode.Parse(text.Split('\n')[0])!["object"]!;
        Assert.Equal(9, table["columnDefinitions"]!.AsArray().Count);
        var row = Assert.Single(table["rows"]!.AsArray())!;
        Assert.Equal("""["","0/0","","0","<unknown>","<none>","<none>","<none>","<none>"]""", row["cells"]!.ToJsonString(Relaxed));
        Assert.Equal(expected.Replace("RV", table["metadata"]!["resourceVersion"]!.GetValue<string>(), StringComparison.Ordinal), row["object"]!.ToJsonString(Relaxed));
    }

    [Fact]
    public async Task A_watch_sees_what_a_selector_makes_of_changes()
    {
        await using var server = await TestApiServer.StartAsync(null, TestContext.Current.CancellationToken);
        using var client = server.AdminClient();
        await CreateNamespaceAsync(client);
        var revision = (await GetAsync(client, Path))["metadata"]!["resourceVersion"]!.GetValue<string>();
        await CreateAsync(client, "a");
        await PatchAsync(client, "a", """{"metadata":{"labels":{"on":"1"}}}""");
        await PatchAsync(client, "a", """{"data":{"k":"v"}}""");
        await PatchAsync(client, "a", """{"metadata":{"labels":{"on":null}}}""");
        var text = await client.GetStringAsync($"{Path}?watch=1&labelSelector=on&resourceVersion={revision}&timeoutSeconds=1", TestContext.Current.CancellationToken);
        var types = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!["type"]!.GetValue<string>());
        Assert.Equal(["ADDED", "MODIFIED", "DELETED"], types);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static List<string> Names(JsonNode list) => [.. list["items"]!.AsArray().Select(i => i!["metadata"]!["name"]!.GetValue<string>())];

    private static Task CreateNamespaceAsync(HttpClient client) => PostAsync(client, "/api/v1/namespaces", """{"metadata":{"name":"lists"}}""");

    private static Task CreateAsync(HttpClient client, string name) => PostAsync(client, Path, $$$"""{"metadata":{"name":"{{{name}}}"}}""");

    private static async Task PostAsync(HttpClient client, string path, string body)
    {
        using var response = await client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static async Task PatchAsync(HttpClient client, string name, string body)
    {
        using var response = await client.PatchAsync($"{Path}/{name}", new StringContent(body, Encoding.UTF8, "application/merge-patch+json"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<JsonNode> GetAsync(HttpClient client, string path) => JsonNode.Parse(await client.GetStringAsync(path, TestContext.Current.CancellationToken))!;
}
