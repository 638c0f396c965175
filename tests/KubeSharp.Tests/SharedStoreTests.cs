using KubeSharp.Storage.Tests.Etcd;

namespace KubeSharp.Tests;

/// <summary>Whole servers over one etcd.</summary>
public sealed class SharedStoreTests
{
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
}
