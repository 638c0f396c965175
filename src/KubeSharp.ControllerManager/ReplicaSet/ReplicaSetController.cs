using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ControllerManager.Pods;

namespace KubeSharp.ControllerManager.ReplicaSet;

/// <summary>replicaset-controller: as many pods as a replica set asks for
/// (pkg/controller/replicaset/replica_set.go, v1.36).</summary>
public sealed class ReplicaSetController : Controller
{
    /// <summary>Pods created or deleted in one round at most.</summary>
    private const int BurstReplicas = 500;

    private static readonly GroupVersionResource ReplicaSets = new("apps", "v1", "replicasets");
    private static readonly GroupVersionResource PodsResource = new("", "v1", "pods");

    private readonly Lister _sets;
    private readonly Lister _pods;
    private readonly ControllerExpectations _expectations;
    private readonly EventRecorder _events;

    public ReplicaSetController(ControllerContext context)
        : base("replicaset-controller", context)
    {
        _expectations = new ControllerExpectations(context.Time);
        _events = context.Events.RecorderFor(Name);
        var sets = context.Informers.ForResource(ReplicaSets);
        var pods = context.Informers.ForResource(PodsResource);
        pods.AddIndexer(ControllerIndex.Name, ControllerIndex.Of);
        _sets = sets.Lister;
        _pods = pods.Lister;
        sets.AddHandler(new ResourceEventHandler
        {
            OnAdded = set => Queue.Add(ObjectMetaAccessor.GetKey(set)),
            OnUpdated = (_, set) => Queue.Add(ObjectMetaAccessor.GetKey(set)),
            OnDeleted = set =>
            {
                _expectations.Forget(ObjectMetaAccessor.GetKey(set));
                Queue.Add(ObjectMetaAccessor.GetKey(set));
            },
        });
        pods.AddHandler(new ResourceEventHandler { OnAdded = PodAdded, OnUpdated = PodUpdated, OnDeleted = PodDeleted });
    }

