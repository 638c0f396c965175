namespace KubeSharp.Scheduler.Cache;

/// <summary>Node names by zone, listed in turns of zones, so that pods spread over zones even when not all nodes are tried
/// (kubernetes/pkg/scheduler/backend/cache/node_tree.go).</summary>
internal sealed class ZoneOrder
{
    private readonly List<(string Zone, List<string> Names)> _zones = [];

    public int Count { get; private set; }

    public void Add(string zone, string name)
    {
        var at = _zones.FindIndex(item => item.Zone == zone);
        if (at < 0)
            _zones.Add((zone, [name]));
        else
            _zones[at].Names.Add(name);
        Count++;
    }

    public void Remove(string zone, string name)
    {
        var at = _zones.FindIndex(item => item.Zone == zone);
        if (at < 0 || !_zones[at].Names.Remove(name))
            return;
        Count--;
        if (_zones[at].Names.Count == 0)
            _zones.RemoveAt(at);
    }

    /// <summary>The first of each zone, then the second of each, and so on.</summary>
    public IEnumerable<string> InTurns()
    {
        var left = Count;
        for (var turn = 0; left > 0; turn++)
        {
            foreach (var (_, names) in _zones)
            {
                if (turn >= names.Count)
                    continue;
                left--;
                yield return names[turn];
            }
        }
    }
}
