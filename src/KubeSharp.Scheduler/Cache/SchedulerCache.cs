using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ComponentBase;
using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Cache;

/// <summary>
/// What is where: nodes with the pods on them, among them pods that were just decided (assumed) and that the API has not
/// reported yet. An assumed pod becomes a fact when the informer tells of it, is forgotten when its binding fails, or
/// expires. Thread-safe. Follows kubernetes/pkg/scheduler/backend/cache/cache.go.
/// </summary>
/// <param name="time">The clock of expiry.</param>
/// <param name="expiry">How long an assumed pod whose binding ended waits for the informer; zero is for ever, upstream's default.</param>
internal sealed class SchedulerCache(TimeProvider time, TimeSpan expiry = default)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, NodeInfo> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodState> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodState> _assumed = new(StringComparer.Ordinal);
    private readonly ZoneOrder _order = new();

    // Nodes that differ from the last snapshot.
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private bool _orderChanged;

    public int NodeCount
    {
        get
        {
            lock (_lock)
                return _order.Count;
        }
    }

    public int PodCount
    {
        get
        {
            lock (_lock)
                return _pods.Count;
        }
    }

    /// <summary>Brings a snapshot, always the same one, to the present: only nodes that changed since are copied.</summary>
    public void UpdateSnapshot(Snapshot snapshot)
    {
        lock (_lock)
        {
            foreach (var name in _changed)
            {
                if (_nodes.TryGetValue(name, out var node) && node.Node is not null)
                    snapshot.Update(node);
                else
                    snapshot.Remove(name);
            }

            _changed.Clear();
            if (!_orderChanged)
                return;
            snapshot.SetOrder(_order.InTurns());
            _orderChanged = false;
        }
    }

    /// <summary>Adds a node, or replaces what is known of it.</summary>
    public void SetNode(Map obj)
    {
        lock (_lock)
        {
            var node = NodeOf(ObjectMetaAccessor.GetName(obj));
            var (known, zone) = (node.Node is not null, node.Zone);
            node.SetNode(obj);
            _changed.Add(node.Name);
            if (known && zone == node.Zone)
                return;
            if (known)
                _order.Remove(zone, node.Name);
            _order.Add(node.Zone, node.Name);
            _orderChanged = true;
        }
    }

    /// <summary>Pods that are said to be there are kept until they go themselves.</summary>
    public void RemoveNode(string name)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(name, out var node) || node.Node is null)
                return;
            _order.Remove(node.Zone, name);
            _orderChanged = true;
            _changed.Add(name);
            node.RemoveNode();
            if (node.PodCount == 0)
                _nodes.Remove(name);
        }
    }

    /// <summary>Counts a pod on the node that was chosen for it; <see cref="PodInfo.NodeName"/> names it. False when the pod is
    /// on a node already: somebody else was faster.</summary>
    public bool TryAssumePod(PodInfo pod)
    {
        lock (_lock)
        {
            if (_pods.ContainsKey(pod.Uid))
                return false;
            var state = new PodState(pod);
            Place(pod);
            _pods.Add(pod.Uid, state);
            _assumed.Add(pod.Uid, state);
            return true;
        }
    }

    /// <summary>The binding was written: from now on the assumed pod may expire.</summary>
    public void FinishBinding(PodInfo pod)
    {
        lock (_lock)
        {
            if (expiry > TimeSpan.Zero && _assumed.TryGetValue(pod.Uid, out var state))
                state.Deadline = time.SteadyNow() + expiry;
        }
    }

    /// <summary>The binding failed.</summary>
    public void ForgetPod(PodInfo pod)
    {
        lock (_lock)
        {
            if (_assumed.Remove(pod.Uid))
                Remove(pod.Uid);
        }
    }

    public bool IsAssumed(string uid)
    {
        lock (_lock)
            return _assumed.ContainsKey(uid);
    }

    /// <summary>A pod that the API has on a node: confirms an assumed one, replaces a known one.</summary>
    public void SetPod(PodInfo pod)
    {
        lock (_lock)
        {
            _assumed.Remove(pod.Uid);
            Remove(pod.Uid);
            Place(pod);
            _pods.Add(pod.Uid, new PodState(pod));
        }
    }

    public PodInfo? FindPod(string uid)
    {
        lock (_lock)
            return _pods.GetValueOrDefault(uid)?.Pod;
    }

    /// <summary>A pod ended, or is gone.</summary>
    public void RemovePod(string uid)
    {
        lock (_lock)
        {
            _assumed.Remove(uid);
            Remove(uid);
        }
    }

    /// <summary>Takes out assumed pods whose time is over.</summary>
    public void CleanupExpiredAssumedPods()
    {
        lock (_lock)
        {
            var now = time.SteadyNow();
            foreach (var (uid, state) in _assumed)
            {
                if (state.Deadline is not { } deadline || now < deadline)
                    continue;
                _assumed.Remove(uid);
                Remove(uid);
            }
        }
    }

    private NodeInfo NodeOf(string name)
    {
        if (!_nodes.TryGetValue(name, out var node))
            _nodes.Add(name, node = new NodeInfo(name));
        return node;
    }

    private void Place(PodInfo pod)
    {
        NodeOf(pod.NodeName).AddPod(pod);
        _changed.Add(pod.NodeName);
    }

    private void Remove(string uid)
    {
        if (!_pods.Remove(uid, out var state))
            return;
        var node = NodeOf(state.Pod.NodeName);
        node.RemovePod(uid);
        _changed.Add(node.Name);
        if (node.Node is null && node.PodCount == 0)
            _nodes.Remove(node.Name);
    }

    private sealed class PodState(PodInfo pod)
    {
        public PodInfo Pod => pod;

        public TimeSpan? Deadline { get; set; }
    }
}
