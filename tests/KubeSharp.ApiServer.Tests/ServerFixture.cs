using KubeSharp.ApiServer.Tests;
using KubeSharp.Testing;

[assembly: AssemblyFixture(typeof(ServerFixture))]

namespace KubeSharp.ApiServer.Tests;

/// <summary>One server, with every API version on, for all tests that do not need one of their own.</summary>
public class ServerFixture : IAsyncLifetime
{
    public TestApiServer Server { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await TestApiServer.StartAsync(o => o with { RuntimeConfig = new Dictionary<string, bool> { ["api/all"] = true } });
        Admin = Server.AdminClient();
        // No controller makes the account that pods run as.
        using var account = new StringContent("""{"metadata":{"name":"default"}}""", System.Text.Encoding.UTF8, "application/json");
        using var response = await Admin.PostAsync("/api/v1/namespaces/default/serviceaccounts", account);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A server like <see cref="ServerFixture"/>'s for the tests of one class, whose resources others would see.</summary>
public sealed class OwnServerFixture : ServerFixture;
