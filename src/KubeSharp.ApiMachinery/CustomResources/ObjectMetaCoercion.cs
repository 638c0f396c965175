using System.Buffers;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>
/// Brings the metadata of objects without a declared type into the form of ObjectMeta: the object's own, and that of
/// embedded resources. Source: apiextensions-apiserver/pkg/apiserver/schema/objectmeta/{algorithm,coerce}.go, v1.36.
/// </summary>
internal static class ObjectMetaCoercion
{
    private static readonly SchemaType MetaType = BuiltInSchema.Get("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");

    /// <summary>Reads the metadata of a mutable object into ObjectMeta and puts it back.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="path">The object's path as unknown fields print it, empty for the root.</param>
    /// <param name="dropMalformed">Whether fields of the wrong type are dropped instead of refused.</param>
    /// <param name="unknown">Takes the paths of fields that ObjectMeta does not have; null when nobody asks.</param>
    /// <returns>What is wrong, in Go's words; null when nothing is.</returns>
    public static string? Coerce(Map obj, string path, bool dropMalformed, List<string>? unknown)
    {
        if (!obj.TryGetValue("metadata", out var metadata))
            return null;
        if (metadata.AsMap is { IsFrozen: true } frozen && unknown is null)
        {
            // It comes out of a tree of ours.
            obj.Set("metadata", frozen);
            return null;
        }

        var decoded = Decode(metadata, unknown is not null);
        if (decoded.Root is not { } root)
        {
            if (!dropMalformed)
                return decoded.Error;
            root = DropMalformed(metadata.AsMap);
        }

        foreach (var problem in decoded.StrictErrors)
        {
            // unknown field "x"
            var quote = problem.IndexOf('"', StringComparison.Ordinal);
            unknown?.Add($"{(path.Length == 0 ? "" : path + ".")}metadata.{problem[(quote + 1)..^1]}");
        }

        obj.Set("metadata", root);
        return null;
    }

    /// <summary>Coerces the embedded resources in a mutable tree.</summary>
    /// <returns>The first problem as a field error prints; null when there is none.</returns>
    public static string? CoerceEmbedded(Value value, JsonSchema? schema, bool dropMalformed, UnknownFieldPaths? unknown) =>
        Walk(value, schema, null, dropMalformed, unknown);

    private static string? Walk(Value value, JsonSchema? schema, FieldPath? path, bool dropMalformed, UnknownFieldPaths? unknown)
    {
        if (schema is null)
            return null;
        if (value.AsMap is { } map)
        {
            if (schema.EmbeddedResource && CoerceOne(map, path, dropMalformed, unknown) is { } problem)
                return problem;
            for (var i = 0; i < map.Count; i++)
            {
                if (schema.Of(map.KeyAt(i)) is not { } child)
                    continue;
                unknown?.PushKey(map.KeyAt(i));
                var below = Walk(map.ValueAt(i), child, Child(path, map.KeyAt(i)), dropMalformed, unknown);
                unknown?.Pop();
                if (below is not null)
                    return below;
            }
        }
        else if (value.AsSequence is { } list && schema.Items is { } items)
        {
            for (var i = 0; i < list.Count; i++)
            {
                unknown?.PushIndex(i);
                var below = Walk(list[i], items, path?.Index(i), dropMalformed, unknown);
                unknown?.Pop();
                if (below is not null)
                    return below;
            }
        }

        return null;
    }

    private static string? CoerceOne(Map map, FieldPath? path, bool dropMalformed, UnknownFieldPaths? unknown)
    {
        foreach (var key in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (!map.TryGetValue(key, out var text) || text.AsString is not null)
                continue;
            if (!dropMalformed)
                return FieldError.Invalid(Child(path, key), text, "must be a string").Error();
            map.Remove(key);
        }

        var metadata = map["metadata"];
        if (Coerce(map, unknown?.Current ?? "", dropMalformed, unknown?.Paths) is { } error)
        {
            return FieldError.Invalid(Child(path, "metadata"), metadata.WithSortedKeys(), error).Error();
        }

        return null;
    }

    public static DecodeResult Decode(Value metadata, bool strict)
    {
        var json = new ArrayBufferWriter<byte>(512);
        JsonEncoder.Encode(metadata, json);
        return JsonDecoder.Decode(json.WrittenSpan, MetaType, new JsonDecodeOptions { Strict = strict });
    }

    private static Map DropMalformed(Map? metadata)
    {
        var kept = new Map();
        foreach (var (key, value) in metadata ?? Map.Empty)
        {
            if (Decode(new Map(1) { { key, value } }, false).Root is not null)
                kept.Set(key, value);
        }

        return Decode(kept, false).Root ?? new Map();
    }

    internal static FieldPath Child(FieldPath? path, string name) => path is null ? new FieldPath(name) : path.Child(name);
}
