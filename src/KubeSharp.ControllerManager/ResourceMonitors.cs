using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ControllerManager.GarbageCollector;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ControllerManager;

/// <summary>
/// Follows which resources there are: custom ones come and go, and their versions change. Looks every 30 seconds, as upstream's
/// garbage collector and quota controller do (Sync in pkg/controller/garbagecollector/garbagecollector.go and
/// pkg/controller/resourcequota/resource_quota_controller.go, v1.36). What is there at the start is watched with the informers that
/// all share, and stays; what comes later has an informer of its own, which ends when the resource goes.
/// </summary>
/// <param name="context">Where the controller lives.</param>
/// <param name="find">Finds all resources; null where none come or go.</param>
/// <param name="added">Told of a resource before its informer starts.</param>
/// <param name="removed">Told of a resource that is gone.</param>
internal sealed class ResourceMonitors(
    ControllerContext context, Func<CancellationToken, ValueTask<IReadOnlyList<GarbageCollectedResource>>>? find,
    Action<GarbageCollectedResource, SharedInformer> added, Action<GarbageCollectedResource> removed)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly HashSet<GroupVersionResource> _shared = [];
    private readonly Dictionary<GroupVersionResource, Monitor> _own = [];

    /// <summary>Takes in a resource that is there at the start.</summary>
    public void Add(GarbageCollectedResource resource)
    {
        if (_shared.Add(resource.Resource))
            added(resource, context.Informers.ForResource(resource.Resource));
    }

    /// <summary>Looks again and again until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (find is null)
            return;
        using var timer = new PeriodicTimer(Period, context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
                await ResyncAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            foreach (var monitor in _own.Values)
                await monitor.StopAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Looks once. What cannot be found out leaves everything as it is.</summary>
    public async Task ResyncAsync(CancellationToken cancellationToken)
    {
        Dictionary<GroupVersionResource, GarbageCollectedResource> found;
        try
        {
            found = (await find!(cancellationToken).ConfigureAwait(false)).DistinctBy(resource => resource.Resource).ToDictionary(resource => resource.Resource);
        }
        catch (Exception exception) when (exception is StatusException or HttpRequestException)
        {
            return;
        }

        foreach (var gone in _own.Values.Where(own => !found.ContainsKey(own.Resource.Resource)).ToList())
        {
            _own.Remove(gone.Resource.Resource);
            removed(gone.Resource);
            await gone.StopAsync().ConfigureAwait(false);
        }

        foreach (var resource in found.Values.Where(resource => !_shared.Contains(resource.Resource) && !_own.ContainsKey(resource.Resource)))
        {
            var informer = new SharedInformer(
                context.Client, new ResourceRequest(resource.Resource), new ListOptions(), context.Time, context.Loggers.CreateLogger<SharedInformer>());
            added(resource, informer);
            _own.Add(resource.Resource, new Monitor(resource, informer, cancellationToken));
        }
    }

    /// <summary>A resource with an informer that runs for it alone.</summary>
    private sealed class Monitor
    {
        private readonly CancellationTokenSource _stop;
        private readonly Task _running;

        public Monitor(GarbageCollectedResource resource, SharedInformer informer, CancellationToken cancellationToken)
        {
            Resource = resource;
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _running = Task.Run(() => informer.RunAsync(_stop.Token), CancellationToken.None);
        }

        public GarbageCollectedResource Resource { get; }

        public async Task StopAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }
    }
}
