using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Patches;

/// <summary>JSON merge patch, RFC 7386, as evanphx/json-patch v4 does it (merge.go).</summary>
public static class MergePatch
{
    /// <summary>The patched document, which shares what the patch leaves alone.</summary>
    /// <exception cref="PatchException">The patch is no object.</exception>
    public static Map Apply(Map document, Value patch)
    {
        if (patch.AsMap is { } map)
            return Merge(document, map);
        throw new PatchException(
            patch.Kind == ValueKind.Sequence
                ? "json: cannot unmarshal array into Go value of type map[string]interface {}"
                : "Invalid JSON Patch",
            PatchFailure.Malformed);
    }

    // What the patch goes through has been opened, whether anything changes there or not.
    private static Map Merge(Map document, Map patch)
    {
        var result = document.ShallowClone();
        foreach (var (key, value) in patch)
        {
            var current = document[key];
            Value merged;
            if (value.IsNull)
                merged = default;
            else if (current.AsMap is { } currentMap)
                merged = value.AsMap is { } valueMap ? Merge(currentMap, valueMap) : value;
            else
                merged = WithoutNulls(value);
            if (merged.IsUndefined)
                result.Remove(key);
            else
                result.Set(key, merged);
        }

        return result;
    }

    // Nulls inside a new value mean absent keys; nulls that are items of lists stay. The copy is mutable all through: it has been
    // opened, which shows where a document is printed.
    private static Value WithoutNulls(Value value)
    {
        if (value.AsMap is { } map)
        {
            var result = new Map(map.Count);
            foreach (var (key, item) in map)
            {
                if (!item.IsNull)
                    result.Append(key, WithoutNulls(item));
            }

            return result;
        }

        if (value.AsSequence is { } sequence)
        {
            var result = new Sequence(sequence.Count);
            foreach (var item in sequence)
                result.Add(WithoutNulls(item));
            return result;
        }

        return value;
    }
}
