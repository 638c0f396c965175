using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ControllerManager.ClusterRoleAggregation;
using KubeSharp.ControllerManager.Deployment;
using KubeSharp.ControllerManager.Endpoint;
using KubeSharp.ControllerManager.EndpointSlice;
using KubeSharp.ControllerManager.GarbageCollector;
using KubeSharp.ControllerManager.Namespace;
using KubeSharp.ControllerManager.NodeLifecycle;
using KubeSharp.ControllerManager.PodGarbageCollector;
using KubeSharp.ControllerManager.ReplicaSet;
using KubeSharp.ControllerManager.ResourceQuota;
using KubeSharp.ControllerManager.RootCaCertificatePublisher;
using KubeSharp.ControllerManager.ServiceAccount;

namespace KubeSharp.ControllerManager;

/// <summary>What controllers need to know of the cluster beyond its API.</summary>
/// <param name="Namespaced">Finds the namespaced resources that can be listed and deleted, each at one version; custom
/// resources come and go.</param>
/// <param name="CaPem">The authority of the API server's certificate.</param>
/// <param name="Collected">All resources that the garbage collector watches, at the start.</param>
/// <param name="Collectable">Finds them anew.</param>
public sealed record ControllerOptions(
    Func<CancellationToken, ValueTask<IReadOnlyList<GroupVersionResource>>> Namespaced, string CaPem,
    IReadOnlyList<GarbageCollectedResource> Collected, Func<CancellationToken, ValueTask<IReadOnlyList<GarbageCollectedResource>>> Collectable);

/// <summary>The controllers, a row each (cmd/kube-controller-manager/app/controllermanager.go NewControllerDescriptors).</summary>
public static class ControllerTable
{
    /// <summary>How many workers, and how the controller is made; null when it has nothing to work with.</summary>
    public sealed record Row(int Workers, Func<ControllerContext, ControllerOptions, Controller?> Create);

    public static readonly IReadOnlyList<Row> Rows =
    [
        new(5, (context, _) => new DeploymentController(context)),
        new(5, (context, _) => new ReplicaSetController(context)),
        new(10, (context, options) => new NamespaceController(context, options.Namespaced)),
        new(1, (context, _) => new ServiceAccountsController(context)),
        new(20, (context, options) => new GarbageCollectorController(context, options.Collected, options.Collectable)),
        new(1, (context, _) => new PodGarbageCollectorController(context)),
        new(8, (context, _) => new NodeLifecycleController(context)),
        new(5, (context, _) => new EndpointSliceController(context)),
        new(5, (context, _) => new EndpointsController(context)),
        new(1, (context, options) => options.CaPem.Length == 0 ? null : new RootCaCertificatePublisherController(context, options.CaPem)),
        new(5, (context, _) => new ClusterRoleAggregationController(context)),
        new(5, (context, options) => new ResourceQuotaController(context, options.Collected, options.Collectable)),
    ];
}

/// <summary>Runs all controllers over shared informers.</summary>
public static class ControllerRunner
{
    public static async Task RunAsync(ControllerContext context, ControllerOptions options, CancellationToken cancellationToken)
    {
        // All informers are registered before the first starts.
        var controllers = ControllerTable.Rows.Select(row => (row.Workers, Controller: row.Create(context, options))).Where(c => c.Controller is not null).ToList();
        context.Informers.Start(cancellationToken);
        await Task.WhenAll(controllers.Select(c => c.Controller!.RunAsync(c.Workers, cancellationToken))).ConfigureAwait(false);
    }
}
