using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Cache;

/// <summary>A server that starts on a store with history goes on with the watches of the one before.</summary>
public sealed class HistoryAtStartTests
{
    private const string Path = "/api/v1/namespaces/default/configmaps";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watch_goes_on_from_before_the_start()
    {
        await using var before = await TestApiServer.StartAsync(null, Stop);
        using var client = before.AdminClient();
        var first = await SendAsync(client, HttpMethod.Post, Path, "a");
        await SendAsync(client, HttpMethod.Post, Path, "b");
        await SendAsync(client, HttpMethod.Delete, $"{Path}/a");

        await using var after = await StartOnAsync(before);
        using var second = TestApiServer.AdminClient(after.Options.DataDirectory, after.Options.SecurePort);
        // The newest state at once, and what led to it.
        Assert.Equal(["b"], Names(await second.GetStringAsync(Path + "?resourceVersion=0", Stop)));
        var text = await second.GetStringAsync($"{Path}?watch=1&resourceVersion={first}&timeoutSeconds=1", Stop);
        Assert.Equal(["ADDED b", "DELETED a"], text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
            .Select(e => $"{e["type"]} {e["object"]!["metadata"]!["name"]}"));
    }

    /// <summary>The newest revision may be one that no resource has: compaction keeps its own key.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_starts_when_the_last_write_was_no_resource(bool onEtcd)
    {
        await using var etcd = onEtcd ? await Storage.Tests.Etcd.EtcdCluster.StartAsync() : null;
        await using var before = await TestApiServer.StartAsync(options => onEtcd ? options with { Etcd = new() { Servers = etcd!.Endpoints } } : options, Stop);
        using var client = before.AdminClient();
        var first = await SendAsync(client, HttpMethod.Post, Path, "a");
        await before.Store.PutAsync("compact_rev_key_of_nobody", 0, "1"u8.ToArray(), 0, null, Stop);
        await using var after = await StartOnAsync(before).WaitAsync(TimeSpan.FromSeconds(20), Stop);
        using var second = TestApiServer.AdminClient(after.Options.DataDirectory, after.Options.SecurePort);
        Assert.Equal(["a"], Names(await second.GetStringAsync(Path, Stop)));
        await SendAsync(client, HttpMethod.Post, Path, "b");
        var text = await second.GetStringAsync($"{Path}?watch=1&resourceVersion={first}&timeoutSeconds=1", Stop);
        Assert.Equal("b", JsonNode.Parse(text.Split('\n')[0])!["object"]!["metadata"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_is_compacted_is_gone_and_the_rest_is_not()
    {
        await using var before = await TestApiServer.StartAsync(null, Stop);
        using var client = before.AdminClient();
        var first = await SendAsync(client, HttpMethod.Post, Path, "a");
        var second = await SendAsync(client, HttpMethod.Post, Path, "b");
        await SendAsync(client, HttpMethod.Post, Path, "c");
        await before.Store.CompactAsync(long.Parse(second, System.Globalization.CultureInfo.InvariantCulture), Stop);

        await using var after = await StartOnAsync(before);
        using var other = TestApiServer.AdminClient(after.Options.DataDirectory, after.Options.SecurePort);
        var text = await other.GetStringAsync($"{Path}?watch=1&resourceVersion={second}&timeoutSeconds=1", Stop);
        Assert.Equal("c", JsonNode.Parse(text.Split('\n')[0])!["object"]!["metadata"]!["name"]!.GetValue<string>());
        var gone = JsonNode.Parse((await other.GetStringAsync($"{Path}?watch=1&resourceVersion={first}&timeoutSeconds=1", Stop)).Split('\n')[0])!;
        Assert.Equal(("ERROR", 410), (gone["type"]!.GetValue<string>(), gone["object"]!["code"]!.GetValue<int>()));
        Assert.Equal(["a", "b", "c"], Names(await other.GetStringAsync(Path, Stop)));
    }

    /// <summary>Another server over the store of the first.</summary>
    private static async Task<ApiServer> StartOnAsync(TestApiServer first)
    {
        var server = ApiServer.Build(first.Server.Options with { SecurePort = TestApiServer.FreePort() }, first.Store, TimeProvider.System, static _ => { });
        await server.StartAsync(Stop);
        return server;
    }

    private static IEnumerable<string> Names(string list) => JsonNode.Parse(list)!["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.GetValue<string>());

    private static async Task<string> SendAsync(HttpClient client, HttpMethod method, string path, string name = "")
    {
        using var request = new HttpRequestMessage(method, path);
        if (name.Length > 0)
            request.Content = new StringContent($"{{\"metadata\":{{\"name\":\"{name}\"}}}}", Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, Stop);
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["metadata"]?["resourceVersion"]?.GetValue<string>() ?? "";
    }
}
