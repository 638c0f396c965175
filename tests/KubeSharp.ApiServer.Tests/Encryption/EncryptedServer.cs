using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Encryption;

/// <summary>A server with an encryption configuration that a test can change.</summary>
internal sealed class EncryptedServer : IAsyncDisposable
{
    /// <summary>01 02 03 ... 20 in base64, and all ones.</summary>
    public const string KeyA = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    public const string KeyB = "//////////////////////////////////////////8=";

    private readonly string _directory;

    private EncryptedServer(TestApiServer server, string directory)
    {
        Server = server;
        _directory = directory;
        Client = server.AdminClient();
    }

    public TestApiServer Server { get; }

    public HttpClient Client { get; }

    public string ConfigPath => Path.Combine(_directory, "encryption.yaml");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A configuration of lines <c>secrets configmaps: - aescbc: ... - identity: {}</c>.</summary>
    public static string Config(params (string Resources, string[] Providers)[] entries) =>
        "kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nresources:\n"
        + string.Concat(entries.Select(e => $"- resources: [{string.Join(", ", e.Resources.Split(' ').Select(r => $"'{r}'"))}]\n  providers:\n{string.Concat(e.Providers.Select(p => $"  - {p}\n"))}"));

    public static string Keys(string provider, params (string Name, string Secret)[] keys) =>
        $"{provider}: {{keys: [{string.Join(", ", keys.Select(k => $"{{name: {k.Name}, secret: {k.Secret}}}"))}]}}";

    public static async Task<EncryptedServer> StartAsync(string config, bool reload = true)
    {
        var directory = Directory.CreateTempSubdirectory("kubesharp-encryption-").FullName;
        var path = Path.Combine(directory, "encryption.yaml");
        await File.WriteAllTextAsync(path, config, Stop);
        var server = await TestApiServer.StartAsync(
            o => o with { EncryptionProviderConfig = path, EncryptionProviderConfigAutomaticReload = reload, EncryptionConfigPollInterval = TimeSpan.FromMilliseconds(20) }, Stop);
        return new EncryptedServer(server, directory);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>What the store has under a key, as Latin-1 text; null for nothing.</summary>
    public async Task<string?> RawAsync(string key) =>
        (await Server.Store.GetAsync(key, 0, Stop)).KeyValue is { } item ? Encoding.Latin1.GetString(item.Value.Span) : null;

    public async Task PutRawAsync(string key, byte[] value)
    {
        var before = await Server.Store.GetAsync(key, 0, Stop);
        Assert.True((await Server.Store.PutAsync(key, before.KeyValue?.ModRevision ?? 0, value, 0, null, Stop)).Succeeded);
    }

    public async Task<(int Code, JsonNode Body)> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, type);
        using var response = await Client.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        return ((int)response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)! : JsonValue.Create(text));
    }

    public async Task<JsonNode> OkAsync(HttpMethod method, string path, string? body = null)
    {
        var (code, answer) = await SendAsync(method, path, body);
        Assert.True(code is 200 or 201, answer.ToJsonString());
        return answer;
    }

    public Task<JsonNode> CreateSecretAsync(string name, string value = "aHVzaA==") =>
        OkAsync(HttpMethod.Post, "/api/v1/namespaces/default/secrets", $$"""{"metadata":{"name":"{{name}}"},"data":{"key":"{{value}}"} }""");

    /// <summary>Puts another configuration into the file and waits until it is in force.</summary>
    public async Task ReconfigureAsync(string config)
    {
        var before = await MetricAsync("apiserver_encryption_config_controller_last_config_info");
        await File.WriteAllTextAsync(ConfigPath + ".new", config, Stop);
        File.Move(ConfigPath + ".new", ConfigPath, overwrite: true);
        while (await MetricAsync("apiserver_encryption_config_controller_last_config_info") == before)
            await Task.Delay(10, Stop);
    }

    /// <summary>The lines of a metric.</summary>
    public async Task<string> MetricAsync(string name) =>
        string.Join('\n', (await Client.GetStringAsync("/metrics", Stop)).Split('\n').Where(l => l.StartsWith(name, StringComparison.Ordinal)));
}
