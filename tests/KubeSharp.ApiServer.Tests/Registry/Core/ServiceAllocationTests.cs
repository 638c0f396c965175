using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Registry.Core;

/// <summary>Cluster IPs and node ports from small ranges: five addresses (one is the kubernetes Service's), three ports.
/// Texts are those of pkg/registry/core/service/{ipallocator,portallocator}.</summary>
public sealed class ServiceAllocationTests : IAsyncLifetime
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Addresses = "/apis/networking.k8s.io/v1/ipaddresses";

    private TestApiServer _server = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestApiServer.StartAsync(o => o with { ServiceClusterIpRange = "10.9.0.0/29", ServiceNodePortRange = (30000, 30002) }, TestContext.Current.CancellationToken);
        _client = _server.AdminClient();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Every_address_is_given_once_and_comes_back()
    {
        var given = new HashSet<string>();
        for (var i = 0; i < 5; i++)
            Assert.True(given.Add((await CreateAsync($"s{i}", 201))["spec"]!["clusterIP"]!.GetValue<string>()));
        Assert.Equal(["10.9.0.2", "10.9.0.3", "10.9.0.4", "10.9.0.5", "10.9.0.6"], given.Order());
        Assert.Equal("Internal error occurred: failed to allocate a serviceIP for Service \"full\": range is full", Message(await CreateAsync("full", 500)));

        var address = (await SendAsync(HttpMethod.Get, $"{Services}/s3", null, 200))["spec"]!["clusterIP"]!.GetValue<string>();
        var record = await SendAsync(HttpMethod.Get, $"{Addresses}/{address}", null, 200);
        Assert.Equal("""{"resource":"services","namespace":"default","name":"s3"}""", record["spec"]!["parentRef"]!.ToJsonString());
        await SendAsync(HttpMethod.Delete, $"{Services}/s3", null, 200);
        await SendAsync(HttpMethod.Get, $"{Addresses}/{address}", null, 404);
        Assert.Equal(address, (await CreateAsync("again", 201))["spec"]!["clusterIP"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("10.9.0.1", "provided IP is already allocated")]
    [InlineData("10.8.0.1", "the provided network does not match the current range")]
    [InlineData("10.9.0.0", "the provided network does not match the current range")]
    [InlineData("10.9.0.7", "the provided network does not match the current range")]
    public async Task An_address_that_cannot_be_had_is_refused(string address, string reason)
    {
        var refused = await CreateAsync("s", 422, $$"""{"clusterIP":"{{address}}","ports":[{"port":80}]}""");
        Assert.Equal($"Service \"s\" is invalid: spec.clusterIPs: Invalid value: [\"{address}\"]: failed to allocate IP {address}: {reason}", Message(refused));
        var all = await SendAsync(HttpMethod.Get, Addresses, null, 200);
        Assert.Single(all["items"]!.AsArray());
    }

    [Fact]
    public async Task A_refused_service_leaves_nothing_taken()
    {
        // Three ports are free; the second of these is not in the range, so the first goes back.
        await CreateAsync("bad", 422, """{"type":"NodePort","ports":[{"name":"a","port":80,"nodePort":30001},{"name":"b","port":81,"nodePort":40000}]}""");
        var created = await CreateAsync("good", 201, """{"type":"NodePort","ports":[{"name":"a","port":80},{"name":"b","port":81},{"name":"c","port":82}]}""");
        Assert.Equal([30000, 30001, 30002], Ports(created).Order());
        Assert.Equal("Internal error occurred: failed to allocate a nodePort: range is full", Message(await CreateAsync("more", 500, """{"type":"NodePort","ports":[{"port":80}]}""")));
        Assert.Equal(2, (await SendAsync(HttpMethod.Get, Addresses, null, 200))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_service_that_changes_its_type_gives_its_ports_back_and_keeps_its_address()
    {
        var created = await CreateAsync("s", 201, """{"type":"NodePort","ports":[{"name":"a","port":80},{"name":"b","port":81},{"name":"c","port":82}]}""");
        var changed = await SendAsync(HttpMethod.Patch, $"{Services}/s", """{"spec":{"type":"ClusterIP"}}""", 200);
        Assert.Equal(created["spec"]!["clusterIP"]!.GetValue<string>(), changed["spec"]!["clusterIP"]!.GetValue<string>());
        Assert.All(changed["spec"]!["ports"]!.AsArray(), port => Assert.Null(port!["nodePort"]));
        Assert.Null(changed["spec"]!["externalTrafficPolicy"]);
        Assert.Equal([30000, 30001, 30002], Ports(await CreateAsync("t", 201, """{"type":"NodePort","ports":[{"name":"a","port":80},{"name":"b","port":81},{"name":"c","port":82}]}""")).Order());

        var external = await SendAsync(HttpMethod.Patch, $"{Services}/s", """{"spec":{"type":"ExternalName","externalName":"example.com"}}""", 200);
        Assert.Null(external["spec"]!["clusterIP"]);
        await SendAsync(HttpMethod.Get, $"{Addresses}/{created["spec"]!["clusterIP"]!.GetValue<string>()}", null, 404);
    }

    [Fact]
    public async Task Ports_of_one_number_share_a_node_port_and_an_update_keeps_it()
    {
        const string spec = """{"type":"NodePort","ports":[{"name":"t","port":53,"protocol":"TCP"},{"name":"u","port":53,"protocol":"UDP"}]}""";
        var created = await CreateAsync("dns", 201, spec);
        Assert.Single(Ports(created).Distinct());
        var version = created["metadata"]!["resourceVersion"]!.GetValue<string>();
        var updated = await SendAsync(HttpMethod.Put, $"{Services}/dns", $$"""{"metadata":{"name":"dns","resourceVersion":"{{version}}"},"spec":{{spec}}}""", 200);
        Assert.Equal(Ports(created), Ports(updated));
        Assert.Equal(created["spec"]!["clusterIP"]!.GetValue<string>(), updated["spec"]!["clusterIP"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_dry_run_takes_nothing()
    {
        var dry = await SendAsync(HttpMethod.Post, Services + "?dryRun=All", Body("s", """{"type":"NodePort","ports":[{"name":"a","port":80},{"name":"b","port":81}]}"""), 201);
        Assert.Equal("10.9.0.0", dry["spec"]!["clusterIP"]!.GetValue<string>());
        Assert.Equal([32769, 32770], Ports(dry));
        Assert.Single((await SendAsync(HttpMethod.Get, Addresses, null, 200))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_headless_service_without_selector_is_of_both_families()
    {
        var created = await CreateAsync("s", 201, """{"clusterIP":"None","ports":[{"port":80}]}""");
        Assert.Equal("RequireDualStack", created["spec"]!["ipFamilyPolicy"]!.GetValue<string>());
        Assert.Equal("""["IPv4","IPv6"]""", created["spec"]!["ipFamilies"]!.ToJsonString());
        Assert.Equal("Service \"d\" is invalid: spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services",
            Message(await CreateAsync("d", 422, """{"ipFamilyPolicy":"RequireDualStack","ports":[{"port":80}]}""")));
    }

    private static List<int> Ports(JsonNode service) => [.. service["spec"]!["ports"]!.AsArray().Select(port => port!["nodePort"]!.GetValue<int>())];

    private static string Message(JsonNode status) => status["message"]!.GetValue<string>();

    private static string Body(string name, string spec) => $$"""{"metadata":{"name":"{{name}}"},"spec":{{spec}}}""";

    private Task<JsonNode> CreateAsync(string name, int code, string spec = """{"ports":[{"port":80}]}""") => SendAsync(HttpMethod.Post, Services, Body(name, spec), code);

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body, int code)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        }

        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(code == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }
}
