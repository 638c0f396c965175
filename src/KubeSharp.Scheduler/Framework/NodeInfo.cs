using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using NodeView = KubeSharp.ApiMachinery.Views.Core.V1.Node;

namespace KubeSharp.Scheduler.Framework;

/// <summary>A node with what is on it. The cache's are changed under its lock; a snapshot's belong to the scheduling cycle.
/// Follows <c>NodeInfo</c> of kubernetes/pkg/scheduler/framework/types.go.</summary>
internal sealed class NodeInfo
{
    private readonly List<PodInfo> _pods = [];
    private readonly List<HostPort> _usedPorts = [];

    public NodeInfo(string name) => Name = name;

    public NodeInfo(Map node, params IEnumerable<PodInfo> pods)
        : this(ObjectMetaAccessor.GetName(node))
    {
        SetNode(node);
        foreach (var pod in pods)
            AddPod(pod);
    }

    public string Name { get; }

    /// <summary>Null while only pods that say they are here are known.</summary>
    public Map? Node { get; private set; }

    public Map? Labels { get; private set; }

    /// <summary>Zone and region; nodes are tried in turns of zones.</summary>
    public string Zone { get; private set; } = "";

    public bool Unschedulable { get; private set; }

    public TaintInfo[] Taints { get; private set; } = [];

    /// <summary>Sizes of images on the node, by each of their names.</summary>
    public Dictionary<string, long> Images { get; private set; } = [];

    public Resource Allocatable { get; private set; } = new();

    public Resource Requested { get; } = new();

    public Resource NonZeroRequested { get; } = new();

    public IReadOnlyList<PodInfo> Pods => _pods;

    public int PodCount => _pods.Count;

    /// <summary>Ports of the node in use; a list because there are few.</summary>
    public List<HostPort> UsedPorts => _usedPorts;

    public void SetNode(Map node)
    {
        var view = NodeView.From(node);
        Node = node;
        Labels = ObjectMetaAccessor.GetLabels(node);
        Zone = ZoneOf(Labels);
        Unschedulable = view.Spec.Unschedulable;
        Taints = [.. view.Spec.Taints.Select(taint => new TaintInfo(taint.Key, taint.Value, taint.Effect))];
        Allocatable = Resource.FromList(view.Status.Allocatable.Map);
        Images = [];
        foreach (var image in view.Status.Images)
        {
            foreach (var name in image.Names)
                Images[name] = image.SizeBytes;
        }
    }

    public void RemoveNode()
    {
        Node = null;
        Labels = null;
    }

    public void AddPod(PodInfo pod)
    {
        _pods.Add(pod);
        Requested.Add(pod.Requests);
        NonZeroRequested.Add(pod.NonZeroRequests);
        _usedPorts.AddRange(pod.HostPorts);
    }

    /// <summary>False when it is not here.</summary>
    public bool RemovePod(string uid)
    {
        for (var i = 0; i < _pods.Count; i++)
        {
            if (_pods[i].Uid != uid)
                continue;
            var pod = _pods[i];
            _pods[i] = _pods[^1];
            _pods.RemoveAt(_pods.Count - 1);
            Requested.Subtract(pod.Requests);
            NonZeroRequested.Subtract(pod.NonZeroRequests);
            foreach (var port in pod.HostPorts)
                _usedPorts.Remove(port);
            return true;
        }

        return false;
    }

    /// <summary>Becomes like another one of the same name, keeping its own lists.</summary>
    public void CopyFrom(NodeInfo other)
    {
        Node = other.Node;
        Labels = other.Labels;
        Zone = other.Zone;
        Unschedulable = other.Unschedulable;
        Taints = other.Taints;
        Images = other.Images;
        Allocatable = other.Allocatable;
        Requested.CopyFrom(other.Requested);
        NonZeroRequested.CopyFrom(other.NonZeroRequested);
        _pods.Clear();
        _pods.AddRange(other._pods);
        _usedPorts.Clear();
        _usedPorts.AddRange(other._usedPorts);
    }

    // k8s.io/component-helpers/node/topology/helpers.go GetZoneKey
    private static string ZoneOf(Map? labels)
    {
        if (labels is null)
            return "";
        var zone = labels.GetString("failure-domain.beta.kubernetes.io/zone") ?? labels.GetString("topology.kubernetes.io/zone") ?? "";
        var region = labels.GetString("failure-domain.beta.kubernetes.io/region") ?? labels.GetString("topology.kubernetes.io/region") ?? "";
        return zone.Length == 0 && region.Length == 0 ? "" : $"{region}:\0:{zone}";
    }
}
