using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.Storage.Tests.Etcd;
using KubeSharp.Testing;

namespace KubeSharp.Tests;

/// <summary>Whole servers over one etcd, and servers that are killed while they write.</summary>
public sealed class SharedStoreTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_a_server_dies_another_leads()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        var servers = string.Join(',', etcd.Endpoints);
        await using var one = new ServerProcess("server", "--etcd-servers", servers, "--hollow-nodes", "1");
        await one.StartAsync();
        await using var two = new ServerProcess("server", "--etcd-servers", servers);
        await two.StartAsync();
        var kubectl = two.Kubectl();
        await kubectl.WaitAsync("-n kube-system get lease kube-controller-manager -o jsonpath={.spec.holderIdentity}", "_");

        // What one server is told, the controllers of either do, once.
        await one.Kubectl().RunAsync("create deployment web --image=nginx --replicas=2");
        await kubectl.WaitAsync("get deployment web -o jsonpath={.status.readyReplicas}", "2");
        Assert.Equal(2, (await kubectl.RunAsync("get pods -l app=web -o name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Single((await kubectl.RunAsync("get replicasets -l app=web -o name")).Split('\n', StringSplitOptions.RemoveEmptyEntries));

        await one.KillAsync();
        await kubectl.RunAsync("scale deployment/web --replicas=3");
        // The dead leader's leases run out after 15 s.
        await kubectl.WaitAsync("get deployment web -o jsonpath={.status.replicas}", "3");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_is_killed_while_it_writes_loses_nothing(bool onEtcd)
    {
        await using var etcd = onEtcd ? await EtcdCluster.StartAsync() : null;
        await using var server = onEtcd ? new ServerProcess("kube-apiserver", "--etcd-servers", etcd!.Endpoints[0]) : new ServerProcess("kube-apiserver");
        await server.StartAsync();
        using var client = TestApiServer.AdminClient(server.DataDirectory, new Uri(server.Url).Port);
        const string Path = "/api/v1/namespaces/default/configmaps";
        var acknowledged = new ConcurrentDictionary<string, string>();
        using var done = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; !done.IsCancellationRequested; i++)
                {
                    var name = $"w{writer}-{i}";
                    try
                    {
                        using var body = new StringContent($"{{\"metadata\":{{\"name\":\"{name}\"}}}}", Encoding.UTF8, "application/json");
                        using var response = await client.PostAsync(Path, body, Stop);
                        if (response.StatusCode == HttpStatusCode.Created)
                            acknowledged[name] = JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["metadata"]!["uid"]!.GetValue<string>();
                    }
                    catch (Exception exception) when (exception is HttpRequestException or IOException)
                    {
                        await Task.Delay(20, Stop);
                    }
                }
            },
            Stop)).ToArray();
        for (var round = 0; round < 3; round++)
        {
            await Task.Delay(300 + (round * 271), Stop);
            await server.KillAsync();
            await server.StartAgainAsync();
        }

        await Task.Delay(300, Stop);
        await done.CancelAsync();
        await Task.WhenAll(writers);
        Assert.True(acknowledged.Count > 200, $"{acknowledged.Count} writes");
        var list = JsonNode.Parse(await client.GetStringAsync(Path, Stop))!["items"]!.AsArray().Select(item => item!["metadata"]!).ToList();
        var found = list.ToDictionary(m => m["name"]!.GetValue<string>(), m => m["uid"]!.GetValue<string>());
        foreach (var (name, uid) in acknowledged)
            Assert.Equal(uid, found.GetValueOrDefault(name));
    }
}
