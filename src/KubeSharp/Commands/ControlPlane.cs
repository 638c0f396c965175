using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ComponentBase.LeaderElection;
using KubeSharp.ControllerManager;
using KubeSharp.ControllerManager.GarbageCollector;
using KubeSharp.ControllerManager.HollowNodes;
using Microsoft.Extensions.Logging;

namespace KubeSharp.Commands;

/// <summary>The components that stand beside the API server, in its process: controllers, scheduler, hollow nodes.</summary>
internal static class ControlPlane
{
    /// <summary>Starts them all; the tasks end when the token is cancelled. Servers that share a store elect one of them for the
    /// scheduler and one for the controllers.</summary>
    public static IReadOnlyList<Task> Start(ApiServer.ApiServer server, int hollowNodes, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var running = new List<Task>
        {
            RunAsync(
                server, "kube-controller-manager", loggers,
                token =>
                {
                    var context = Context(server.CreateClient("system:kube-controller-manager"), loggers);
                    return Task.WhenAll(context.Events.RunAsync(token), ControllerRunner.RunAsync(context, Options(server), token));
                },
                cancellationToken),
            RunAsync(
                server, "kube-scheduler", loggers,
                token =>
                {
                    var context = Context(server.CreateClient("system:kube-scheduler"), loggers);
                    var scheduler = new Scheduler.Scheduler(context);
                    context.Informers.Start(token);
                    return Task.WhenAll(context.Events.RunAsync(token), scheduler.RunAsync(token));
                },
                cancellationToken),
        };
        if (hollowNodes > 0)
        {
            var pool = new HollowNodePool(new HollowNodeOptions { Count = hollowNodes }, server.CreateClient("kubesharp-hollow-nodes"), TimeProvider.System, loggers.CreateLogger<HollowNodePool>());
            running.Add(pool.RunAsync(cancellationToken));
        }

        return running;
    }

    /// <summary>Runs a component; on a shared store only while this server holds the component's lease, and anew each time.</summary>
    private static async Task RunAsync(ApiServer.ApiServer server, string component, ILoggerFactory loggers, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        if (server.Options.Etcd.Servers.Count == 0)
        {
            await work(cancellationToken).ConfigureAwait(false);
            return;
        }

        // Leases live in a namespace that a new cluster does not have at once.
        await server.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
        var options = new LeaderElectionOptions("kube-system", component, $"{Environment.MachineName}_{Guid.NewGuid()}");
        while (!cancellationToken.IsCancellationRequested)
        {
            var elector = new LeaderElector(server.CreateClient($"system:{component}"), options, TimeProvider.System, loggers.CreateLogger<LeaderElector>());
            try
            {
                await elector.RunAsync(work, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Stopped, or led no longer.
            }
        }
    }

    private static ControllerOptions Options(ApiServer.ApiServer server) => new(
        _ => new ValueTask<IReadOnlyList<GroupVersionResource>>([.. server.Resources.All
            .Where(r => r.IsStored && r.Resource.Namespaced && r.Resource.Verbs.Contains("deletecollection") && r.GroupVersion.Version == r.Resource.Versions[0] && r.Resource.Group != "events.k8s.io")
            .Select(r => r.GroupVersionResource)]),
        server.Certificates.CaPem,
        Collectable(server),
        _ => new ValueTask<IReadOnlyList<GarbageCollectedResource>>(Collectable(server)));

    private static IReadOnlyList<GarbageCollectedResource> Collectable(ApiServer.ApiServer server) =>
    [
        .. server.Resources.All
            .Where(r => r.IsStored && r.Resource.Verbs.Contains("delete") && r.GroupVersion.Version == r.Resource.Versions[0] && r.Resource.Resource != "events")
            .Select(r => new GarbageCollectedResource(r.GroupVersionResource, r.Resource.Kind, r.Resource.Namespaced)),
    ];

    internal static ControllerContext Context(IApiClient client, ILoggerFactory loggers) => new(
        client,
        new SharedInformerFactory(client, TimeProvider.System, loggers),
        new EventBroadcaster(client, TimeProvider.System, loggers.CreateLogger<EventBroadcaster>()),
        TimeProvider.System,
        loggers);
}
