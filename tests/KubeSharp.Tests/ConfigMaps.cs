using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.Testing;

namespace KubeSharp.Tests;

/// <summary>Many small objects in a server that runs as a process of its own.</summary>
internal sealed class ConfigMaps(ServerProcess server) : IDisposable
{
    public const string Path = "/api/v1/namespaces/default/configmaps";

    private readonly HttpClient _client = TestApiServer.AdminClient(server.DataDirectory, new Uri(server.Url).Port);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public HttpClient Client => _client;

    /// <summary>What the server said that it has created: the metadata, by name.</summary>
    public ConcurrentDictionary<string, JsonNode> Acknowledged { get; } = new(StringComparer.Ordinal);

    public async Task CreateAsync(string name)
    {
        using var body = new StringContent(new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["of"] = name } }.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(Path, body, Stop);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Acknowledged[name] = JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["metadata"]!;
    }

    /// <summary>Writes from several clients at once until told to end.</summary>
    public Task WriteAsync(CancellationToken done) => Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
    {
        for (var i = 0; !done.IsCancellationRequested; i++)
            await CreateAsync($"w{writer}-{i}");
    }));

    public async Task<JsonNode> GetAsync(string path = Path) => JsonNode.Parse(await _client.GetStringAsync(path, Stop))!;

    /// <summary>The objects of a list as text, by name; without what only etcd gives out, if wanted.</summary>
    public async Task<SortedDictionary<string, string>> ListAsync(bool resourceVersions)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in (await GetAsync())["items"]!.AsArray())
        {
            if (!resourceVersions)
                item!["metadata"]!.AsObject().Remove("resourceVersion");
            found.Add(item!["metadata"]!["name"]!.GetValue<string>(), item.ToJsonString());
        }

        return found;
    }

    public void Dispose() => _client.Dispose();
}
