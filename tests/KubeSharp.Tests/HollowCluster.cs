using KubeSharp.ApiServer.Tests.Clients;

namespace KubeSharp.Tests;

/// <summary>One control plane with two hollow nodes for all tests of a class; each test works in a namespace of its own.</summary>
public sealed class HollowCluster : IAsyncLifetime
{
    private readonly ServerProcess _server = new("server", "--hollow-nodes", "2");

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        var kubectl = _server.Kubectl();
        await kubectl.WaitAsync("get nodes --no-headers", "hollow-1   Ready");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>An administrator's kubectl.</summary>
    internal Kubectl Kubectl() => _server.Kubectl();

    /// <summary>Makes a namespace and waits for the account that its pods run as.</summary>
    internal async Task<Kubectl> NamespaceAsync(string name)
    {
        var kubectl = Kubectl();
        await kubectl.RunAsync($"create namespace {name}");
        await kubectl.WaitAsync($"-n {name} get serviceaccount default -o name", "serviceaccount/default");
        return kubectl;
    }
}
