using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;

namespace KubeSharp.ControllerManager.GarbageCollector;

/// <summary>A resource that the collector watches, and the kind by which owner references name it.</summary>
public sealed record GarbageCollectedResource(GroupVersionResource Resource, string Kind, bool Namespaced);

/// <summary>
/// garbage-collector-controller: deletes what lost its last owner, and carries out the <c>orphan</c> and
/// <c>foregroundDeletion</c> finalizers (pkg/controller/garbagecollector, v1.36).
/// </summary>
public sealed class GarbageCollectorController : Controller
{
    private const string OrphanFinalizer = "orphan";
    private const string ForegroundFinalizer = "foregroundDeletion";

    private readonly EventRecorder _events;
    private readonly ResourceMonitors _monitors;
    private readonly ConcurrentDictionary<string, (GarbageCollectedResource Resource, Lister Lister)> _resources = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<GroupKind, GarbageCollectedResource> _kinds = [];

    /// <summary>The uids of all live objects, and for each owner the keys of those that name it.</summary>
    private readonly ConcurrentDictionary<string, string> _live = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, byte>> _dependents = new(StringComparer.Ordinal);

    /// <param name="context">Where the controller lives.</param>
    /// <param name="resources">What to watch at the start.</param>
    /// <param name="find">Finds that anew; null where nothing comes or goes.</param>
    public GarbageCollectorController(
        ControllerContext context, IReadOnlyList<GarbageCollectedResource> resources, Func<CancellationToken, ValueTask<IReadOnlyList<GarbageCollectedResource>>>? find = null)
        : base("garbage-collector-controller", context)
    {
        _events = context.Events.RecorderFor(Name);
        _monitors = new ResourceMonitors(context, find, Watch, Unwatch);
        foreach (var resource in resources)
            _monitors.Add(resource);
    }

    private void Watch(GarbageCollectedResource resource, SharedInformer informer)
    {
        var id = resource.Resource.ToString();
        _resources[id] = (resource, informer.Lister);
        _kinds[new GroupKind(resource.Resource.Group, resource.Kind)] = resource;
        informer.AddHandler(new ResourceEventHandler
        {
            OnAdded = obj => Observe(id, obj),
            OnUpdated = (old, obj) =>
            {
                if (ObjectMetaAccessor.GetUid(old) != ObjectMetaAccessor.GetUid(obj))
                    Lose(id, old);
                Observe(id, obj);
                Unlink(id, old, obj);
            },
            OnDeleted = obj => Lose(id, obj),
        });
    }

    /// <summary>Forgets a resource. Its objects may still be there, at another version: they are no ground to delete anything.</summary>
    private void Unwatch(GarbageCollectedResource resource)
    {
        var id = resource.Resource.ToString();
        _resources.TryRemove(id, out _);
        _kinds.TryRemove(new(new GroupKind(resource.Resource.Group, resource.Kind), resource));
        foreach (var (uid, key) in _live)
        {
            if (key.StartsWith($"{id}|", StringComparison.Ordinal))
                _live.TryRemove(new(uid, key));
        }
    }

    protected override Task RunLoopsAsync(CancellationToken cancellationToken) => _monitors.RunAsync(cancellationToken);

    /// <summary>Looks for new resources at once.</summary>
    internal Task ResyncMonitorsAsync(CancellationToken cancellationToken) => _monitors.ResyncAsync(cancellationToken);

    private enum OwnerState
    {
        Solid,
        WaitsForDependents,
        Gone,
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        var bar = key.IndexOf('|', StringComparison.Ordinal);
        if (!_resources.TryGetValue(key[..bar], out var watched) || watched.Lister.Get(key[(bar + 1)..]) is not { } obj)
            return;
        var resource = watched.Resource;
        if (ObjectMetaAccessor.IsBeingDeleted(obj))
        {
            if (ObjectMetaAccessor.HasFinalizer(obj, OrphanFinalizer))
                await OrphanDependentsAsync(resource, obj, cancellationToken).ConfigureAwait(false);
            else if (ObjectMetaAccessor.HasFinalizer(obj, ForegroundFinalizer))
                await DeleteDependentsAsync(resource, obj, cancellationToken).ConfigureAwait(false);
            return;
        }

