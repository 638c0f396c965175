using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Options;
using KubeSharp.Storage.Sqlite;
using KubeSharp.Testing;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.Tests.ApiExtensions;

/// <summary>Definitions and their objects over HTTP.</summary>
public sealed class CustomResourceTests(OwnServerFixture fixture) : IClassFixture<OwnServerFixture>
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Schema = """{"type":"object","properties":{"spec":{"type":"object","properties":{"n":{"type":"integer","minimum":0,"default":1},"s":{"type":"string"}}},"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}""";

    [Fact]
    public async Task An_object_is_defaulted_pruned_validated_and_versioned()
    {
        var objects = await DefineAsync("basics", "Widget", "widgets");
        var created = await SendAsync(HttpMethod.Post, objects, """{"apiVersion":"basics.test/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"s":"x","unknown":true},"status":{"set":"by me"}}""", 201);
        Assert.Equal("""{"s":"x","n":1}""", created["spec"]!.ToJsonString());
        Assert.Null(created["status"]);
        Assert.Equal(1, created["metadata"]!["generation"]!.GetValue<int>());

        var refused = await SendAsync(HttpMethod.Post, objects, """{"apiVersion":"basics.test/v1","kind":"Widget","metadata":{"name":"b"},"spec":{"n":-1}}""", 422);
        Assert.Equal("Widget.basics.test \"b\" is invalid: spec.n: Invalid value: -1: spec.n in body should be greater than or equal to 0", refused["message"]!.GetValue<string>());

        // The status belongs to its subresource, and does not count as a change of the object.
        var status = await SendAsync(HttpMethod.Patch, $"{objects}/a/status", """{"spec":{"s":"ignored"},"status":{"phase":"Ready"}}""", 200);
        Assert.Equal("Ready", status["status"]!["phase"]!.GetValue<string>());
        Assert.Equal("x", status["spec"]!["s"]!.GetValue<string>());
        Assert.Equal(1, status["metadata"]!["generation"]!.GetValue<int>());
        var changed = await SendAsync(HttpMethod.Patch, $"{objects}/a", """{"spec":{"s":"y"},"status":{"phase":"ignored"}}""", 200);
        Assert.Equal(2, changed["metadata"]!["generation"]!.GetValue<int>());
        Assert.Equal("Ready", changed["status"]!["phase"]!.GetValue<string>());
    }

    [Fact]
    public async Task Names_that_another_definition_has_are_not_accepted()
    {
        await DefineAsync("names", "Gadget", "gadgets");
        await SendAsync(HttpMethod.Post, Definitions, Definition("names", "Gadget", "others"), 201);
        var condition = await ConditionAsync("others.names.test", "NamesAccepted");
        // Of several conflicts the last one is told, as upstream tells it.
        Assert.Equal("False ListKindConflict \"GadgetList\" is already in use", $"{condition["status"]} {condition["reason"]} {condition["message"]}");
        using var response = await fixture.Admin.GetAsync("/apis/names.test/v1/others", TestContext.Current.CancellationToken);
        Assert.Equal("404 page not found\n", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        // The names are free once the first is gone.
        await SendAsync(HttpMethod.Delete, $"{Definitions}/gadgets.names.test", null, 200);
        Assert.Equal("True", (await ConditionAsync("others.names.test", "Established", "True"))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_definition_goes_after_its_objects()
    {
        var objects = await DefineAsync("ending", "Widget", "widgets");
        await SendAsync(HttpMethod.Post, objects, """{"apiVersion":"ending.test/v1","kind":"Widget","metadata":{"name":"free"}}""", 201);
        await SendAsync(HttpMethod.Post, objects, """{"apiVersion":"ending.test/v1","kind":"Widget","metadata":{"name":"held","finalizers":["test/hold"]}}""", 201);
        await SendAsync(HttpMethod.Delete, $"{Definitions}/widgets.ending.test", null, 200);
        await WatchAsync(objects, "held", e => e["object"]!["metadata"]!["deletionTimestamp"] is not null);
        Assert.Single((await SendAsync(HttpMethod.Get, objects, null, 200))["items"]!.AsArray());

        await SendAsync(HttpMethod.Patch, $"{objects}/held", """{"metadata":{"finalizers":null}}""", 200);
        await WatchAsync(Definitions, "widgets.ending.test", e => e["type"]!.GetValue<string>() == "DELETED");
    }

    [Fact]
    public async Task Definitions_and_objects_survive_a_restart()
    {
        var directory = Directory.CreateTempSubdirectory("kubesharp-test-").FullName;
        try
        {
            for (var round = 0; round < 2; round++)
            {
                var store = SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(directory, "kubesharp.db"), PreviousValues = false });
                var server = ApiServer.Build(
                    new ApiServerOptions { DataDirectory = directory, BindAddress = System.Net.IPAddress.Loopback, SecurePort = TestApiServer.FreePort() }, store, TimeProvider.System, logging => logging.SetMinimumLevel(LogLevel.None));
                await server.StartAsync(TestContext.Current.CancellationToken);
                await server.Ready.WaitAsync(TestContext.Current.CancellationToken);
                using var client = TestApiServer.AdminClient(directory, server.Options.SecurePort);
                if (round == 0)
                {
                    var objects = await DefineAsync("restart", "Widget", "widgets", client);
                    await SendAsync(HttpMethod.Post, objects, """{"apiVersion":"restart.test/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"s":"kept"}}""", 201, client);
                }
                else
                {
                    var found = await SendAsync(HttpMethod.Get, "/apis/restart.test/v1/namespaces/default/widgets/a", null, 200, client);
                    Assert.Equal("kept", found["spec"]!["s"]!.GetValue<string>());
                }

                await server.DisposeAsync();
                await store.DisposeAsync();
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_new_schema_counts_from_the_next_request_on()
    {
        var objects = await DefineAsync("change", "Widget", "widgets");
        await SendAsync(HttpMethod.Post, objects, """{"apiVersion":"change.test/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"s":"x"}}""", 201);
        var patch = """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/added","value":{"type":"string","default":"new"}}]""";
        // A watch ends when what it shows has another form: from then on the new one is served.
        using var response = await fixture.Admin.GetAsync($"{objects}?watch=1&timeoutSeconds=30", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        await SendAsync(HttpMethod.Patch, $"{Definitions}/widgets.change.test", patch, 200, mediaType: "application/json-patch+json");
        await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        var found = await SendAsync(HttpMethod.Get, $"{objects}/a", null, 200);
        Assert.Equal("new", found["spec"]!["added"]!.GetValue<string>());
    }

    [Fact]
    public async Task Discovery_shows_what_is_served()
    {
        await DefineAsync("discovery", "Widget", "widgets");
        var list = await SendAsync(HttpMethod.Get, "/apis/discovery.test/v1", null, 200);
        Assert.Equal(["widgets", "widgets/status"], list["resources"]!.AsArray().Select(r => r!["name"]!.GetValue<string>()));
        await SendAsync(HttpMethod.Delete, $"{Definitions}/widgets.discovery.test", null, 200);
        await WatchAsync(Definitions, "widgets.discovery.test", e => e["type"]!.GetValue<string>() == "DELETED");
    }

    private static string Definition(string group, string kind, string plural) => $$"""
        {"metadata":{"name":"{{plural}}.{{group}}.test"},"spec":{"group":"{{group}}.test","scope":"Namespaced",
        "names":{"plural":"{{plural}}","singular":"{{plural.TrimEnd('s')}}","kind":"{{kind}}","listKind":"{{kind}}List"},
        "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{Schema}} },"subresources":{"status":{} } }] } }
        """;

    private async Task<string> DefineAsync(string group, string kind, string plural, HttpClient? client = null)
    {
        await SendAsync(HttpMethod.Post, Definitions, Definition(group, kind, plural), 201, client);
        await ConditionAsync($"{plural}.{group}.test", "Established", "True", client);
        var path = $"/apis/{group}.test/v1/namespaces/default/{plural}";
        // Served a moment after it is said to be.
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            using var response = await (client ?? fixture.Admin).GetAsync(path, TestContext.Current.CancellationToken);
            if (response.IsSuccessStatusCode)
                return path;
            await Task.Yield();
        }

        throw new InvalidOperationException($"{path} is not served");
    }

    private async Task<JsonNode> ConditionAsync(string definition, string type, string? status = null, HttpClient? client = null)
    {
        JsonNode? found = null;
        await WatchAsync(Definitions, definition, e =>
        {
            found = e["object"]!["status"]?["conditions"]?.AsArray().FirstOrDefault(c => c!["type"]!.GetValue<string>() == type);
            return found is not null && (status is null || found["status"]!.GetValue<string>() == status);
        }, client);
        return found!;
    }

    /// <summary>Watches one object until an event is the one waited for.</summary>
    private async Task WatchAsync(string path, string name, Func<JsonNode, bool> isExpected, HttpClient? client = null)
    {
        using var response = await (client ?? fixture.Admin).GetAsync($"{path}?watch=1&fieldSelector=metadata.name%3D{name}&timeoutSeconds=30", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (isExpected(JsonNode.Parse(line)!))
                return;
        }

        Assert.Fail($"the watch of {name} ended");
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body, int code, HttpClient? client = null, string? mediaType = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(mediaType ?? (method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json")));
        using var response = await (client ?? fixture.Admin).SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(code == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }
}
