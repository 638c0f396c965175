using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>The total order of values: numbers, strings, booleans, lists, maps, null
/// (structured-merge-diff/v6/value/value.go Compare).</summary>
internal static class ValueOrder
{
    public static int Compare(Value left, Value right)
    {
        var (l, r) = (Rank(left), Rank(right));
        if (l != r)
            return l.CompareTo(r);
        return l switch
        {
            0 => left.AsInteger is { } a && right.AsInteger is { } b ? a.CompareTo(b) : left.AsDouble!.Value.CompareTo(right.AsDouble!.Value),
            1 => string.CompareOrdinal(left.AsString, right.AsString),
            2 => left.AsBoolean!.Value.CompareTo(right.AsBoolean!.Value),
            3 => Compare(left.AsSequence!, right.AsSequence!),
            4 => Compare(left.AsMap!, right.AsMap!),
            _ => 0,
        };
    }

    private static int Rank(Value value) => value.Kind switch
    {
        ValueKind.Integer or ValueKind.Float => 0,
        ValueKind.String => 1,
        ValueKind.Boolean => 2,
        ValueKind.Sequence => 3,
        ValueKind.Map => 4,
        _ => 5,
    };

    private static int Compare(Sequence left, Sequence right)
    {
        for (var i = 0; i < left.Count && i < right.Count; i++)
        {
            if (Compare(left[i], right[i]) is var order && order != 0)
                return order;
        }

        return left.Count.CompareTo(right.Count);
    }

    private static int Compare(Map left, Map right)
    {
        var leftKeys = left.Select(e => e.Key).Order(StringComparer.Ordinal).ToList();
        var rightKeys = right.Select(e => e.Key).Order(StringComparer.Ordinal).ToList();
        for (var i = 0; i < leftKeys.Count && i < rightKeys.Count; i++)
        {
            var order = string.CompareOrdinal(leftKeys[i], rightKeys[i]);
            if (order == 0)
                order = Compare(left[leftKeys[i]], right[rightKeys[i]]);
            if (order != 0)
                return order;
        }

        return leftKeys.Count.CompareTo(rightKeys.Count);
    }
}
