using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ComponentBase.Cache;

/// <summary>One informer over all namespaces for each resource that somebody asked for (client-go/informers/factory.go). Thread-safe.</summary>
public sealed class SharedInformerFactory(IApiClient client, TimeProvider time, ILoggerFactory loggers, Random? random = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<GroupVersionResource, SharedInformer> _informers = [];
    private readonly Dictionary<GroupVersionResource, Task> _running = [];

    /// <summary>The informer of a resource. One that is asked for after <see cref="Start"/> runs after the next Start.</summary>
    public SharedInformer ForResource(GroupVersionResource resource)
    {
        lock (_lock)
        {
            if (_informers.TryGetValue(resource, out var informer))
                return informer;
            informer = new SharedInformer(
                client, new ResourceRequest(resource), new ListOptions(), time, loggers.CreateLogger<SharedInformer>(), random);
            _informers.Add(resource, informer);
            return informer;
        }
    }

    /// <summary>Starts the informers that do not run yet; they end with the token.</summary>
    public void Start(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var (resource, informer) in _informers)
            {
                if (!_running.ContainsKey(resource))
                    _running.Add(resource, Task.Run(() => informer.RunAsync(cancellationToken), CancellationToken.None));
            }
        }
    }

    /// <summary>Waits until the stores of all informers that were started hold their first list.</summary>
    public Task WaitForCacheSyncAsync(CancellationToken cancellationToken)
    {
        Task[] synced;
        lock (_lock)
            synced = [.. _running.Keys.Select(resource => _informers[resource].Synced)];
        return Task.WhenAll(synced).WaitAsync(cancellationToken);
    }

    /// <summary>Waits until the informers have ended, after their token was cancelled.</summary>
    public Task StoppedAsync()
    {
        lock (_lock)
            return Task.WhenAll(_running.Values);
    }
}
