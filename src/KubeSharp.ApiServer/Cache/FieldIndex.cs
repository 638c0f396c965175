using System.Collections.Immutable;

namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// The objects of a resource by the value of one selectable field (pods by spec.nodeName), so that a list of one value does
/// not look at all the others. Immutable, and part of the cache's state: it is always as new as the snapshot beside it.
/// Source: Indexers and TriggerFunc of a registry's store (pkg/registry/core/pod/strategy.go, storage/cacher/watch_cache.go), v1.36.
/// </summary>
public sealed class FieldIndex
{
    private readonly int _field;
    private readonly ImmutableDictionary<string, OrderedSnapshot> _byValue;

    private FieldIndex(int field, ImmutableDictionary<string, OrderedSnapshot> byValue)
    {
        _field = field;
        _byValue = byValue;
    }

    /// <param name="field">The position of the field among the strategy's selectable fields.</param>
    /// <param name="sorted">All objects, in key order.</param>
    public static FieldIndex Of(int field, IReadOnlyList<CachedObject> sorted)
    {
        var groups = new Dictionary<string, List<CachedObject>>(StringComparer.Ordinal);
        foreach (var cached in sorted)
        {
            if (!groups.TryGetValue(cached.Fields[field], out var group))
                groups.Add(cached.Fields[field], group = []);
            group.Add(cached);
        }

        return new FieldIndex(field, groups.ToImmutableDictionary(g => g.Key, g => OrderedSnapshot.FromSorted(g.Value), StringComparer.Ordinal));
    }

    /// <summary>The objects whose field has this value, in key order.</summary>
    public OrderedSnapshot this[string value] => _byValue.GetValueOrDefault(value, OrderedSnapshot.Empty);

    /// <summary>The index after a change.</summary>
    internal FieldIndex With(WatchCacheEvent change)
    {
        var byValue = _byValue;
        var gone = change.Type == WatchEventType.Deleted;
        if (change.Previous?.Fields[_field] is { } before && (gone || before != change.Object.Fields[_field]) && byValue.TryGetValue(before, out var old))
        {
            old = old.Without(change.Object.Key);
            byValue = old.Count == 0 ? byValue.Remove(before) : byValue.SetItem(before, old);
        }

        if (!gone)
        {
            var value = change.Object.Fields[_field];
            byValue = byValue.SetItem(value, byValue.GetValueOrDefault(value, OrderedSnapshot.Empty).With(change.Object));
        }

        return new FieldIndex(_field, byValue);
    }
}
