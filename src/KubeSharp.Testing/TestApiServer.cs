using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using KubeSharp.ApiServer.Options;
using KubeSharp.Storage;
using KubeSharp.Storage.Etcd;
using KubeSharp.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace KubeSharp.Testing;

/// <summary>
/// A real API server inside a test: TLS on a free loopback port, an embedded store in a folder of its own that is removed
/// at the end. <c>await using var server = await TestApiServer.StartAsync();</c>
/// </summary>
public sealed class TestApiServer : IAsyncDisposable
{
    private readonly IRevisionedStore _store;
    private readonly List<IRevisionedStore> _overrides;
    private readonly string _directory;

    private TestApiServer(ApiServer.ApiServer server, IRevisionedStore store, List<IRevisionedStore> overrides, string directory)
    {
        Server = server;
        _store = store;
        _overrides = overrides;
        _directory = directory;
    }

    /// <summary>The server itself, for tests that look inside.</summary>
    public ApiServer.ApiServer Server { get; }

    /// <summary>The store behind the server, for tests that look at what is stored.</summary>
    public KubeSharp.Storage.IRevisionedStore Store => _store;

    public Uri Address => new($"https://127.0.0.1:{Server.Options.SecurePort}");

    /// <summary>The kubeconfig of an administrator.</summary>
    public string Kubeconfig => Server.Certificates.AdminKubeconfig!;

    /// <summary>Starts a server and waits until everything that a new cluster has is there.</summary>
    /// <param name="configure">Changes the options before they are used.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<TestApiServer> StartAsync(Func<ApiServerOptions, ApiServerOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        var directory = Directory.CreateTempSubdirectory("kubesharp-test-").FullName;
        var options = new ApiServerOptions { DataDirectory = directory, BindAddress = IPAddress.Loopback, SecurePort = FreePort() };
        options = configure?.Invoke(options) ?? options;
        EtcdStore OpenEtcd(IReadOnlyList<string> servers) => EtcdStore.Open(new EtcdStoreOptions { Endpoints = servers, Prefix = options.Etcd.Prefix, PreviousValues = false });
        IRevisionedStore store = options.Etcd.Servers.Count > 0
            ? OpenEtcd(options.Etcd.Servers)
            : SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(directory, "kubesharp.db"), PreviousValues = false });
        List<IRevisionedStore> overrides = [.. options.Etcd.OverrideServers.Select(OpenEtcd)];
        var server = ApiServer.ApiServer.Build(options, store, TimeProvider.System, logging => logging.SetMinimumLevel(LogLevel.None), overrides);
        await server.StartAsync(cancellationToken).ConfigureAwait(false);
        await server.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new TestApiServer(server, store, overrides, directory);
    }

    /// <summary>A client that trusts the server and is nobody; add a token or use <see cref="AdminClient()"/>.</summary>
    public HttpClient AnonymousClient() => new(Handler()) { BaseAddress = Address };

    /// <summary>A client with the administrator's certificate.</summary>
    public HttpClient AdminClient() => AdminClient(_directory, Server.Options.SecurePort);

    /// <summary>A client with the administrator's certificate of a server's data directory.</summary>
    public static HttpClient AdminClient(string dataDirectory, int port)
    {
        var handler = Handler();
        handler.SslOptions.ClientCertificates = [AdminCertificate(dataDirectory)];
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{port}") };
    }

    /// <summary>The administrator's certificate with its key, for clients of one's own making.</summary>
    public X509Certificate2 AdminCertificate() => AdminCertificate(_directory);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync().ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
        foreach (var store in _overrides)
            await store.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_directory, recursive: true);
    }

    private static X509Certificate2 AdminCertificate(string dataDirectory)
    {
        var pki = Path.Combine(dataDirectory, "pki");
        return X509Certificate2.CreateFromPemFile(Path.Combine(pki, "admin.crt"), Path.Combine(pki, "admin.key"));
    }

    private static SocketsHttpHandler Handler() => new()
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
    };

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
