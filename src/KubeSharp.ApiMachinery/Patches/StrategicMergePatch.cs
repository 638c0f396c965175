using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Patches;

/// <summary>
/// Strategic merge patch as the API server applies it: lists merge by the keys that the schema gives, and directives
/// (<c>$patch</c>, <c>$retainKeys</c>, <c>$setElementOrder/x</c>, <c>$deleteFromPrimitiveList/x</c>) steer it. Follows
/// apimachinery/pkg/util/strategicpatch/patch.go, v1.36 (StrategicMergeMapPatch).
/// </summary>
public static partial class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList";
    private const string SetElementOrder = "$setElementOrder";

    private const string BadRetainKeys = "invalid patch format of retainKeys";
    private const string BadElementOrder = "invalid patch format of setElementOrder list";
    private const string BadPrimitiveList = "invalid patch format of primitive list";

    /// <summary>The patched document; it shares what the patch leaves alone. The document is frozen.</summary>
    /// <exception cref="PatchException">The patch is malformed or does not fit.</exception>
    public static Map Apply(Map document, Value patch, SchemaType type) => Apply(document, patch, type, out _);

    /// <summary>As <see cref="Apply(Map, Value, SchemaType)"/>.</summary>
    /// <param name="document">The document.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="type">The document's schema.</param>
    /// <param name="rest">The patch without the directives that were followed: upstream takes them out, and its messages print
    /// what is left.</param>
    public static Map Apply(Map document, Value patch, SchemaType type, out Map rest)
    {
        if (patch.AsMap is not { } map)
            throw new PatchException("invalid JSON document", PatchFailure.Malformed);
        document.Freeze();
        rest = map.DeepClone();
        return MergeMap(document, rest, PatchSchema.Of(type));
    }

    private static Map MergeMap(Map original, Map patch, PatchSchema schema)
    {
        if (patch.TryGetValue(Directive, out var directive))
            return ApplyDirective(directive, patch);
        var result = original.ShallowClone();
        ApplyRetainKeys(result, patch);
        ApplyElementOrders(result, patch, schema);
        foreach (var (patchKey, value) in patch)
        {
            var key = patchKey;
            var isDeleteList = patchKey.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal);
            if (isDeleteList)
                key = ExtractKey(patchKey, DeleteFromPrimitiveList, BadPrimitiveList);
            if (value.IsNull)
            {
                result.Remove(key);
                continue;
            }

            var current = result[key];
            if (current.IsUndefined || current.Kind != value.Kind)
            {
                if (!isDeleteList)
                    result.Set(key, WithoutDirectives(WithoutNulls(value)));
                continue;
            }

            result.Set(key, MergeValue(current, value, key, isDeleteList, schema));
        }

        return result;
    }

    private static Value MergeValue(Value current, Value value, string key, bool isDeleteList, PatchSchema schema)
    {
        switch (value.Kind)
        {
            case ValueKind.Map:
            {
                var below = schema.ForStruct(key, out var strategy, out _);
                return strategy == "replace" ? value : MergeMap(current.AsMap!, value.AsMap!, below);
            }

            case ValueKind.Sequence:
            {
                var below = schema.ForSlice(key, out var strategy, out var mergeKey);
                return strategy == "merge" || isDeleteList
                    ? MergeList(current.AsSequence!, value.AsSequence!, below, mergeKey, isDeleteList)
                    : value;
            }

            default:
                return value;
        }
    }

    private static Map ApplyDirective(Value directive, Map patch)
    {
        if (directive.AsString == "replace")
        {
            patch.Remove(Directive);
            return patch;
        }

        if (directive.AsString == "delete")
            return new Map();
        throw BadPatchType(directive, patch);
    }

    private static void ApplyRetainKeys(Map result, Map patch)
    {
        if (!patch.TryGetValue(RetainKeys, out var value))
            return;
        patch.Remove(RetainKeys);
        var list = value.AsSequence ?? throw new PatchException(BadRetainKeys, PatchFailure.Malformed);
        var keys = list.Select(item => item.AsString ?? "").ToHashSet(StringComparer.Ordinal);
        foreach (var (key, item) in patch)
        {
            if (item.IsNull || key.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal) || key.StartsWith(SetElementOrder, StringComparison.Ordinal))
                continue;
            if (!keys.Contains(key))
                throw new PatchException(BadRetainKeys, PatchFailure.Malformed);
        }

        foreach (var key in result.Select(pair => pair.Key).Where(key => !keys.Contains(key)).ToList())
            result.Remove(key);
    }

    private static string ExtractKey(string text, string prefix, string error)
    {
        var slash = text.IndexOf('/');
        if (slash < 0 || text[..slash] != prefix)
            throw new PatchException(error, PatchFailure.Malformed);
        return text[(slash + 1)..];
    }

    // Deeper nulls of new values mean absent keys.
    private static Value WithoutNulls(Value value) => Prune(value, (_, item) => item.IsNull, dropItems: false);

    // New values: maps that carry a $patch directive had something to act on only in a merge, and vanish.
    private static Value WithoutDirectives(Value value) =>
        IsDirective(value) ? default : Prune(value, (_, item) => IsDirective(item), dropItems: true);

    private static bool IsDirective(Value value) => value.AsMap is { } map && map.ContainsKey(Directive);

    private static Value Prune(Value value, Func<string, Value, bool> drop, bool dropItems)
    {
        if (value.AsMap is { } map)
        {
            var result = new Map(map.Count);
            foreach (var (key, item) in map)
            {
                if (!drop(key, item))
                    result.Append(key, Prune(item, drop, dropItems));
            }

            return result;
        }

        if (value.AsSequence is { } sequence)
        {
            var result = new Sequence(sequence.Count);
            foreach (var item in sequence)
            {
                if (!dropItems || !drop("", item))
                    result.Add(Prune(item, drop, dropItems));
            }

            return result;
        }

        return value;
    }

    private static PatchException BadPatchType(Value directive, Map patch) =>
        new($"unknown patch type: {GoPrint.Plain(directive)} in map: {GoPrint.Plain(patch)}", PatchFailure.Unclassified);

    private static PatchException BadType(string expected, Value actual) =>
        new($"expected a {expected}, but received a {GoPrint.TypeName(actual)}", PatchFailure.Unclassified);

    private static PatchException NoMergeKey(Map item, string mergeKey) =>
        new($"map: {GoPrint.Plain(item)} does not contain declared merge key: {mergeKey}", PatchFailure.Unclassified);
}
