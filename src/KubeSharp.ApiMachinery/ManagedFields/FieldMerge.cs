using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>Lays an applied configuration over the live tree (structured-merge-diff/v6/typed/merge.go). What the
/// configuration does not mention stays; unchanged subtrees are shared with the live tree.</summary>
internal static class FieldMerge
{
    public static Map Merge(Map live, Map config, SchemaType type) => Walk(live, config, MergeType.Of(type)).AsMap ?? new Map();

    private static Value Walk(Value left, Value right, MergeType type)
    {
        if (right.IsUndefined)
            return left;
        if (left.IsUndefined)
            return right;
        switch (type.ShapeOf(right.IsNull ? left : right))
        {
            case MergeShape.Map when left.AsMap is { Count: > 0 } || right.AsMap is { Count: > 0 }:
                return WalkMap(left.AsMap ?? Map.Empty, right.AsMap ?? Map.Empty, type);
            case MergeShape.Associative or MergeShape.Set when left.AsSequence is { Count: > 0 } || right.AsSequence is { Count: > 0 }:
                return WalkList(left.AsSequence ?? Sequence.Empty, right.AsSequence ?? Sequence.Empty, type);
            default:
                return right;
        }
    }

    private static Map WalkMap(Map left, Map right, MergeType type)
    {
        var merged = left.ShallowClone();
        foreach (var (key, value) in right)
            merged.Set(key, Walk(left[key], value, type.Field(key)));
        return merged;
    }

    /// <summary>Shared items follow the configuration's order; what only one side has stays between its neighbours.</summary>
    private static Sequence WalkList(Sequence left, Sequence right, MergeType type)
    {
        var leftElements = Elements(left, type);
        var rightElements = Elements(right, type);
        var leftItems = First(left, leftElements);
        var rightItems = First(right, rightElements);
        var shared = new Queue<PathElement>(rightElements.Where(leftItems.ContainsKey));
        PathElement? next = shared.TryDequeue(out var first) ? first : null;
        var merged = new HashSet<PathElement>();
        var result = new Sequence(Math.Max(left.Count, right.Count));
        for (int l = 0, r = 0; l < left.Count || r < right.Count;)
        {
            if (l < left.Count && r < right.Count)
            {
                var element = leftElements[l];
                if (element == rightElements[r])
                {
                    merged.Add(element);
                    result.Add(Walk(leftItems[element], rightItems[element], type.Element));
                    l++;
                    r++;
                    next = shared.TryDequeue(out var following) ? following : null;
                    continue;
                }

                if (rightItems.ContainsKey(element) && next is { } expected && expected != element)
                {
                    // A shared item that comes later in the configuration's order.
                    l++;
                    continue;
                }
            }

            if (l < left.Count)
            {
                var element = leftElements[l];
                if (!rightItems.ContainsKey(element))
                {
                    result.Add(left[l]);
                    l++;
                    continue;
                }

                if (merged.Contains(element))
                    l++;
            }

            if (r < right.Count)
            {
                var element = rightElements[r];
                merged.Add(element);
                result.Add(Walk(leftItems.GetValueOrDefault(element), rightItems[element], type.Element));
                r++;
                if (next == element)
                    next = shared.TryDequeue(out var following) ? following : null;
            }
        }

        return result;
    }

    private static PathElement[] Elements(Sequence list, MergeType type)
    {
        var elements = new PathElement[list.Count];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = type.ItemElement(list[i]);
        return elements;
    }

    /// <summary>The items by element; several of one element count as null, which everything replaces.</summary>
    private static Dictionary<PathElement, Value> First(Sequence list, PathElement[] elements)
    {
        var items = new Dictionary<PathElement, Value>(elements.Length);
        for (var i = 0; i < elements.Length; i++)
        {
            if (!items.TryAdd(elements[i], list[i]))
                items[elements[i]] = Value.Null;
        }

        return items;
    }
}
