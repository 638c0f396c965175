using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ComponentBase;

namespace KubeSharp.ControllerManager.NodeLifecycle;

/// <summary>
/// node-lifecycle-controller with taint-eviction-controller: looks at each node every five seconds and after each change.
/// 1. A node without a heartbeat for 50 s becomes Unknown. 2. Its conditions become taints. 3. Pods of a node that is not
/// ready are not ready. 4. Pods that do not bear its NoExecute taints, or have borne them long enough, are deleted
/// (pkg/controller/nodelifecycle and pkg/controller/tainteviction, v1.36).
/// </summary>
/// <remarks>Differs: NoExecute taints come at once; upstream limits them to one in ten seconds a zone and stops when
/// whole zones fall silent.</remarks>
public sealed class NodeLifecycleController : Controller
{
    private const string NodeIndex = "spec.nodeName";

    private static readonly TimeSpan MonitorPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MonitorGrace = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan StartupGrace = TimeSpan.FromSeconds(60);
    private static readonly GroupVersionResource Nodes = new("", "v1", "nodes");
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Leases = new("coordination.k8s.io", "v1", "leases");
    private static readonly (string Stable, string Beta)[] MirroredLabels =
        [("kubernetes.io/os", "beta.kubernetes.io/os"), ("kubernetes.io/arch", "beta.kubernetes.io/arch")];

    private readonly Lister _nodes;
    private readonly Lister _pods;
    private readonly Lister _leases;
    private readonly EventRecorder _events;
    private readonly EventRecorder _evictionEvents;
    private readonly ConcurrentDictionary<string, Health> _health = new(StringComparer.Ordinal);

    /// <summary>By pod uid: since when its node's taints are borne.</summary>
    private readonly ConcurrentDictionary<string, TimeSpan> _bearing = new(StringComparer.Ordinal);

    public NodeLifecycleController(ControllerContext context)
        : base("node-lifecycle-controller", context)
    {
        var nodes = context.Informers.ForResource(Nodes);
        var pods = context.Informers.ForResource(Pods);
        _nodes = nodes.Lister;
        _pods = pods.Lister;
        _leases = context.Informers.ForResource(Leases).Lister;
        _events = context.Events.RecorderFor("node-controller");
        _evictionEvents = context.Events.RecorderFor("taint-eviction-controller");
        pods.AddIndexer(NodeIndex, static pod => pod.GetMap("spec")?.GetString("nodeName") is { Length: > 0 } name ? [name] : []);
        nodes.AddHandler(new ResourceEventHandler
        {
            OnAdded = node => Queue.Add(ObjectMetaAccessor.GetName(node)),
            OnUpdated = (_, node) => Queue.Add(ObjectMetaAccessor.GetName(node)),
            OnDeleted = Forget,
        });
        pods.AddHandler(new ResourceEventHandler
        {
            OnAdded = EnqueueTroubled,
            OnUpdated = (_, pod) => EnqueueTroubled(pod),
            OnDeleted = pod => _bearing.TryRemove(ObjectMetaAccessor.GetUid(pod), out _),
        });
    }

