using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Etcdserverpb;
using Grpc.Net.Client;

namespace KubeSharp.Storage.Etcd;

/// <summary>
/// A gRPC channel of our own to each member: no retries of writes, answers of any size, keepalives. One member is used
/// until it fails; then the next. Safe for concurrent use.
/// </summary>
internal sealed class EtcdChannels : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly Member[] _members;
    private int _current;

    /// <exception cref="FormatException">An address, or a file that is named, cannot be read.</exception>
    public EtcdChannels(EtcdStoreOptions options)
    {
        if (options.Endpoints.Count == 0)
            throw new FormatException("no etcd endpoint is given");
        var tls = Tls(options);
        _members = [.. options.Endpoints.Select(endpoint => new Member(Open(endpoint, options, tls)))];
    }

    public int Count => _members.Length;

    public Member Current => _members[(uint)Volatile.Read(ref _current) % (uint)_members.Length];

    public IReadOnlyList<Member> All => _members;

    /// <summary>Goes on to the next member, unless somebody else has left this one already.</summary>
    public void Leave(Member member)
    {
        var current = Volatile.Read(ref _current);
        if (ReferenceEquals(_members[(uint)current % (uint)_members.Length], member))
            Interlocked.CompareExchange(ref _current, current + 1, current);
    }

    public void Dispose()
    {
        foreach (var member in _members)
            member.Dispose();
    }

    private static GrpcChannel Open(string endpoint, EtcdStoreOptions options, SslClientAuthenticationOptions? tls)
    {
        var address = endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : "http://" + endpoint;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https" or "unix" or "unixs"))
            throw new FormatException($"etcd endpoint \"{endpoint}\" is not an address");
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = options.KeepAliveTime,
            KeepAlivePingTimeout = options.KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        if (tls is not null)
            handler.SslOptions = tls;
        if (uri.Scheme.StartsWith("unix", StringComparison.Ordinal))
        {
            var path = uri.Host + uri.AbsolutePath;
            handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(path, cancellationToken);
            uri = new Uri(uri.Scheme == "unix" ? "http://localhost" : "https://localhost");
        }

        return GrpcChannel.ForAddress(uri, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
            // Each call is tried once: what is tried again is decided where it is known to be safe.
            MaxRetryAttempts = 1,
        });
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions? Tls(EtcdStoreOptions options)
    {
        if (options.CaFile.Length == 0 && options.CertFile.Length == 0)
            return null;
        try
        {
            var tls = new SslClientAuthenticationOptions();
            if (options.CaFile.Length > 0)
            {
                tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(options.CaFile);
            }

            if (options.CertFile.Length > 0)
            {
                var certificate = X509Certificate2.CreateFromPemFile(options.CertFile, options.KeyFile);
                tls.ClientCertificates = [certificate];
                tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
            }

            return tls;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"etcd client files: {exception.Message}", exception);
        }
    }

    /// <summary>One member and its clients.</summary>
    internal sealed class Member(GrpcChannel channel) : IDisposable
    {
        public KV.KVClient Kv { get; } = new(channel);

        public Watch.WatchClient Watch { get; } = new(channel);

        public Lease.LeaseClient Lease { get; } = new(channel);

        public Maintenance.MaintenanceClient Maintenance { get; } = new(channel);

        public string Address { get; } = channel.Target;

        public void Dispose() => channel.Dispose();
    }
}