    protected override int? MaxRetries => null;

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_sets.Get(key) is not { } set)
        {
            _expectations.Forget(key);
            return;
        }

        if (!LabelSelector.TryFromMeta(set.GetMap("spec")?.GetMap("selector"), out var selector, out _) || selector.IsEmpty)
            return;
        var satisfied = _expectations.AreSatisfied(key);
        var all = _pods.ByIndex(ControllerIndex.Name, ObjectMetaAccessor.GetUid(set)).Concat(_pods.ByIndex(ControllerIndex.Name, ControllerIndex.Orphans(set))).ToList();
        var manager = new ControllerRefManager(Context.Client, ReplicaSets, set, selector);
        var pods = await manager.ClaimAsync(PodsResource, all.Where(PodState.IsActive), cancellationToken).ConfigureAwait(false);
        var terminating = all.Count(pod => PodState.IsTerminating(pod) && ObjectMetaAccessor.IsControlledBy(pod, set) && selector.Matches(ObjectMetaAccessor.GetLabels(pod)));
        StatusException? failure = null;
        if (satisfied && !ObjectMetaAccessor.IsBeingDeleted(set))
            failure = await ManageAsync(key, set, pods, cancellationToken).ConfigureAwait(false);
        await ReportAsync(set, pods, terminating, failure, cancellationToken).ConfigureAwait(false);
        if (failure is not null)
            throw failure;
    }

    private async Task<StatusException?> ManageAsync(string key, Map set, List<Map> pods, CancellationToken cancellationToken)
    {
        var difference = pods.Count - (int)(set.GetMap("spec")?.GetInteger("replicas") ?? 1);
        if (difference < 0)
            return await CreateAsync(key, set, Math.Min(-difference, BurstReplicas), cancellationToken).ConfigureAwait(false);
        return difference > 0
            ? await DeleteAsync(key, set, pods, Math.Min(difference, BurstReplicas), cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Creates in batches of 1, 2, 4 ...: when all creations fail, few are tried in vain (slowStartBatch).</summary>
    private async Task<StatusException?> CreateAsync(string key, Map set, int count, CancellationToken cancellationToken)
    {
        _expectations.ExpectCreations(key, count);
        var done = 0;
        for (var batch = 1; done < count; batch *= 2)
        {
            var size = Math.Min(batch, count - done);
            var results = await Task.WhenAll(Enumerable.Range(0, size).Select(_ => CreateOneAsync(set, cancellationToken))).ConfigureAwait(false);
            done += size;
            foreach (var failed in results.Where(r => r is not null))
                _expectations.CreationObserved(key);
            if (results.FirstOrDefault(r => r is not null) is not { } failure)
                continue;
            for (var skipped = done; skipped < count; skipped++)
                _expectations.CreationObserved(key);
            // A namespace that is going away needs no more pods.
            return failure.IsNamespaceTerminating ? null : failure;
        }

        return null;
    }

    private async Task<StatusException?> CreateOneAsync(Map set, CancellationToken cancellationToken)
    {
        try
        {
            var template = set.GetMap("spec")?.GetMap("template") ?? Map.Empty;
            var metadata = new Map { { "generateName", $"{ObjectMetaAccessor.GetName(set)}-" } };
            foreach (var field in (ReadOnlySpan<string>)["labels", "annotations", "finalizers"])
                metadata.Set(field, template.GetMap("metadata")?[field] ?? default);
            var owners = new Sequence(1);
            owners.Add(ObjectMetaAccessor.NewControllerRef(set, "apps/v1", "ReplicaSet"));
            metadata.Set("ownerReferences", owners);
            var pod = new Map { { "kind", "Pod" }, { "apiVersion", "v1" }, { "metadata", metadata }, { "spec", template["spec"] } };
            var created = await Context.Client.CreateAsync(new ResourceRequest(PodsResource, ObjectMetaAccessor.GetNamespace(set)), pod, cancellationToken).ConfigureAwait(false);
            _events.Event(set, EventRecorder.Normal, "SuccessfulCreate", $"Created pod: {ObjectMetaAccessor.GetName(created)}");
            return null;
        }
        catch (StatusException exception)
        {
            if (!exception.IsNamespaceTerminating)
                _events.Event(set, EventRecorder.Warning, "FailedCreate", $"Error creating: {exception.Message}");
            return exception;
        }
    }

    private async Task<StatusException?> DeleteAsync(string key, Map set, List<Map> pods, int count, CancellationToken cancellationToken)
    {
        var victims = count < pods.Count ? [.. pods.Order(PodDeletionOrder.Of(RelatedPods(set), Context.Time.GetUtcNow())).Take(count)] : pods;
        _expectations.ExpectDeletions(key, victims.Select(ObjectMetaAccessor.GetKey));
        var results = await Task.WhenAll(victims.Select(DeleteOneAsync)).ConfigureAwait(false);
        return results.FirstOrDefault(failure => failure is not null);

        async Task<StatusException?> DeleteOneAsync(Map pod)
        {
            try
            {
                await Context.Client.DeleteAsync(Request(pod), null, cancellationToken).ConfigureAwait(false);
                _events.Event(set, EventRecorder.Normal, "SuccessfulDelete", $"Deleted pod: {ObjectMetaAccessor.GetName(pod)}");
                return null;
            }
            catch (StatusException exception)
            {
                _expectations.DeletionObserved(key, ObjectMetaAccessor.GetKey(pod));
                if (exception.IsNotFound)
                    return null;
                _events.Event(set, EventRecorder.Warning, "FailedDelete", $"Error deleting: {exception.Message}");
                return exception;
            }
        }
    }

    /// <summary>The pods that the sets of the same deployment select, this set's own among them.</summary>
    private IEnumerable<Map> RelatedPods(Map set)
    {
        if (ObjectMetaAccessor.GetControllerOf(set)?.GetString("uid") is not { } owner)
            return [];
        var ns = ObjectMetaAccessor.GetNamespace(set);
        return _sets.ListNamespace(ns)
            .Where(other => ObjectMetaAccessor.GetControllerOf(other)?.GetString("uid") == owner)
            .SelectMany(other => LabelSelector.TryFromMeta(other.GetMap("spec")?.GetMap("selector"), out var selector, out _) ? _pods.ListNamespace(ns, selector) : [])
            .DistinctBy(ObjectMetaAccessor.GetUid);
    }

    private async Task ReportAsync(Map set, List<Map> pods, int terminating, StatusException? failure, CancellationToken cancellationToken)
    {
        var now = Context.Time.GetUtcNow();
        var spec = set.GetMap("spec") ?? Map.Empty;
        var minReady = spec.GetInteger("minReadySeconds") ?? 0;
        var template = LabelSelector.FromSet(spec.GetMap("template")?.GetMap("metadata")?.GetMap("labels"));
        var ready = pods.Count(PodState.IsReady);
        var available = pods.Count(pod => PodState.IsAvailable(pod, minReady, now));
        var status = new Map { { "replicas", pods.Count } };
        SetCount(status, "fullyLabeledReplicas", pods.Count(pod => template.Matches(ObjectMetaAccessor.GetLabels(pod))));
        SetCount(status, "readyReplicas", ready);
        SetCount(status, "availableReplicas", available);
        status.Set("terminatingReplicas", terminating);
        status.Set("observedGeneration", ObjectMetaAccessor.GetGeneration(set));
        var reason = pods.Count < (spec.GetInteger("replicas") ?? 1) ? "FailedCreate" : "FailedDelete";
        if (Conditions(set, failure, reason, now) is { Count: > 0 } conditions)
            status.Set("conditions", conditions);
        if (set.GetMap("status") is not { } old || !old.DeepEquals(status))
        {
            var next = set.ShallowClone();
            next.Set("status", status);
            await Context.Client.UpdateAsync(new ResourceRequest(ReplicaSets, ObjectMetaAccessor.GetNamespace(set), ObjectMetaAccessor.GetName(set), "status"), next, cancellationToken).ConfigureAwait(false);
        }

        // Ready pods become available by time alone.
        if (failure is null && minReady > 0 && ready != available)
            Queue.AddAfter(ObjectMetaAccessor.GetKey(set), pods.Min(pod => PodState.UntilAvailable(pod, minReady, now)) ?? TimeSpan.FromSeconds(minReady));
    }

    /// <summary>All conditions, with ReplicaFailure there while a failure lasts; it keeps what it first said.</summary>
    private static Sequence Conditions(Map set, StatusException? failure, string reason, DateTimeOffset now)
    {
        var conditions = new Sequence();
        foreach (var item in set.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty)
        {
            if (failure is not null || item.AsMap?.GetString("type") != "ReplicaFailure")
                conditions.Add(item);
        }

        if (failure is not null && PodState.Condition(set, "ReplicaFailure") is null)
        {
            conditions.Add(new Map
            {
                { "type", "ReplicaFailure" }, { "status", "True" }, { "lastTransitionTime", Rfc3339.Format(now) }, { "reason", reason },
                { "message", reason == "FailedDelete" ? $"unable to delete pods: {failure.Message}" : failure.Message },
            });
        }

        return conditions;
    }

    internal static void SetCount(Map status, string field, long count)
    {
        if (count != 0)
            status.Set(field, count);
    }

    private static ResourceRequest Request(Map pod) => new(PodsResource, ObjectMetaAccessor.GetNamespace(pod), ObjectMetaAccessor.GetName(pod));

    private void PodAdded(Map pod)
    {
        if (ObjectMetaAccessor.IsBeingDeleted(pod))
        {
            PodDeleted(pod);
            return;
        }

        if (OwnerKey(pod) is { } key)
        {
            _expectations.CreationObserved(key);
            Queue.Add(key);
        }
        else
        {
            EnqueueMatching(pod);
        }
    }

    private void PodUpdated(Map old, Map pod)
    {
        if (ObjectMetaAccessor.IsBeingDeleted(pod))
        {
            PodDeleted(pod);
            return;
        }

        if (OwnerKey(old) is { } oldKey)
            Queue.Add(oldKey);
        if (OwnerKey(pod) is { } key)
            Queue.Add(key);
        else
            EnqueueMatching(pod);
    }

    private void PodDeleted(Map pod)
    {
        if (OwnerKey(pod) is not { } key)
            return;
        _expectations.DeletionObserved(key, ObjectMetaAccessor.GetKey(pod));
        Queue.Add(key);
    }

    private void EnqueueMatching(Map pod)
    {
        if (ObjectMetaAccessor.GetControllerOf(pod) is not null)
            return;
        foreach (var set in _sets.ListNamespace(ObjectMetaAccessor.GetNamespace(pod)))
        {
            if (LabelSelector.TryFromMeta(set.GetMap("spec")?.GetMap("selector"), out var selector, out _) && !selector.IsEmpty && selector.Matches(ObjectMetaAccessor.GetLabels(pod)))
                Queue.Add(ObjectMetaAccessor.GetKey(set));
        }
    }

    // A set of the same name that took the place of the owner has no part in its pods.
    private string? OwnerKey(Map pod) =>
        ObjectMetaAccessor.GetControllerOf(pod) is { } owner && owner.GetString("kind") == "ReplicaSet"
            && _sets.Get(ObjectMetaAccessor.GetNamespace(pod), owner.GetString("name") ?? "") is { } set && ObjectMetaAccessor.GetUid(set) == owner.GetString("uid")
            ? ObjectMetaAccessor.GetKey(set)
            : null;
}
