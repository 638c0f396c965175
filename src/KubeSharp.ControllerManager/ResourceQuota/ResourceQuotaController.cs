using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Quota;
using KubeSharp.ControllerManager.GarbageCollector;
using Quota = KubeSharp.ApiMachinery.Views.Core.V1.ResourceQuota;

namespace KubeSharp.ControllerManager.ResourceQuota;

/// <summary>
/// resourcequota-controller: counts what namespaces use of their quotas, when a quota is new or changed, when something that it
/// counts goes or shrinks, and every few minutes (pkg/controller/resourcequota/resource_quota_controller.go, v1.36).
/// Differs: new quotas wait in the same queue as the others.
/// </summary>
public sealed class ResourceQuotaController : Controller
{
    /// <summary>Upstream's <c>--resource-quota-sync-period</c>.</summary>
    private static readonly TimeSpan ResyncPeriod = TimeSpan.FromMinutes(5);

    private static readonly GroupVersionResource Quotas = new("", "v1", "resourcequotas");

    private readonly Lister _quotas;
    private readonly ConcurrentDictionary<GroupResource, Lister> _listers = [];
    private readonly ResourceMonitors _monitors;
    private readonly QuotaRegistry _registry;

    /// <param name="context">Where the controller lives.</param>
    /// <param name="counted">All resources that can be watched, each at one version; those of namespaces are counted.</param>
    /// <param name="find">Finds that anew; null where nothing comes or goes.</param>
    public ResourceQuotaController(
        ControllerContext context, IEnumerable<GarbageCollectedResource> counted, Func<CancellationToken, ValueTask<IReadOnlyList<GarbageCollectedResource>>>? find = null)
        : base("resourcequota-controller", context)
    {
        var deviceClasses = context.Informers.ForResource(new GroupVersionResource("resource.k8s.io", "v1", "deviceclasses")).Lister;
        _registry = new QuotaRegistry(context.Time, new ResourceClaimSources(
            () => deviceClasses.List(),
            (ns, name) => _listers.GetValueOrDefault(new GroupResource("", "pods"))?.Get(ns, name),
            ns => List(new GroupResource("resource.k8s.io", "resourceclaims"), ns)));
        var quotas = context.Informers.ForResource(Quotas);
        _quotas = quotas.Lister;
        quotas.AddHandler(new ResourceEventHandler { OnAdded = Enqueue, OnUpdated = EnqueueChanged });
        _monitors = new ResourceMonitors(
            context,
            find is null ? null : async token => [.. (await find(token).ConfigureAwait(false)).Where(resource => resource.Namespaced)],
            (resource, informer) =>
            {
                if (_registry.For(resource.Resource.GroupResource) is { } evaluator)
                    Watch(resource.Resource, informer, evaluator);
            },
            resource => _listers.TryRemove(resource.Resource.GroupResource, out _));
        foreach (var resource in counted.Where(resource => resource.Namespaced))
            _monitors.Add(resource);
    }

    protected override int? MaxRetries => null;

    private void Watch(GroupVersionResource resource, SharedInformer informer, QuotaEvaluator evaluator)
    {
        _listers[resource.GroupResource] = informer.Lister;
        // What comes is charged by the API server.
        informer.AddHandler(new ResourceEventHandler
        {
            OnUpdated = (old, obj) =>
            {
                if (evaluator.Frees(old, obj))
                    Replenish(evaluator, obj);
            },
            OnDeleted = obj => Replenish(evaluator, obj),
        });
    }

    /// <summary>Looks for new resources at once.</summary>
    internal Task ResyncMonitorsAsync(CancellationToken cancellationToken) => _monitors.ResyncAsync(cancellationToken);

    protected override Task RunLoopsAsync(CancellationToken cancellationToken) => Task.WhenAll(_monitors.RunAsync(cancellationToken), ResyncQuotasAsync(cancellationToken));

    private async Task ResyncQuotasAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ResyncPeriod, Context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                foreach (var quota in _quotas.List())
                    Enqueue(quota);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_quotas.Get(key) is not { } map)
            return;
        var quota = new Quota(map);
        var hard = ResourceList.From(quota.Spec.Hard);
        var before = ResourceList.From(quota.Status.Used);
        var used = before.Clone();
        foreach (var (name, quantity) in QuotaUsage.Calculate(quota, _registry, resource => List(resource, quota.Metadata.Namespace)))
            used[name] = quantity;
        used = used.Masked(hard.Names);
        if (quota.Status.Hard.Exists && quota.Status.Used.Exists && hard.HasSameValues(ResourceList.From(quota.Status.Hard)) && used.HasSameValues(before))
            return;
        var changed = map.ShallowClone();
        changed.Set("status", new Map(2) { { "hard", quota.Spec.Hard.Map?.DeepClone() ?? new Map() }, { "used", used.ToMap() } });
        try
        {
            await Context.Client.UpdateAsync(new ResourceRequest(Quotas, quota.Metadata.Namespace, quota.Metadata.Name, "status"), changed, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // The quota went away meanwhile.
        }
    }

    private IReadOnlyList<Map> List(GroupResource resource, string ns) => _listers.GetValueOrDefault(resource)?.ListNamespace(ns) ?? [];

    private void Replenish(QuotaEvaluator evaluator, Map obj)
    {
        foreach (var quota in _quotas.ListNamespace(ObjectMetaAccessor.GetNamespace(obj)))
        {
            if (evaluator.MatchingResources(QuotaScopes.Names(new Quota(quota).Status.Hard)).Count > 0)
                Enqueue(quota);
        }
    }

    private void EnqueueChanged(Map old, Map quota)
    {
        // Changes of the status are this controller's own, or charges.
        if (!ResourceList.From(new Quota(old).Spec.Hard).HasSameValues(ResourceList.From(new Quota(quota).Spec.Hard)))
            Enqueue(quota);
    }

    private void Enqueue(Map quota) => Queue.Add($"{ObjectMetaAccessor.GetNamespace(quota)}/{ObjectMetaAccessor.GetName(quota)}");
}