        await CollectAsync(resource, obj, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes an object whose owners are all gone, or wait for their dependents to go; drops references to such owners
    /// while another lives (attemptToDeleteItem).</summary>
    private async Task CollectAsync(GarbageCollectedResource resource, Map cached, CancellationToken cancellationToken)
    {
        if (ObjectMetaAccessor.GetOwnerReferences(cached) is not { Count: > 0 })
            return;
        // A cache that is behind is no ground to delete upon.
        if (await GetAsync(Request(resource, cached), cancellationToken).ConfigureAwait(false) is not { } obj || ObjectMetaAccessor.GetUid(obj) != ObjectMetaAccessor.GetUid(cached))
            return;
        var references = ObjectMetaAccessor.GetOwnerReferences(obj) ?? Sequence.Empty;
        var remaining = new Sequence();
        var waiting = false;
        foreach (var reference in references)
        {
            var state = await StateAsync(reference.AsMap!, obj, cancellationToken).ConfigureAwait(false);
            waiting |= state == OwnerState.WaitsForDependents;
            if (state == OwnerState.Solid)
                remaining.Add(reference);
        }

        if (remaining.Count == references.Count)
            return;
        if (remaining.Count > 0)
        {
            await PatchReferencesAsync(resource, obj, remaining, cancellationToken).ConfigureAwait(false);
            return;
        }

        var ownDependents = Dependents(ObjectMetaAccessor.GetUid(obj)).Select(d => d.Object).ToList();
        if (waiting && ownDependents.Count > 0)
        {
            // A cycle of waiting owners would wait for ever.
            if (ownDependents.Exists(WaitsForDependents))
                await PatchReferencesAsync(resource, obj, Unblocking(references), cancellationToken).ConfigureAwait(false);
            await DeleteAsync(resource, obj, "Foreground", cancellationToken).ConfigureAwait(false);
            return;
        }

        var policy = ObjectMetaAccessor.HasFinalizer(obj, OrphanFinalizer) ? "Orphan" : ObjectMetaAccessor.HasFinalizer(obj, ForegroundFinalizer) ? "Foreground" : "Background";
        await DeleteAsync(resource, obj, policy, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether an owner is there: the graph knows, or the API is asked, because the graph may be behind.</summary>
    private async Task<OwnerState> StateAsync(Map reference, Map dependent, CancellationToken cancellationToken)
    {
        var uid = reference.GetString("uid") ?? "";
        var @namespace = ObjectMetaAccessor.GetNamespace(dependent);
        if (!GroupVersion.TryParse(reference.GetString("apiVersion") ?? "", out var groupVersion) || !_kinds.TryGetValue(new GroupKind(groupVersion.Group, reference.GetString("kind") ?? ""), out var resource))
            return OwnerState.Solid; // A kind that nobody knows may come back: nothing is deleted on a guess.
        if (resource.Namespaced && @namespace.Length == 0)
            return OwnerState.Solid; // A mistake that time does not heal.
        var request = new ResourceRequest(resource.Resource, resource.Namespaced ? @namespace : "", reference.GetString("name") ?? "");
        var owner = _resources.GetValueOrDefault(resource.Resource.ToString()).Lister?.Get(request.Namespace, request.Name);
        if (owner is null || ObjectMetaAccessor.GetUid(owner) != uid)
            owner = await GetAsync(request, cancellationToken).ConfigureAwait(false);
        if (owner is not null && ObjectMetaAccessor.GetUid(owner) == uid)
            return WaitsForDependents(owner) ? OwnerState.WaitsForDependents : OwnerState.Solid;
        if (_live.ContainsKey(uid))
        {
            _events.Event(dependent, EventRecorder.Warning, "OwnerRefInvalidNamespace",
                $"ownerRef [{reference.GetString("apiVersion")}/{reference.GetString("kind")}, namespace: {@namespace}, name: {reference.GetString("name")}, uid: {uid}] does not exist in namespace \"{@namespace}\"");
        }

        return OwnerState.Gone;
    }

    private async Task<Map?> GetAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await Context.Client.GetAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }

    private static bool WaitsForDependents(Map obj) => ObjectMetaAccessor.IsBeingDeleted(obj) && ObjectMetaAccessor.HasFinalizer(obj, ForegroundFinalizer);

    private static Sequence Unblocking(Sequence references)
    {
        var unblocking = references.DeepClone();
        for (var i = 0; i < unblocking.Count; i++)
            unblocking.EditMap(i).Set("blockOwnerDeletion", false);
        return unblocking;
    }

    // A list is replaced as a whole, so it must be the one that was read.
    private Task PatchReferencesAsync(GarbageCollectedResource resource, Map obj, Sequence references, CancellationToken cancellationToken)
    {
        var metadata = new Map
        {
            { "resourceVersion", ObjectMetaAccessor.GetResourceVersion(obj) }, { "uid", ObjectMetaAccessor.GetUid(obj) },
            { "ownerReferences", references.Count == 0 ? Value.Null : references },
        };
        return PatchAsync(resource, obj, new Map { { "metadata", metadata } }, cancellationToken);
    }

    private async Task OrphanDependentsAsync(GarbageCollectedResource resource, Map owner, CancellationToken cancellationToken)
    {
        var uid = ObjectMetaAccessor.GetUid(owner);
        foreach (var (dependentResource, dependent) in Dependents(uid))
        {
            var kept = new Sequence();
            foreach (var reference in ObjectMetaAccessor.GetOwnerReferences(dependent) ?? Sequence.Empty)
            {
                if (reference.AsMap?.GetString("uid") != uid)
                    kept.Add(reference);
            }

            await PatchReferencesAsync(dependentResource, dependent, kept, cancellationToken).ConfigureAwait(false);
        }

        await RemoveFinalizerAsync(resource, owner, OrphanFinalizer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Dependents are looked at each for itself, for they may have other owners; those that block are waited for
    /// (processDeletingDependentsItem).</summary>
    private async Task DeleteDependentsAsync(GarbageCollectedResource resource, Map owner, CancellationToken cancellationToken)
    {
        var uid = ObjectMetaAccessor.GetUid(owner);
        var blocking = false;
        foreach (var (dependentResource, dependent) in Dependents(uid))
        {
            foreach (var reference in ObjectMetaAccessor.GetOwnerReferences(dependent) ?? Sequence.Empty)
                blocking |= reference.AsMap?.GetString("uid") == uid && reference.AsMap.GetBoolean("blockOwnerDeletion") == true;
            if (!ObjectMetaAccessor.IsBeingDeleted(dependent))
                Queue.Add($"{dependentResource.Resource}|{ObjectMetaAccessor.GetKey(dependent)}");
        }

        // Each dependent that goes, or changes its owners, puts this one into the queue again.
        if (!blocking)
            await RemoveFinalizerAsync(resource, owner, ForegroundFinalizer, cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<(GarbageCollectedResource Resource, Map Object)> Dependents(string uid)
    {
        if (!_dependents.TryGetValue(uid, out var keys))
            yield break;
        foreach (var key in keys.Keys)
        {
            var bar = key.IndexOf('|', StringComparison.Ordinal);
            if (_resources.TryGetValue(key[..bar], out var watched) && watched.Lister.Get(key[(bar + 1)..]) is { } obj)
                yield return (watched.Resource, obj);
        }
    }

    private async Task DeleteAsync(GarbageCollectedResource resource, Map obj, string policy, CancellationToken cancellationToken)
    {
        var options = new Map { { "preconditions", new Map { { "uid", ObjectMetaAccessor.GetUid(obj) } } }, { "propagationPolicy", policy } };
        try
        {
            await Context.Client.DeleteAsync(Request(resource, obj), options, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound || exception.IsConflict)
        {
            // Gone, or another object of the same name by now.
        }
    }

    private async Task PatchAsync(GarbageCollectedResource resource, Map obj, Map patch, CancellationToken cancellationToken)
    {
        try
        {
            await Context.Client.PatchAsync(Request(resource, obj), PatchType.Merge, patch, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // Nothing is left to change.
        }
    }

    private Task RemoveFinalizerAsync(GarbageCollectedResource resource, Map obj, string finalizer, CancellationToken cancellationToken)
    {
        var kept = new Sequence();
        foreach (var item in ObjectMetaAccessor.GetFinalizers(obj) ?? Sequence.Empty)
        {
            if (item.AsString != finalizer)
                kept.Add(item);
        }

        var metadata = new Map { { "resourceVersion", ObjectMetaAccessor.GetResourceVersion(obj) }, { "finalizers", kept.Count == 0 ? Value.Null : kept } };
        return PatchAsync(resource, obj, new Map { { "metadata", metadata } }, cancellationToken);
    }

    private static ResourceRequest Request(GarbageCollectedResource resource, Map obj) =>
        new(resource.Resource, ObjectMetaAccessor.GetNamespace(obj), ObjectMetaAccessor.GetName(obj));

    private void Observe(string id, Map obj)
    {
        var key = $"{id}|{ObjectMetaAccessor.GetKey(obj)}";
        _live[ObjectMetaAccessor.GetUid(obj)] = key;
        var owners = ObjectMetaAccessor.GetOwnerReferences(obj);
        foreach (var reference in owners ?? Sequence.Empty)
        {
            if (reference.AsMap?.GetString("uid") is { } owner)
                _dependents.GetOrAdd(owner, _ => new ConcurrentDictionary<string, byte>(StringComparer.Ordinal))[key] = 0;
        }

        if (owners is { Count: > 0 } || ObjectMetaAccessor.IsBeingDeleted(obj))
            Queue.Add(key);
    }

    // An owner that an object no longer names, or no longer blocks, may be able to go.
    private void Unlink(string id, Map old, Map obj)
    {
        var key = $"{id}|{ObjectMetaAccessor.GetKey(obj)}";
        var now = (ObjectMetaAccessor.GetOwnerReferences(obj) ?? Sequence.Empty).Select(r => r.AsMap!).ToList();
        foreach (var before in (ObjectMetaAccessor.GetOwnerReferences(old) ?? Sequence.Empty).Select(r => r.AsMap!))
        {
            var owner = before.GetString("uid") ?? "";
            var kept = now.Find(r => r.GetString("uid") == owner);
            if (kept is null && _dependents.TryGetValue(owner, out var siblings))
                siblings.TryRemove(key, out _);
            if (kept?.GetBoolean("blockOwnerDeletion") != before.GetBoolean("blockOwnerDeletion") || kept is null)
            {
                if (_live.TryGetValue(owner, out var ownerKey))
                    Queue.Add(ownerKey);
            }
        }
    }

    private void Lose(string id, Map obj)
    {
        var key = $"{id}|{ObjectMetaAccessor.GetKey(obj)}";
        var uid = ObjectMetaAccessor.GetUid(obj);
        _live.TryRemove(uid, out _);
        foreach (var reference in ObjectMetaAccessor.GetOwnerReferences(obj) ?? Sequence.Empty)
        {
            if (reference.AsMap?.GetString("uid") is not { } owner || !_dependents.TryGetValue(owner, out var siblings))
                continue;
            siblings.TryRemove(key, out _);
            if (_live.TryGetValue(owner, out var ownerKey))
                Queue.Add(ownerKey);
        }

        if (_dependents.TryRemove(uid, out var dependents))
        {
            foreach (var dependent in dependents.Keys)
                Queue.Add(dependent);
        }
    }
}
