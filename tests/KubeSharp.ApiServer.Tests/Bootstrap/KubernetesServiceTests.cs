using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Options;
using KubeSharp.Storage;
using KubeSharp.Storage.Sqlite;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Bootstrap;

/// <summary>API servers over one store, each with an address of its own, among the endpoints of the kubernetes Service.</summary>
public sealed class KubernetesServiceTests : IAsyncDisposable
{
    private const string Endpoints = "/api/v1/namespaces/default/endpoints/kubernetes";
    private const string Slice = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";

    private readonly string _directory = Directory.CreateTempSubdirectory("kubesharp-test-").FullName;
    private readonly SqliteStore _store;

    public KubernetesServiceTests() => _store = SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(_directory, "store.db") });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Servers_come_and_go()
    {
        await using var one = await StartAsync("10.1.0.2");
        await using var two = await StartAsync("10.1.0.1");
        using var client = TestApiServer.AdminClient(one.Options.DataDirectory, one.Options.SecurePort);
        await UntilAsync(client, "10.1.0.1 10.1.0.2");
        var subset = Assert.Single((await GetAsync(client, Endpoints))["subsets"]!.AsArray())!;
        Assert.Equal($$"""[{"name":"https","port":{{one.Options.SecurePort}},"protocol":"TCP"}]""", subset["ports"]!.ToJsonString());
        Assert.Equal("true", (string)(await GetAsync(client, Endpoints))["metadata"]!["labels"]!["endpointslice.kubernetes.io/skip-mirror"]!);
        Assert.Equal("IPv4", (string)(await GetAsync(client, Slice))["addressType"]!);

        await two.ShutdownAsync(Stop);
        Assert.Equal("10.1.0.2", Addresses(await GetAsync(client, Endpoints)));
        Assert.Equal("10.1.0.2", SliceAddresses(await GetAsync(client, Slice)));
    }

    [Fact]
    public async Task What_somebody_else_makes_of_the_endpoints_is_set_right()
    {
        var stale = new { From = "10.1.0.9" };
        await _store.PutAsync($"/registry/masterleases/{stale.From}", 0, "not a lease"u8.ToArray(), 0, null, Stop);
        await using (var before = await StartAsync("10.1.0.1"))
        {
            using var first = TestApiServer.AdminClient(before.Options.DataDirectory, before.Options.SecurePort);
            await UntilAsync(first, "10.1.0.1");
            await SendAsync(first, HttpMethod.Patch, Endpoints, """{"metadata":{"labels":null},"subsets":[{"addresses":[{"ip":"10.9.9.9"}],"ports":[{"port":1}]},{"addresses":[{"ip":"10.9.9.8"}],"ports":[{"port":2}]}]}""");
        }

        await using var server = await StartAsync("10.1.0.2");
        using var client = TestApiServer.AdminClient(server.Options.DataDirectory, server.Options.SecurePort);
        await UntilAsync(client, "10.1.0.2");
    }

    [Fact]
    public async Task None_writes_no_endpoints()
    {
        await using var server = await StartAsync("10.1.0.1", o => o with { EndpointReconcilerType = "none" });
        using var client = TestApiServer.AdminClient(server.Options.DataDirectory, server.Options.SecurePort);
        using var response = await client.GetAsync(Endpoints, Stop);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty((await _store.RangeAsync(RangeRequest.Prefix("/registry/masterleases/"), Stop)).Items);
    }

    [Fact]
    public async Task A_server_has_an_identity_while_it_lives()
    {
        await using var server = await StartAsync("10.1.0.1");
        await using var other = await StartAsync("10.1.0.2", o => o with { EndpointReconcilerType = "none" });
        using var client = TestApiServer.AdminClient(other.Options.DataDirectory, other.Options.SecurePort);
        JsonObject lease;
        while (true)
        {
            var list = (await GetAsync(client, $"{Leases}?labelSelector=apiserver.kubernetes.io/identity%3Dkube-apiserver"))["items"]!.AsArray();
            if (list.Count > 0)
            {
                // Both servers run on one machine, whose name makes the identity.
                lease = Assert.Single(list)!.AsObject();
                break;
            }

            await Task.Delay(20, Stop);
        }

        var name = (string)lease["metadata"]!["name"]!;
        Assert.Matches("^apiserver-[a-z2-7]{26}$", name);
        Assert.Equal(Dns.GetHostName(), (string)lease["metadata"]!["labels"]!["kubernetes.io/hostname"]!);
        Assert.StartsWith($"{name}_", (string)lease["spec"]!["holderIdentity"]!, StringComparison.Ordinal);
        Assert.Equal(3600, (int)lease["spec"]!["leaseDurationSeconds"]!);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", (string)lease["spec"]!["renewTime"]!);

        await server.ShutdownAsync(Stop);
        using var response = await client.GetAsync($"{Leases}/{name}", Stop);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private async Task<ApiServer> StartAsync(string address, Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var options = new ApiServerOptions
        {
            DataDirectory = Directory.CreateDirectory(Path.Combine(_directory, Guid.NewGuid().ToString("N"))).FullName,
            BindAddress = IPAddress.Loopback,
            AdvertiseAddress = IPAddress.Parse(address),
            SecurePort = TestApiServer.FreePort(),
        };
        var server = ApiServer.Build(configure?.Invoke(options) ?? options, _store, TimeProvider.System, static _ => { });
        await server.StartAsync(Stop);
        await server.Ready.WaitAsync(Stop);
        return server;
    }

    private static async Task UntilAsync(HttpClient client, string addresses)
    {
        await UntilAsync(client, Endpoints, endpoints => Addresses(endpoints) == addresses);
        // The slice is written after the endpoints.
        await UntilAsync(client, Slice, slice => SliceAddresses(slice) == addresses);
    }

    private static async Task UntilAsync(HttpClient client, string path, Predicate<JsonNode> reached)
    {
        while (true)
        {
            using var response = await client.GetAsync(path, Stop);
            if (response.IsSuccessStatusCode && reached(await ReadAsync(response)))
                return;
            await Task.Delay(20, Stop);
        }
    }

    private static string Addresses(JsonNode endpoints) =>
        string.Join(' ', (endpoints["subsets"]?.AsArray() ?? []).SelectMany(s => s!["addresses"]!.AsArray()).Select(a => (string)a!["ip"]!));

    private static string SliceAddresses(JsonNode slice) =>
        string.Join(' ', (slice["endpoints"]?.AsArray() ?? []).Select(e => (string)e!["addresses"]![0]!));

    private static async Task<JsonNode> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, Stop);
        return await ReadAsync(response);
    }

    private static async Task SendAsync(HttpClient client, HttpMethod method, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/merge-patch+json");
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await client.SendAsync(request, Stop);
        await ReadAsync(response);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
