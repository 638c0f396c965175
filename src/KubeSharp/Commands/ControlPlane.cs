using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ControllerManager;
using KubeSharp.ControllerManager.GarbageCollector;
using KubeSharp.ControllerManager.HollowNodes;
using Microsoft.Extensions.Logging;

namespace KubeSharp.Commands;

/// <summary>The components that stand beside the API server, in its process: controllers, scheduler, hollow nodes.</summary>
internal static class ControlPlane
{
    /// <summary>Starts them all; the tasks end when the token is cancelled.</summary>
    public static IReadOnlyList<Task> Start(ApiServer.ApiServer server, int hollowNodes, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var running = new List<Task>();
        var controllers = Context(server.CreateClient("system:kube-controller-manager"), loggers);
        running.Add(controllers.Events.RunAsync(cancellationToken));
        running.Add(ControllerRunner.RunAsync(controllers, Options(server), cancellationToken));

        var scheduling = Context(server.CreateClient("system:kube-scheduler"), loggers);
        running.Add(scheduling.Events.RunAsync(cancellationToken));
        var scheduler = new Scheduler.Scheduler(scheduling);
        scheduling.Informers.Start(cancellationToken);
        running.Add(scheduler.RunAsync(cancellationToken));

        if (hollowNodes > 0)
        {
            var pool = new HollowNodePool(new HollowNodeOptions { Count = hollowNodes }, server.CreateClient("kubesharp-hollow-nodes"), TimeProvider.System, loggers.CreateLogger<HollowNodePool>());
            running.Add(pool.RunAsync(cancellationToken));
        }

        return running;
    }

    private static ControllerOptions Options(ApiServer.ApiServer server) => new(
        _ => new ValueTask<IReadOnlyList<GroupVersionResource>>([.. server.Resources.All
            .Where(r => r.IsStored && r.Resource.Namespaced && r.Resource.Verbs.Contains("deletecollection") && r.GroupVersion.Version == r.Resource.Versions[0] && r.Resource.Group != "events.k8s.io")
            .Select(r => r.GroupVersionResource)]),
        server.Certificates.CaPem,
        [.. server.Resources.All
            .Where(r => r.IsStored && r.Resource.Verbs.Contains("delete") && r.GroupVersion.Version == r.Resource.Versions[0] && r.Resource.Resource != "events")
            .Select(r => new GarbageCollectedResource(r.GroupVersionResource, r.Resource.Kind, r.Resource.Namespaced))]);

    internal static ControllerContext Context(IApiClient client, ILoggerFactory loggers) => new(
        client,
        new SharedInformerFactory(client, TimeProvider.System, loggers),
        new EventBroadcaster(client, TimeProvider.System, loggers.CreateLogger<EventBroadcaster>()),
        TimeProvider.System,
        loggers);
}
