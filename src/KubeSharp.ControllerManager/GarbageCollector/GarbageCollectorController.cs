using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;

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

    private readonly Dictionary<string, GarbageCollectedResource> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<GroupKind, GarbageCollectedResource> _kinds = [];
    private readonly Dictionary<string, Lister> _listers = new(StringComparer.Ordinal);

    /// <summary>The uids of all live objects, and for each owner the keys of those that name it.</summary>
    private readonly ConcurrentDictionary<string, string> _live = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, byte>> _dependents = new(StringComparer.Ordinal);

    public GarbageCollectorController(ControllerContext context, IReadOnlyList<GarbageCollectedResource> resources)
        : base("garbage-collector-controller", context)
    {
        foreach (var resource in resources)
        {
            var id = resource.Resource.ToString();
            _resources.Add(id, resource);
            _kinds.TryAdd(new GroupKind(resource.Resource.Group, resource.Kind), resource);
            var informer = context.Informers.ForResource(resource.Resource);
            _listers.Add(id, informer.Lister);
            informer.AddHandler(new ResourceEventHandler
            {
                OnAdded = obj => Observe(id, obj),
                OnUpdated = (_, obj) => Observe(id, obj),
                OnDeleted = obj => Lose(id, obj),
            });
        }
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        var bar = key.IndexOf('|', StringComparison.Ordinal);
        var resource = _resources[key[..bar]];
        if (_listers[key[..bar]].Get(key[(bar + 1)..]) is not { } obj)
            return;
        if (ObjectMetaAccessor.IsBeingDeleted(obj))
        {
            if (ObjectMetaAccessor.HasFinalizer(obj, OrphanFinalizer))
                await OrphanDependentsAsync(resource, obj, cancellationToken).ConfigureAwait(false);
            else if (ObjectMetaAccessor.HasFinalizer(obj, ForegroundFinalizer))
                await DeleteDependentsAsync(key, resource, obj, cancellationToken).ConfigureAwait(false);
            return;
        }

        await CollectAsync(resource, obj, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes an object whose owners are all gone; drops references to single ones that are.</summary>
    private async Task CollectAsync(GarbageCollectedResource resource, Map obj, CancellationToken cancellationToken)
    {
        var references = ObjectMetaAccessor.GetOwnerReferences(obj);
        if (references is null || references.Count == 0)
            return;
        var remaining = new Sequence();
        foreach (var reference in references)
        {
            if (reference.AsMap is { } owner && await ExistsAsync(owner, ObjectMetaAccessor.GetNamespace(obj), cancellationToken).ConfigureAwait(false))
                remaining.Add(reference);
        }

        if (remaining.Count == references.Count)
            return;
        if (remaining.Count == 0)
        {
            var policy = ObjectMetaAccessor.HasFinalizer(obj, OrphanFinalizer) ? "Orphan" : ObjectMetaAccessor.HasFinalizer(obj, ForegroundFinalizer) ? "Foreground" : "Background";
            await DeleteAsync(resource, obj, policy, cancellationToken).ConfigureAwait(false);
            return;
        }

        var patch = new Map { { "metadata", new Map { { "ownerReferences", remaining }, { "uid", ObjectMetaAccessor.GetUid(obj) } } } };
        await PatchAsync(resource, obj, patch, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether an owner is there: the graph knows, or the API is asked, because the graph may be behind.</summary>
    private async Task<bool> ExistsAsync(Map owner, string @namespace, CancellationToken cancellationToken)
    {
        var uid = owner.GetString("uid") ?? "";
        if (_live.ContainsKey(uid))
            return true;
        if (!GroupVersion.TryParse(owner.GetString("apiVersion") ?? "", out var groupVersion) || !_kinds.TryGetValue(new GroupKind(groupVersion.Group, owner.GetString("kind") ?? ""), out var resource))
            return true; // A kind that nobody knows may come back: nothing is deleted on a guess.
        try
        {
            var found = await Context.Client.GetAsync(new ResourceRequest(resource.Resource, resource.Namespaced ? @namespace : "", owner.GetString("name") ?? ""), cancellationToken).ConfigureAwait(false);
            return ObjectMetaAccessor.GetUid(found) == uid;
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            return false;
        }
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

            var patch = new Map { { "metadata", new Map { { "ownerReferences", kept.Count == 0 ? Value.Null : kept }, { "uid", ObjectMetaAccessor.GetUid(dependent) } } } };
            await PatchAsync(dependentResource, dependent, patch, cancellationToken).ConfigureAwait(false);
        }

        await RemoveFinalizerAsync(resource, owner, OrphanFinalizer, cancellationToken).ConfigureAwait(false);
    }

    private async Task DeleteDependentsAsync(string key, GarbageCollectedResource resource, Map owner, CancellationToken cancellationToken)
    {
        var uid = ObjectMetaAccessor.GetUid(owner);
        var blocking = false;
        foreach (var (dependentResource, dependent) in Dependents(uid))
        {
            foreach (var reference in ObjectMetaAccessor.GetOwnerReferences(dependent) ?? Sequence.Empty)
                blocking |= reference.AsMap?.GetString("uid") == uid && reference.AsMap.GetBoolean("blockOwnerDeletion") == true;
            if (!ObjectMetaAccessor.IsBeingDeleted(dependent))
                await DeleteAsync(dependentResource, dependent, "Foreground", cancellationToken).ConfigureAwait(false);
        }

        // Each dependent that goes puts its owner into the queue again.
        if (!blocking)
            await RemoveFinalizerAsync(resource, owner, ForegroundFinalizer, cancellationToken).ConfigureAwait(false);
        else
            Queue.AddAfter(key, TimeSpan.FromSeconds(5));
    }

    private IEnumerable<(GarbageCollectedResource Resource, Map Object)> Dependents(string uid)
    {
        if (!_dependents.TryGetValue(uid, out var keys))
            yield break;
        foreach (var key in keys.Keys)
        {
            var bar = key.IndexOf('|', StringComparison.Ordinal);
            if (_listers[key[..bar]].Get(key[(bar + 1)..]) is { } obj)
                yield return (_resources[key[..bar]], obj);
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
