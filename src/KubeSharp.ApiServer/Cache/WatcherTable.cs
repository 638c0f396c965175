namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// Which objects a watcher can ever see: those of a namespace, of a name, and with one value of the resource's trigger field;
/// empty namespace and name and a null value do not narrow it (cacher.go namespacedName and indexedTrigger, v1.36).
/// </summary>
public readonly record struct WatchScope(string Namespace, string Name, string? TriggerValue)
{
    public static WatchScope All { get; } = new("", "", null);
}

/// <summary>
/// The open watches of a resource, so that a change is offered to those alone that may want it: with a watch for each of
/// thousands of nodes, a pod's change concerns one of them. Guarded by the cache's lock.
/// Source: indexedWatchers and dispatchEvent in storage/cacher/cacher.go, v1.36.
/// </summary>
/// <param name="triggerField">The position of the trigger among the selectable fields; -1 for resources without one.</param>
internal sealed class WatcherTable(int triggerField)
{
    private readonly Dictionary<(string Namespace, string Name), List<CacheWatcher>> _byName = [];
    private readonly Dictionary<string, List<CacheWatcher>> _byValue = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    public void Add(CacheWatcher watcher)
    {
        if (watcher.Scope.TriggerValue is { } value && triggerField >= 0)
            Add(_byValue, value, watcher);
        else
            Add(_byName, (watcher.Scope.Namespace, watcher.Scope.Name), watcher);
        Count++;
    }

    public void Remove(CacheWatcher watcher)
    {
        var removed = watcher.Scope.TriggerValue is { } value && triggerField >= 0
            ? Remove(_byValue, value, watcher)
            : Remove(_byName, (watcher.Scope.Namespace, watcher.Scope.Name), watcher);
        if (removed)
            Count--;
    }

    /// <summary>Hands the change to every watcher whose scope it touches; those that are full have been ended and are forgotten.</summary>
    public void Offer(WatchCacheEvent change)
    {
        var (ns, name) = (change.Object.Namespace, change.Object.Name);
        Offer(_byName, ("", ""), change);
        if (_byName.Count > 0)
        {
            if (ns.Length > 0)
            {
                Offer(_byName, (ns, ""), change);
                Offer(_byName, (ns, name), change);
            }

            Offer(_byName, ("", name), change);
        }

        if (_byValue.Count == 0)
            return;
        var value = change.Object.Fields[triggerField];
        Offer(_byValue, value, change);
        if (change.Previous?.Fields[triggerField] is { } before && before != value)
            Offer(_byValue, before, change);
    }

    /// <summary>Ends all watches.</summary>
    public void Terminate()
    {
        foreach (var watcher in _byName.Values.Concat(_byValue.Values).SelectMany(list => list))
            watcher.Terminate();
        _byName.Clear();
        _byValue.Clear();
        Count = 0;
    }

    private void Offer<TKey>(Dictionary<TKey, List<CacheWatcher>> table, TKey key, WatchCacheEvent change)
        where TKey : notnull
    {
        if (!table.TryGetValue(key, out var list))
            return;
        for (var i = list.Count - 1; i >= 0; i--)
        {
            if (list[i].Offer(change))
                continue;
            list.RemoveAt(i);
            Count--;
        }

        if (list.Count == 0)
            table.Remove(key);
    }

    private static void Add<TKey>(Dictionary<TKey, List<CacheWatcher>> table, TKey key, CacheWatcher watcher)
        where TKey : notnull
    {
        if (!table.TryGetValue(key, out var list))
            table.Add(key, list = new List<CacheWatcher>(1));
        list.Add(watcher);
    }

    private static bool Remove<TKey>(Dictionary<TKey, List<CacheWatcher>> table, TKey key, CacheWatcher watcher)
        where TKey : notnull
    {
        if (!table.TryGetValue(key, out var list) || !list.Remove(watcher))
            return false;
        if (list.Count == 0)
            table.Remove(key);
        return true;
    }
}
