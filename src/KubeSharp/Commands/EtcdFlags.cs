using System.CommandLine;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiServer.Options;
using KubeSharp.Storage;
using KubeSharp.Storage.Etcd;
using KubeSharp.Storage.Sqlite;

namespace KubeSharp.Commands;

/// <summary>Which store: the <c>--etcd-*</c> flags by upstream's names (apiserver/pkg/server/options/etcd.go, v1.36).</summary>
internal sealed class EtcdFlags
{
    private readonly Option<string[]> _servers = new("--etcd-servers") { Description = "The client addresses of etcd's members; the embedded store when absent.", DefaultValueFactory = _ => [] };
    private readonly Option<string> _prefix = new("--etcd-prefix") { Description = "What all keys in etcd begin with.", DefaultValueFactory = _ => "/registry" };
    private readonly Option<string> _caFile = new("--etcd-cafile") { Description = "Authorities of the members' certificates.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _certFile = new("--etcd-certfile") { Description = "The client certificate for etcd.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _keyFile = new("--etcd-keyfile") { Description = "The key of --etcd-certfile.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _backend = new("--storage-backend") { Description = "The kind of store: etcd3.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _mediaType = new("--storage-media-type") { Description = "The encoding of objects in the store.", DefaultValueFactory = _ => "application/vnd.kubernetes.protobuf" };
    private readonly Option<string> _compaction = new("--etcd-compaction-interval") { Description = "How often the store forgets old revisions; 0 for never.", DefaultValueFactory = _ => "5m0s" };
    private readonly Option<string> _healthTimeout = new("--etcd-healthcheck-timeout") { Description = "How long the store may take to answer the health check.", DefaultValueFactory = _ => "2s" };
    private readonly Option<long> _leaseReuse = new("--lease-reuse-duration-seconds") { Description = "How long one lease takes in new keys.", DefaultValueFactory = _ => 60 };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_servers, _prefix, _caFile, _certFile, _keyFile, _backend, _mediaType, _compaction, _healthTimeout, _leaseReuse])
            command.Options.Add(option);
    }

    /// <exception cref="FormatException">A value that cannot be read.</exception>
    public EtcdOptions Read(ParseResult result) => new()
    {
        Servers = [.. result.GetValue(_servers)!.SelectMany(s => s.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
        Prefix = result.GetValue(_prefix)!,
        CaFile = result.GetValue(_caFile)!,
        CertFile = result.GetValue(_certFile)!,
        KeyFile = result.GetValue(_keyFile)!,
        StorageBackend = result.GetValue(_backend)!,
        StorageMediaType = result.GetValue(_mediaType)!,
        CompactionInterval = ServingFlags.Duration(result, _compaction),
        HealthcheckTimeout = ServingFlags.Duration(result, _healthTimeout),
        LeaseReuseDurationSeconds = result.GetValue(_leaseReuse),
    };

    /// <summary>Opens the store that the options name, and says when it is found damaged (never, for one that is elsewhere).</summary>
    /// <exception cref="InvalidDataException">An option cannot be used.</exception>
    public static (IRevisionedStore Store, Task<Exception> Damage) Open(ApiServerOptions options)
    {
        if (options.Etcd.Servers.Count > 0)
        {
            try
            {
                var etcd = EtcdStore.Open(new EtcdStoreOptions
                {
                    Endpoints = options.Etcd.Servers,
                    Prefix = options.Etcd.Prefix,
                    CaFile = options.Etcd.CaFile,
                    CertFile = options.Etcd.CertFile,
                    KeyFile = options.Etcd.KeyFile,
                    PreviousValues = false,
                });
                return (etcd, new TaskCompletionSource<Exception>().Task);
            }
            catch (FormatException exception)
            {
                throw new InvalidDataException(exception.Message, exception);
            }
        }

        var store = SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(options.DataDirectory, "kubesharp.db"), PreviousValues = false });
        return (store, DamageOf(store));
    }

    private static async Task<Exception> DamageOf(SqliteStore store) => await store.Corruption.ConfigureAwait(false);
}
