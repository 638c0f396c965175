using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry;
using KubeSharp.Storage;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.Cache;

/// <summary>A store, the feed that fills the caches of what it holds, and the leases of its keys.</summary>
internal sealed record StorageBackend(MonitoredStore Store, StoreFeed Feed, LeaseManager Leases);

/// <summary>Which store holds which resource: the one of <c>--etcd-servers</c>, unless <c>--etcd-servers-overrides</c> names another
/// (SetEtcdLocation in apiserver/pkg/server/storage/storage_factory.go, v1.36).</summary>
internal sealed class StorageBackends
{
    private readonly Dictionary<GroupResource, StorageBackend> _overrides = [];

    /// <param name="main">The store of all that is not overridden, measured.</param>
    /// <param name="others">The stores of <see cref="EtcdOptions.OverrideServers"/>, in that order, measured.</param>
    /// <param name="options">Who overrides what.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where the feeds and stores say what goes wrong.</param>
    public StorageBackends(MonitoredStore main, IReadOnlyList<MonitoredStore> others, EtcdOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        StorageBackend Of(MonitoredStore store)
        {
            store.Logger = loggers.CreateLogger<MonitoredStore>();
            return new StorageBackend(store, new StoreFeed(store, time, loggers.CreateLogger<StoreFeed>()), new LeaseManager(store, options.LeaseReuseDurationSeconds, time));
        }

        All = [.. others.Prepend(main).Select(Of)];
        foreach (var (resource, servers) in options.Overrides)
            _overrides[resource] = All[servers + 1];
    }

    /// <summary>The main one, then the others.</summary>
    public IReadOnlyList<StorageBackend> All { get; }

    public StorageBackend Main => All[0];

    public StorageBackend For(GroupResource resource) => _overrides.GetValueOrDefault(resource, Main);
}
