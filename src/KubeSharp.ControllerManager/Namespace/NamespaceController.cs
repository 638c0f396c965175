using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;

namespace KubeSharp.ControllerManager.Namespace;

/// <summary>namespace-controller: empties namespaces that are being deleted, pods first, then lets them go
/// (pkg/controller/namespace/namespace_controller.go, v1.36).</summary>
public sealed class NamespaceController : Controller
{
    private const string Finalizer = "kubernetes";

    /// <summary>Time for all API servers to learn that nothing may be created any more.</summary>
    private static readonly TimeSpan DeletionGrace = TimeSpan.FromSeconds(5);

    private static readonly GroupVersionResource Namespaces = new("", "v1", "namespaces");

    private readonly Func<CancellationToken, ValueTask<IReadOnlyList<GroupVersionResource>>> _namespacedResources;
    private readonly NamespaceContent _content;
    private readonly Lister _namespaces;

    /// <param name="context">Where the controller lives.</param>
    /// <param name="namespacedResources">Finds all namespaced resources that can be deleted, each at one version.</param>
    public NamespaceController(ControllerContext context, Func<CancellationToken, ValueTask<IReadOnlyList<GroupVersionResource>>> namespacedResources)
        : base("namespace-controller", context)
    {
        _namespacedResources = namespacedResources;
        _content = new NamespaceContent(context.Client, context.Time);
        var informer = context.Informers.ForResource(Namespaces);
        _namespaces = informer.Lister;
        informer.AddHandler(new ResourceEventHandler { OnAdded = Enqueue, OnUpdated = (_, ns) => Enqueue(ns) }, TimeSpan.FromMinutes(5));
    }

    protected override int? MaxRetries => null;

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_namespaces.Get(key) is null)
            return;
        try
        {
            await DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // The namespace went away meanwhile.
        }
    }

    private async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var request = new ResourceRequest(Namespaces, "", name);
        var ns = await Context.Client.GetAsync(request, cancellationToken).ConfigureAwait(false);
        if (!ObjectMetaAccessor.IsBeingDeleted(ns))
            return;
        ns = await ChangeAsync(ns, "status", MarkTerminating, cancellationToken).ConfigureAwait(false);
        if (!ObjectMetaAccessor.IsBeingDeleted(ns) || ns.GetMap("spec")?.GetSequence("finalizers") is not { Count: > 0 })
            return;

        var (estimate, failures) = await EmptyAsync(ns, cancellationToken).ConfigureAwait(false);
        if (failures.Count > 0)
            throw new InvalidOperationException($"deletion of namespace {name} failed: {string.Join(", ", failures)}");
        if (estimate > 0)
            Queue.AddAfter(name, TimeSpan.FromSeconds((estimate / 2) + 1));
        else
            await ChangeAsync(ns, "finalize", RemoveFinalizer, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(long Estimate, IReadOnlyList<string> Failures)> EmptyAsync(Map ns, CancellationToken cancellationToken)
    {
        var name = ObjectMetaAccessor.GetName(ns);
        var deletedAt = Rfc3339.ParseOrNull(ObjectMetaAccessor.GetDeletionTimestamp(ns)) ?? Context.Time.GetUtcNow();
        var conditions = new NamespaceConditions();
        var failures = new List<string>();
        long estimate = 0;
        var podsOnly = false;

        // Pods go before what they use (OrderedNamespaceDeletion, KEP-5080).
        var resources = await _namespacedResources(cancellationToken).ConfigureAwait(false);
        foreach (var resource in resources.OrderByDescending(resource => resource == NamespaceContent.Pods))
        {
            var remainder = await _content.DeleteAsync(resource, name, deletedAt, cancellationToken).ConfigureAwait(false);
            estimate = Math.Max(estimate, remainder.EstimateSeconds);
            if (remainder.Failure is { } failure)
            {
                failures.Add(failure);
                conditions.AddFailure(failure);
            }

            if (remainder.Count > 0)
                conditions.AddRemaining(resource, remainder.Count, remainder.Finalizers);
            podsOnly = resource == NamespaceContent.Pods && remainder.Count > 0;
            if (podsOnly)
                break;
        }

        var changed = ns.DeepClone();
        if (conditions.Apply(changed, Rfc3339.Format(Context.Time.GetUtcNow())!, withTotals: !podsOnly))
            await WriteConditionsAsync(name, changed, cancellationToken).ConfigureAwait(false);
        return (estimate, failures);
    }

    private async Task WriteConditionsAsync(string name, Map changed, CancellationToken cancellationToken)
    {
        try
        {
            await Context.Client.UpdateAsync(new ResourceRequest(Namespaces, "", name, "status"), changed, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsConflict || exception.IsNotFound)
        {
            // The conditions are for people; the next round writes them again.
        }
    }

    /// <summary>Writes a change of the namespace to a subresource, on top of what others wrote meanwhile.</summary>
    private async Task<Map> ChangeAsync(Map ns, string subresource, Func<Map, Map?> change, CancellationToken cancellationToken)
    {
        var request = new ResourceRequest(Namespaces, "", ObjectMetaAccessor.GetName(ns));
        while (true)
        {
            if (change(ns) is not { } changed)
                return ns;
            try
            {
                return await Context.Client.UpdateAsync(request with { Subresource = subresource }, changed, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsConflict)
            {
                var latest = await Context.Client.GetAsync(request, cancellationToken).ConfigureAwait(false);
                if (ObjectMetaAccessor.GetUid(latest) != ObjectMetaAccessor.GetUid(ns))
                    throw new InvalidOperationException("namespace uid has changed across retries", exception);
                ns = latest;
            }
        }
    }

    private static Map? MarkTerminating(Map ns)
    {
        if (!ObjectMetaAccessor.IsBeingDeleted(ns) || ns.GetMap("status")?.GetString("phase") == "Terminating")
            return null;
        var changed = ns.DeepClone();
        changed.EditMap("status")["phase"] = "Terminating";
        return changed;
    }

    private static Map RemoveFinalizer(Map ns)
    {
        var changed = ns.DeepClone();
        var kept = new Sequence();
        foreach (var finalizer in (ns.GetMap("spec")?.GetSequence("finalizers") ?? Sequence.Empty).Where(f => f.AsString != Finalizer))
            kept.Add(finalizer);
        changed.EditMap("spec")["finalizers"] = kept;
        return changed;
    }

    private void Enqueue(Map ns)
    {
        if (ObjectMetaAccessor.IsBeingDeleted(ns))
            Queue.AddAfter(ObjectMetaAccessor.GetName(ns), DeletionGrace);
    }
}
