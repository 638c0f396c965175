using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>
/// A value of an update beside the value that it replaces: found by field, and in lists of type map by key. For one
/// validation; not safe for several threads. Source: apiserver/pkg/cel/common/{equality,maplist}.go, v1.36.
/// </summary>
internal sealed class CorrelatedValue(Value value, Value old, JsonSchema schema)
{
    private Dictionary<string, CorrelatedValue>? _children;
    private bool? _unchanged;

    /// <summary>Whether the value is what it was; items of a list of type map may have moved.</summary>
    public bool IsUnchanged => _unchanged ??= Compare();

    /// <summary>A field's value and the field's old one; null when there is no old one, or no schema that says how to find it.</summary>
    public CorrelatedValue? Key(string key)
    {
        if (_children?.GetValueOrDefault(key) is { } known)
            return known;
        if (value.AsMap is not { } map || old.AsMap is not { } oldMap || !map.TryGetValue(key, out var field) || !oldMap.TryGetValue(key, out var oldField))
            return null;
        if (schema.Of(key) is not { } node)
            return null;
        return (_children ??= new(StringComparer.Ordinal))[key] = new CorrelatedValue(field, oldField, node);
    }

    /// <summary>An item and the old item with its key; null unless the list is of type map and had such an item.</summary>
    public CorrelatedValue? Index(int index)
    {
        if (schema is not { ListType: "map", Items: { } items } || value.AsSequence is not { } list || old.AsSequence is not { } oldList || index >= list.Count)
            return null;
        foreach (var candidate in oldList)
        {
            if (HasSameKey(list[index], candidate))
                return new CorrelatedValue(list[index], candidate, items);
        }

        return null;
    }

    private bool HasSameKey(Value item, Value candidate)
    {
        if (item.AsMap is not { } map || candidate.AsMap is not { } other)
            return false;
        foreach (var key in schema.ListMapKeys)
        {
            if (map[key] != other[key])
                return false;
        }

        return true;
    }

    private bool Compare()
    {
        if (value.IsSameNode(old))
            return true;
        if (value.AsMap is { } map && old.AsMap is { } oldMap)
        {
            if (map.Count != oldMap.Count)
                return false;
            foreach (var (key, _) in map)
            {
                if (Key(key)?.IsUnchanged != true)
                    return false;
            }

            return true;
        }

        if (schema.ListType == "map" && value.AsSequence is { } list && old.AsSequence is { } oldList)
        {
            if (list.Count != oldList.Count)
                return false;
            for (var i = 0; i < list.Count; i++)
            {
                if (Index(i)?.IsUnchanged != true)
                    return false;
            }

            return true;
        }

        return value == old;
    }
}
