namespace KubeSharp.ApiMachinery.Documents;

/// <summary>The order in which Go prints maps.</summary>
public static class SortedKeys
{
    /// <summary>A mutable copy with the keys of all maps in order.</summary>
    public static Value WithSortedKeys(this Value value)
    {
        var copy = value.DeepClone();
        Sort(copy);
        return copy;
    }

    private static void Sort(Value value)
    {
        if (value.AsMap is { } map)
        {
            map.Sort(string.CompareOrdinal);
            foreach (var (_, entry) in map)
                Sort(entry);
        }
        else if (value.AsSequence is { } list)
        {
            foreach (var item in list)
                Sort(item);
        }
    }
}
