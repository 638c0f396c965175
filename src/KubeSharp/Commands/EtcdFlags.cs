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
    private readonly Option<string[]> _overrides = new("--etcd-servers-overrides")
    {
        Description = "Other etcd servers for single resources that are compiled in: group/resource#servers, where servers are URLs, semicolon separated.", DefaultValueFactory = _ => [],
    };

    private readonly Option<string> _prefix = new("--etcd-prefix") { Description = "What all keys in etcd begin with.", DefaultValueFactory = _ => "/registry" };
    private readonly Option<string> _caFile = new("--etcd-cafile") { Description = "Authorities of the members' certificates.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _certFile = new("--etcd-certfile") { Description = "The client certificate for etcd.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _keyFile = new("--etcd-keyfile") { Description = "The key of --etcd-certfile.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _backend = new("--storage-backend") { Description = "The kind of store: etcd3.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _mediaType = new("--storage-media-type") { Description = "The encoding of objects in the store.", DefaultValueFactory = _ => "application/vnd.kubernetes.protobuf" };
    private readonly Option<string> _compaction = new("--etcd-compaction-interval") { Description = "How often the store forgets old revisions; 0 for never.", DefaultValueFactory = _ => "5m0s" };
    private readonly Option<string> _healthTimeout = new("--etcd-healthcheck-timeout") { Description = "How long the store may take to answer the health check.", DefaultValueFactory = _ => "2s" };
    private readonly Option<string> _readyTimeout = new("--etcd-readycheck-timeout") { Description = "How long the store may take to answer the readiness check.", DefaultValueFactory = _ => "2s" };
    private readonly Option<string> _sizePoll = new("--etcd-db-metric-poll-interval") { Description = "How often the size of the store is asked for; 0 for never.", DefaultValueFactory = _ => "30s" };
    private readonly Option<long> _leaseReuse = new("--lease-reuse-duration-seconds") { Description = "How long one lease takes in new keys.", DefaultValueFactory = _ => 60 };

    private readonly Option<bool> _corruptCheck = new("--storage-initial-corrupt-check") { Description = "Check all of the embedded store before it is served, also after a clean stop; after any other end that is done anyway.", DefaultValueFactory = _ => false };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_servers, _overrides, _prefix, _caFile, _certFile, _keyFile, _backend, _mediaType, _compaction, _healthTimeout, _readyTimeout, _sizePoll, _leaseReuse, _corruptCheck])
            command.Options.Add(option);
    }

    /// <summary>The flags that say how to talk to etcd, for a command that is told elsewhere where it is.</summary>
    public void AddTransportTo(Command command)
    {
        foreach (var option in (Option[])[_prefix, _caFile, _certFile, _keyFile])
            command.Options.Add(option);
    }

    /// <summary>An etcd at these addresses, by the flags of <see cref="AddTransportTo"/>.</summary>
    public EtcdOptions ReadTransport(ParseResult result, IReadOnlyList<string> servers) => new()
    {
        Servers = servers,
        Prefix = result.GetValue(_prefix)!,
        CaFile = result.GetValue(_caFile)!,
        CertFile = result.GetValue(_certFile)!,
        KeyFile = result.GetValue(_keyFile)!,
    };

    /// <exception cref="FormatException">A value that cannot be read.</exception>
    public EtcdOptions Read(ParseResult result) => new()
    {
        Servers = List(result, _servers),
        ServersOverrides = List(result, _overrides),
        Prefix = result.GetValue(_prefix)!,
        CaFile = result.GetValue(_caFile)!,
        CertFile = result.GetValue(_certFile)!,
        KeyFile = result.GetValue(_keyFile)!,
        StorageBackend = result.GetValue(_backend)!,
        StorageMediaType = result.GetValue(_mediaType)!,
        CompactionInterval = ServingFlags.Duration(result, _compaction),
        HealthcheckTimeout = ServingFlags.Duration(result, _healthTimeout),
        ReadycheckTimeout = ServingFlags.Duration(result, _readyTimeout),
        DbMetricPollInterval = ServingFlags.Duration(result, _sizePoll),
        LeaseReuseDurationSeconds = result.GetValue(_leaseReuse),
        InitialCorruptCheck = result.GetValue(_corruptCheck),
    };

    /// <summary>Opens the store that the options name, and says when it is found damaged (never, for one that is elsewhere).</summary>
    /// <exception cref="InvalidDataException">An option cannot be used.</exception>
    public static (IRevisionedStore Store, Task<Exception> Damage) Open(ApiServerOptions options)
    {
        if (options.Etcd.Servers.Count > 0)
            return (Open(options.Etcd), new TaskCompletionSource<Exception>().Task);
        var store = SqliteStore.Open(new SqliteStoreOptions
        {
            Path = DatabaseIn(options.DataDirectory),
            PreviousValues = false,
            StartupCheck = options.Etcd.InitialCorruptCheck ? StartupCheck.Full : StartupCheck.Automatic,
        });
        return (store, DamageOf(store));
    }

    /// <summary>Opens an etcd.</summary>
    /// <exception cref="InvalidDataException">An option cannot be used.</exception>
    public static EtcdStore Open(EtcdOptions options)
    {
        try
        {
            return EtcdStore.Open(new EtcdStoreOptions
            {
                Endpoints = options.Servers,
                Prefix = options.Prefix,
                CaFile = options.CaFile,
                CertFile = options.CertFile,
                KeyFile = options.KeyFile,
                PreviousValues = false,
            });
        }
        catch (FormatException exception)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
    }

    /// <summary>The embedded store's database.</summary>
    public static string DatabaseIn(string dataDirectory) => Path.Combine(dataDirectory, "kubesharp.db");

    private static string[] List(ParseResult result, Option<string[]> option) =>
        [.. result.GetValue(option)!.SelectMany(s => s.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static async Task<Exception> DamageOf(SqliteStore store) => await store.Corruption.ConfigureAwait(false);
}