    protected override int? MaxRetries => null;

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_nodes.Get(key) is not { } node)
            return;
        var next = MonitorPeriod;
        try
        {
            node = await MonitorAsync(node, cancellationToken).ConfigureAwait(false);
            node = await TaintAsync(node, cancellationToken).ConfigureAwait(false);
            var pods = _pods.ByIndex(NodeIndex, key);
            if (NodeConditions.Find(node, "Ready")?.GetString("status") is not (null or "True"))
                await MarkNotReadyAsync(pods, cancellationToken).ConfigureAwait(false);
            next = await EvictAsync(node, pods, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // The node or a pod went away; its event brings us back where needed.
        }
        finally
        {
            Queue.AddAfter(key, next);
        }
    }

    private async Task<Map> MonitorAsync(Map node, CancellationToken cancellationToken)
    {
        var name = ObjectMetaAccessor.GetName(node);
        var (now, steady) = (Context.Time.GetUtcNow(), Context.Time.SteadyNow());
        var ready = NodeConditions.Find(node, "Ready");
        var heartbeat = ready?.GetString("lastHeartbeatTime");
        var renewed = Rfc3339OrNull(_leases.Get("kube-node-lease", name)?.GetMap("spec")?.GetString("renewTime"));
        if (!_health.TryGetValue(name, out var health))
        {
            _events.Event(node, EventRecorder.Normal, "RegisteredNode", $"Node {name} event: Registered Node {name} in Controller");
            var created = Rfc3339.ParseOrNull(ObjectMetaAccessor.GetCreationTimestamp(node)) ?? now;
            health = new Health(ready is null ? steady - (now - created) : steady, ready is not null, heartbeat, renewed);
        }

        // The kubelet's clock is not ours: what counts is when we saw a change.
        if (health.HasReady != ready is not null || health.Heartbeat != heartbeat)
            health = health with { Probed = steady };
        if (renewed is not null && (health.Renewed is null || renewed > health.Renewed))
            health = health with { Probed = steady, Renewed = renewed };
        health = health with { HasReady = ready is not null, Heartbeat = heartbeat };
        _health[name] = health;
        if (steady <= health.Probed + (ready is null ? StartupGrace : MonitorGrace) || NodeConditions.WithUnknown(node, Rfc3339.Format(now)!) is not { } unknown)
            return node;
        var updated = await Context.Client.UpdateAsync(new ResourceRequest(Nodes, "", name, "status"), unknown, cancellationToken).ConfigureAwait(false);
        _health[name] = health with { HasReady = true, Heartbeat = NodeConditions.Find(updated, "Ready")?.GetString("lastHeartbeatTime") };
        _events.Event(node, EventRecorder.Normal, "NodeNotReady", $"Node {name} status is now: NodeNotReady");
        return updated;
    }

    private async Task<Map> TaintAsync(Map node, CancellationToken cancellationToken)
    {
        var labels = new Map();
        foreach (var (stable, beta) in MirroredLabels)
        {
            if (ObjectMetaAccessor.GetLabel(node, stable) is { } value && ObjectMetaAccessor.GetLabel(node, beta) != value)
                labels[beta] = value;
        }

        var taints = NodeTaints.Wanted(node, Rfc3339.Format(Context.Time.GetUtcNow())!);
        if (taints is null && labels.Count == 0)
            return node;
        // The version keeps others' taints: the list is replaced as a whole.
        var metadata = new Map { { "resourceVersion", ObjectMetaAccessor.GetResourceVersion(node) } };
        if (labels.Count > 0)
            metadata["labels"] = labels;
        var patch = new Map { { "metadata", metadata } };
        if (taints is not null)
            patch["spec"] = new Map { { "taints", taints.Count == 0 ? Value.Null : taints } };
        var request = new ResourceRequest(Nodes, "", ObjectMetaAccessor.GetName(node));
        return await Context.Client.PatchAsync(request, PatchType.Merge, patch, cancellationToken).ConfigureAwait(false);
    }

    private async Task MarkNotReadyAsync(IReadOnlyList<Map> pods, CancellationToken cancellationToken)
    {
        foreach (var pod in pods)
        {
            if (NodeConditions.Find(pod, "Ready")?.GetString("status") is null or "False")
                continue;
            var changed = pod.DeepClone();
            var conditions = changed.EditMap("status").EditSequence("conditions");
            for (var i = 0; i < conditions.Count; i++)
            {
                if (conditions[i].AsMap!.GetString("type") != "Ready")
                    continue;
                var condition = conditions.EditMap(i);
                condition["status"] = "False";
                condition["lastTransitionTime"] = Rfc3339.Format(Context.Time.GetUtcNow());
            }

            if (await TryAsync(client => client.UpdateAsync(RequestFor(pod, "status"), changed, cancellationToken)).ConfigureAwait(false))
                _events.Event(pod, EventRecorder.Warning, "NodeNotReady", "Node is not ready");
        }
    }

    /// <summary>Deletes the pods whose time is up; tells when to look again.</summary>
    private async Task<TimeSpan> EvictAsync(Map node, IReadOnlyList<Map> pods, CancellationToken cancellationToken)
    {
        var taints = NodeTaints.Of(node).Where(taint => taint.GetString("effect") == "NoExecute").ToList();
        var now = Context.Time.SteadyNow();
        var next = MonitorPeriod;
        foreach (var pod in pods.Where(pod => !ObjectMetaAccessor.IsBeingDeleted(pod)))
        {
            var uid = ObjectMetaAccessor.GetUid(pod);
            if (TaintTolerance.Of(pod, taints) is not { } bearable)
            {
                if (_bearing.TryRemove(uid, out _))
                    _evictionEvents.Event(pod, EventRecorder.Normal, "TaintManagerEviction", $"Cancelling deletion of Pod {ObjectMetaAccessor.GetKey(pod)}");
                continue;
            }

            var left = _bearing.GetOrAdd(uid, now) + bearable - now;
            if (left > TimeSpan.Zero)
                next = left < next ? left : next;
            else
                await EvictAsync(pod, cancellationToken).ConfigureAwait(false);
        }

        return next;
    }

    private async Task EvictAsync(Map pod, CancellationToken cancellationToken)
    {
        _evictionEvents.Event(pod, EventRecorder.Normal, "TaintManagerEviction", $"Marking for deletion Pod {ObjectMetaAccessor.GetKey(pod)}");
        var condition = PodDisruption.Condition(
            pod, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", Rfc3339.Format(Context.Time.GetUtcNow())!);
        var patch = new Map
        {
            { "metadata", new Map { { "uid", ObjectMetaAccessor.GetUid(pod) } } },
            { "status", new Map { { "conditions", new Sequence { condition } } } },
        };
        if (await TryAsync(client => client.PatchAsync(RequestFor(pod, "status"), PatchType.StrategicMerge, patch, cancellationToken)).ConfigureAwait(false))
            await TryAsync(client => client.DeleteAsync(RequestFor(pod, ""), null, cancellationToken)).ConfigureAwait(false);
        _bearing.TryRemove(ObjectMetaAccessor.GetUid(pod), out _);
    }

    /// <summary>False when the object is gone.</summary>
    private async Task<bool> TryAsync(Func<IApiClient, Task<Map>> call)
    {
        try
        {
            await call(Context.Client).ConfigureAwait(false);
            return true;
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            return false;
        }
    }

    private static ResourceRequest RequestFor(Map pod, string subresource) =>
        new(Pods, ObjectMetaAccessor.GetNamespace(pod), ObjectMetaAccessor.GetName(pod), subresource);

    private static DateTimeOffset? Rfc3339OrNull(string? text) =>
        text is not null && Rfc3339.TryParseMicro(text, out var time, out _) ? time : null;

    private void EnqueueTroubled(Map pod)
    {
        if (pod.GetMap("spec")?.GetString("nodeName") is { Length: > 0 } name && _nodes.Get(name) is { } node
            && (NodeTaints.Of(node).Any(taint => taint.GetString("effect") == "NoExecute") || NodeConditions.Find(node, "Ready")?.GetString("status") != "True"))
        {
            Queue.Add(name);
        }
    }

    private void Forget(Map node)
    {
        var name = ObjectMetaAccessor.GetName(node);
        if (_health.TryRemove(name, out _))
            _events.Event(node, EventRecorder.Normal, "RemovingNode", $"Node {name} event: Removing Node {name} from Controller");
    }

    /// <summary>When a sign of life was last seen, and what it was.</summary>
    private sealed record Health(TimeSpan Probed, bool HasReady, string? Heartbeat, DateTimeOffset? Renewed);
}
