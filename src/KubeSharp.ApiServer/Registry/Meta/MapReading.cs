using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;

namespace KubeSharp.ApiServer.Registry.Meta;

/// <summary>Reads of a tree as Go reads structs: what is absent is the zero value, so that validation can follow upstream's
/// conditions. Where nil matters, <see cref="Has"/> tells.</summary>
internal static class MapReading
{
    public static string Text(this Map? map, string key) => map?[key].AsString ?? "";

    public static long Number(this Map? map, string key) => map?[key].AsInteger ?? 0;

    public static bool Flag(this Map? map, string key) => map?[key].AsBoolean ?? false;

    /// <summary>Whether a pointer field is set.</summary>
    public static bool Has(this Map? map, string key) => map is not null && !map[key].IsNullOrUndefined;

    public static Map Sub(this Map? map, string key) => map?[key].AsMap ?? Map.Empty;

    public static Sequence List(this Map? map, string key) => map?[key].AsSequence ?? Sequence.Empty;

    /// <summary>The item as a struct.</summary>
    public static Map At(this Sequence list, int index) => list[index].AsMap ?? Map.Empty;

    public static string TextAt(this Sequence list, int index) => list[index].AsString ?? "";

    public static bool ContainsText(this Sequence list, string text)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].AsString == text)
                return true;
        }

        return false;
    }

    public static Quantity Amount(this Map? map, string key) => map is null ? default : Quantity.FromValue(map[key]);

    public static string Name(this Map obj) => obj.Sub("metadata").Text("name");

    /// <summary>Semantic equality: an absent key, a null, an empty list and an empty map are all the same.</summary>
    public static bool SemanticallyEquals(this Value left, Value right)
    {
        if (left.IsSameNode(right))
            return true;
        if (IsEmpty(left) || IsEmpty(right))
            return IsEmpty(left) && IsEmpty(right);
        if (left.AsMap is { } map)
            return right.AsMap is { } other && EntriesEqual(map, other);
        if (left.AsSequence is not { } list)
            return left.Equals(right);
        if (right.AsSequence is not { } others || others.Count != list.Count)
            return false;
        for (var i = 0; i < list.Count; i++)
        {
            if (!list[i].SemanticallyEquals(others[i]))
                return false;
        }

        return true;
    }

    private static bool IsEmpty(Value value) =>
        value.IsNullOrUndefined || value.AsMap is { Count: 0 } || value.AsSequence is { Count: 0 };

    private static bool EntriesEqual(Map map, Map other)
    {
        foreach (var (key, value) in map)
        {
            if (!value.SemanticallyEquals(other[key]))
                return false;
        }

        foreach (var (key, value) in other)
        {
            if (!map.ContainsKey(key) && !IsEmpty(value))
                return false;
        }

        return true;
    }
}
