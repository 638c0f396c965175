using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Options;
using KubeSharp.Storage;
using KubeSharp.Storage.Etcd;
using KubeSharp.Storage.Tests.Etcd;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Etcd;

/// <summary>API servers over one etcd: what they write is where and what kube-apiserver writes, and each sees what the other did.</summary>
public sealed class ServerOnEtcdTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_and_values_are_upstreams()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var server = await StartAsync(cluster);
        using var client = server.AdminClient();
        await CreateAsync(client, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"c"},"data":{"a":"b"}}""");
        await CreateAsync(client, "/apis/apps/v1/namespaces/default/deployments", """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");

        await using var raw = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints });
        foreach (var (key, kind) in new[] { ("/registry/configmaps/default/c", "ConfigMap"), ("/registry/deployments/default/d", "Deployment"), ("/registry/namespaces/kube-system", "Namespace"), ("/registry/services/specs/default/kubernetes", "Service") })
        {
            var value = (await raw.GetAsync(key, 0, Stop)).KeyValue;
            Assert.NotNull(value);
            Assert.True(ApiMachinery.Codecs.ProtobufEnvelope.TryUnwrap(value.Value.Span, out var found, out _), key);
            Assert.Equal(kind, found.Kind);
        }

        // The resource version is etcd's.
        var read = await GetAsync(client, "/api/v1/namespaces/default/configmaps/c");
        Assert.Equal($"{(await raw.GetAsync("/registry/configmaps/default/c", 0, Stop)).KeyValue!.ModRevision}", read["metadata"]!["resourceVersion"]!.GetValue<string>());
    }

    [Fact]
    public async Task Two_servers_see_each_others_writes_at_once()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var one = await StartAsync(cluster);
        await using var two = await StartAsync(cluster);
        using var first = one.AdminClient();
        using var second = two.AdminClient();
        const string Path = "/api/v1/namespaces/default/configmaps";

        for (var i = 0; i < 20; i++)
        {
            await CreateAsync(first, Path, $$$"""{"metadata":{"name":"c{{{i}}}"}}""");
            // By name and in a list, without a word about versions: both are consistent.
            Assert.Equal($"c{i}", (await GetAsync(second, $"{Path}/c{i}"))["metadata"]!["name"]!.GetValue<string>());
            Assert.Contains($"c{i}", (await GetAsync(second, Path))["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.GetValue<string>()));
        }

        // A change that rests on an old state is refused, whoever has the new one.
        var stale = await GetAsync(first, $"{Path}/c0");
        var changed = stale.DeepClone();
        changed["data"] = new JsonObject { ["a"] = "two" };
        Assert.Equal(HttpStatusCode.OK, await PutAsync(second, $"{Path}/c0", changed));
        Assert.Equal(HttpStatusCode.Conflict, await PutAsync(first, $"{Path}/c0", stale));
    }

    [Fact]
    public async Task Many_writers_at_two_servers_lose_nothing()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var one = await StartAsync(cluster);
        await using var two = await StartAsync(cluster);
        using var first = one.AdminClient();
        using var second = two.AdminClient();
        const string Path = "/api/v1/namespaces/default/configmaps/counter";
        await CreateAsync(first, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"counter"},"data":{"n":"0"}}""");

        const int Writers = 4, Increments = 15;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var client = writer % 2 == 0 ? first : second;
            for (var done = 0; done < Increments;)
            {
                var counter = await GetAsync(client, Path);
                counter["data"]!["n"] = $"{int.Parse(counter["data"]!["n"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture) + 1}";
                if (await PutAsync(client, Path, counter) == HttpStatusCode.OK)
                    done++;
            }
        }));

        Assert.Equal($"{Writers * Increments}", (await GetAsync(first, Path))["data"]!["n"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_watch_goes_on_over_a_restart_of_etcd()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var server = await StartAsync(cluster);
        using var client = server.AdminClient();
        const string Path = "/api/v1/namespaces/default/configmaps";
        await CreateAsync(client, Path, """{"metadata":{"name":"before"}}""");
        var version = (await GetAsync(client, Path))["metadata"]!["resourceVersion"]!.GetValue<string>();
        using var answer = await client.GetAsync($"{Path}?watch=1&resourceVersion={version}", HttpCompletionOption.ResponseHeadersRead, Stop);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));

        cluster.Kill(0);
        using var lost = await client.GetAsync($"{Path}/before", Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, lost.StatusCode);
        cluster.Start(0);
        await cluster.WaitForLeaderAsync(0);
        await EventuallyCreateAsync(client, Path, """{"metadata":{"name":"after"}}""");

        var line = await lines.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Stop);
        Assert.Equal("after", JsonNode.Parse(line!)!["object"]!["metadata"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_lost_etcd_is_seen_in_health_checks_and_metrics()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var server = await StartAsync(cluster);
        using var client = server.AdminClient();
        Assert.Contains("[+]etcd ok\n[+]etcd-readiness ok\n[+]informer-sync ok\n", await client.GetStringAsync("/readyz?verbose", Stop), StringComparison.Ordinal);
        Assert.Contains("[+]loopback-serving-certificate ok\n[+]etcd ok\n", await client.GetStringAsync("/livez?verbose", Stop), StringComparison.Ordinal);
        await CreateAsync(client, "/apis/apps/v1/namespaces/default/deployments", """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");

        cluster.Kill(0);
        foreach (var (path, expected) in new[]
        {
            ("/readyz", "[-]etcd failed: reason withheld\n[-]etcd-readiness failed: reason withheld\n"), ("/livez", "[-]etcd failed: reason withheld\n"), ("/healthz", "[-]etcd failed: reason withheld\n"),
        })
        {
            using var response = await client.GetAsync(path, Stop);
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.Contains(expected, await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        Assert.Equal("ok", await client.GetStringAsync("/livez?exclude=etcd", Stop));
        using (var failed = await client.GetAsync("/apis/apps/v1/namespaces/default/deployments/d", Stop))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        using (var content = new StringContent("""{"metadata":{"name":"lost"}}""", Encoding.UTF8, "application/json"))
        using (var failed = await client.PostAsync("/api/v1/namespaces/default/configmaps", content, Stop))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        var metrics = await client.GetStringAsync("/metrics", Stop);
        Assert.Matches("etcd_requests_total\\{operation=\"create\",group=\"apps\",resource=\"deployments\"\\} [1-9]", metrics);
        Assert.Matches("etcd_request_duration_seconds_bucket\\{operation=\"create\",group=\"apps\",resource=\"deployments\",le=\"60\"\\} [1-9]", metrics);
        Assert.Matches("etcd_request_errors_total\\{operation=\"get\",group=\"\",resource=\"\"\\} [1-9]", metrics);
        Assert.Matches("etcd_request_errors_total\\{operation=\"create\",group=\"\",resource=\"configmaps\"\\} [1-9]", metrics);

        cluster.Start(0);
        await cluster.WaitForLeaderAsync(0);
        await EventuallyCreateAsync(client, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"after"}}""");
        Assert.Equal("ok", await client.GetStringAsync("/readyz", Stop));
    }

    [Fact]
    public async Task Another_prefix_is_another_cluster()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var one = await StartAsync(cluster);
        await using var other = await StartAsync(cluster, "/other");
        using var first = one.AdminClient();
        using var second = other.AdminClient();
        await CreateAsync(second, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"c"}}""");

        using var missing = await first.GetAsync("/api/v1/namespaces/default/configmaps/c", Stop);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        await using var raw = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints });
        Assert.NotNull((await raw.GetAsync("/other/configmaps/default/c", 0, Stop)).KeyValue);
        Assert.Equal("c", (await GetAsync(second, "/api/v1/namespaces/default/configmaps"))["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.GetValue<string>()).Single(name => name == "c"));
    }

    [Fact]
    public async Task Events_share_a_lease()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var server = await StartAsync(cluster);
        using var client = server.AdminClient();
        for (var i = 0; i < 3; i++)
            await CreateAsync(client, "/api/v1/namespaces/default/events", $$$"""{"metadata":{"name":"e{{{i}}}"},"involvedObject":{"namespace":"default"}}""");

        await using var raw = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints });
        var events = await raw.RangeAsync(RangeRequest.Prefix("/registry/events/default/e"), Stop);
        Assert.Equal(3, events.Items.Count);
        Assert.NotEqual(0, Assert.Single(events.Items.Select(item => item.Lease).Distinct()));
    }

    [Fact]
    public async Task Resources_with_servers_of_their_own_live_there()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var other = await EtcdCluster.StartAsync();
        await using var server = await TestApiServer.StartAsync(
            options => options with
            {
                Etcd = new EtcdOptions { Servers = cluster.Endpoints, ServersOverrides = [$"/events#{other.Endpoints[0]}", $"coordination.k8s.io/leases#{other.Endpoints[0]}"] },
            },
            Stop);
        using var client = server.AdminClient();
        await CreateAsync(client, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"c"}}""");
        using var watch = await client.GetStreamAsync("/apis/events.k8s.io/v1/namespaces/default/events?watch=1", Stop);
        using var lines = new StreamReader(watch);
        // Events of both groups are one resource.
        await CreateAsync(client, "/api/v1/namespaces/default/events", """{"metadata":{"name":"e"},"involvedObject":{"namespace":"default"}}""");
        Assert.Equal("e", JsonNode.Parse((await lines.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Stop))!)!["object"]!["metadata"]!["name"]!.GetValue<string>());

        await using var main = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints });
        await using var second = EtcdStore.Open(new EtcdStoreOptions { Endpoints = other.Endpoints });
        Assert.NotNull((await main.GetAsync("/registry/configmaps/default/c", 0, Stop)).KeyValue);
        Assert.Null((await main.GetAsync("/registry/events/default/e", 0, Stop)).KeyValue);
        var stored = (await second.GetAsync("/registry/events/default/e", 0, Stop)).KeyValue;
        Assert.NotNull(stored);
        Assert.NotEqual(0, stored.Lease);
        Assert.Empty((await main.RangeAsync(RangeRequest.Prefix("/registry/leases/"), Stop)).Items);
        Assert.NotEmpty((await second.RangeAsync(RangeRequest.Prefix("/registry/leases/"), Stop)).Items);
        // Versions are those of the store that holds the resource, pages are read there.
        var list = await GetAsync(client, "/api/v1/namespaces/default/events?limit=1");
        Assert.Equal("e", list["items"]![0]!["metadata"]!["name"]!.GetValue<string>());
        Assert.Equal($"{stored.ModRevision}", list["items"]![0]!["metadata"]!["resourceVersion"]!.GetValue<string>());

        Assert.Contains("[+]etcd ok\n[+]etcd-readiness ok\n[+]etcd-override-0 ok\n[+]etcd-override-readiness-0 ok\n", await client.GetStringAsync("/readyz?verbose", Stop), StringComparison.Ordinal);
        other.Kill(0);
        using var unready = await client.GetAsync("/readyz", Stop);
        Assert.Contains("[+]etcd ok\n[+]etcd-readiness ok\n[-]etcd-override-0 failed: reason withheld\n", await unready.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        await CreateAsync(client, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"meanwhile"}}""");
        Assert.Equal("meanwhile", (await GetAsync(client, "/api/v1/namespaces/default/configmaps/meanwhile"))["metadata"]!["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/events#http://a:1;http://b:1", true)]
    [InlineData("apps/deployments#http://a:1", true)]
    [InlineData("events#http://a:1", false)]
    [InlineData("/events", false)]
    [InlineData("/events#http://a:1;", false)]
    [InlineData("/events#http://a:1#http://b:1", false)]
    [InlineData("a/b/c#http://a:1", false)]
    public void Overrides_have_a_form(string text, bool valid)
    {
        var errors = new List<string>();
        new EtcdOptions { Servers = ["http://m:1"], ServersOverrides = [text] }.Validate(errors);
        Assert.Equal(valid ? [] : ["--etcd-servers-overrides invalid, must be of format: group/resource#servers, where servers are URLs, semicolon separated"], errors);
    }

    [Fact]
    public void The_same_servers_are_one_store_in_whatever_order()
    {
        var options = new EtcdOptions { Servers = ["m"], ServersOverrides = ["/events#b;a", "apps/deployments#a;b", "/pods#a"] };
        Assert.Equal(["b,a", "a"], options.OverrideServers.Select(servers => string.Join(',', servers)));
        Assert.Equal([0, 0, 1], options.Overrides.Select(o => o.Servers));
    }

    private static Task<TestApiServer> StartAsync(EtcdCluster cluster, string prefix = "/registry") =>
        TestApiServer.StartAsync(options => options with { Etcd = new EtcdOptions { Servers = cluster.Endpoints, Prefix = prefix } }, Stop);

    private static async Task CreateAsync(HttpClient client, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(path, content, Stop);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Stop));
    }

    private static async Task EventuallyCreateAsync(HttpClient client, string path, string body)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await client.PostAsync(path, content, Stop);
            if (response.StatusCode == HttpStatusCode.Created)
                return;
            Assert.True(attempt < 50, await response.Content.ReadAsStringAsync(Stop));
            await Task.Delay(100, Stop);
        }
    }

    private static async Task<HttpStatusCode> PutAsync(HttpClient client, string path, JsonNode obj)
    {
        using var content = new StringContent(obj.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await client.PutAsync(path, content, Stop);
        return response.StatusCode;
    }

    private static async Task<JsonNode> GetAsync(HttpClient client, string path) => JsonNode.Parse(await client.GetStringAsync(path, Stop))!;
}
