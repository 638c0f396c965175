using KubeSharp.ApiServer.Tests;
using KubeSharp.Testing;

[assembly: AssemblyFixture(typeof(ServerFixture))]

namespace KubeSharp.ApiServer.Tests;

/// <summary>One server, with every API version on, for all tests that do not need one of their own.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public TestApiServer Server { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await TestApiServer.StartAsync(o => o with { RuntimeConfig = new Dictionary<string, bool> { ["api/all"] = true } });
        Admin = Server.AdminClient();
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await Server.DisposeAsync();
    }
}
