namespace KubeSharp.Scheduler.Framework;

/// <summary>All nodes as they are for one scheduling cycle. Filled by the cache, owned by the cycle; its NodeInfos are
/// reused from cycle to cycle. Follows kubernetes/pkg/scheduler/backend/cache/snapshot.go.</summary>
internal sealed class Snapshot
{
    private readonly Dictionary<string, NodeInfo> _byName = new(StringComparer.Ordinal);
    private readonly List<NodeInfo> _nodes = [];
    private readonly Dictionary<string, int> _nodesWithImage = new(StringComparer.Ordinal);

    /// <summary>In turns of zones.</summary>
    public IReadOnlyList<NodeInfo> Nodes => _nodes;

    public NodeInfo? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>How many nodes have an image of this name.</summary>
    public int NodesWithImage(string name) => _nodesWithImage.GetValueOrDefault(name);

    internal void Update(NodeInfo current)
    {
        if (!_byName.TryGetValue(current.Name, out var own))
        {
            own = new NodeInfo(current.Name);
            _byName.Add(current.Name, own);
        }

        if (!ReferenceEquals(own.Images, current.Images))
        {
            CountImages(own.Images, -1);
            CountImages(current.Images, 1);
        }

        own.CopyFrom(current);
    }

    internal void Remove(string name)
    {
        if (_byName.Remove(name, out var own))
            CountImages(own.Images, -1);
    }

    internal void SetOrder(IEnumerable<string> names)
    {
        _nodes.Clear();
        foreach (var name in names)
            _nodes.Add(_byName[name]);
    }

    private void CountImages(Dictionary<string, long> images, int change)
    {
        foreach (var name in images.Keys)
        {
            var count = _nodesWithImage.GetValueOrDefault(name) + change;
            if (count == 0)
                _nodesWithImage.Remove(name);
            else
                _nodesWithImage[name] = count;
        }
    }
}
