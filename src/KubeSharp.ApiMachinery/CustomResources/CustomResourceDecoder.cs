using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Decodes custom resources: metadata by its type, everything else as it comes, pruned to the schema
/// (schemaCoercingDecoder in apiextensions-apiserver/pkg/apiserver/customresource_handler.go, v1.36).</summary>
public static class CustomResourceDecoder
{
    /// <summary>What a client sent.</summary>
    internal static DecodeResult Decode(ReadOnlySpan<byte> json, SchemaType type, JsonDecodeOptions options)
    {
        var decoded = JsonDecoder.Decode(json, null, options);
        if (decoded.Root is not { } root)
            return decoded;
        var unknown = options.Strict ? new List<string>() : null;
        if (Coerce(root, type.Custom!, false, unknown) is { } error)
            return DecodeResult.Failed(error);
        return unknown is null or { Count: 0 }
            ? decoded
            : new DecodeResult(root, null, [.. decoded.StrictErrors, .. unknown.Select(path => $"unknown field \"{path}\"")]);
    }

    /// <summary>What the store holds. Objects written before metadata was checked keep what can be read of it.</summary>
    /// <returns>The object, mutable; null when the bytes cannot be read.</returns>
    public static Map? DecodeStored(ReadOnlySpan<byte> json, JsonSchema schema)
    {
        if (JsonDecoder.Decode(json, null, default).Root is not { } root)
            return null;
        Coerce(root, schema, true, null);
        return root;
    }

    /// <summary>Makes a mutable object fit its schema, in place.</summary>
    /// <param name="root">The object.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="dropMalformed">Whether metadata of the wrong type is dropped instead of refused.</param>
    /// <param name="unknown">Takes the paths of what was pruned; null when nobody asks.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    private static string? Coerce(Map root, JsonSchema schema, bool dropMalformed, List<string>? unknown)
    {
        if (ObjectMetaCoercion.Coerce(root, "", dropMalformed, unknown) is { } metadataError)
            return metadataError;
        StructuralPruner.Prune(root, schema, unknown);
        if (!schema.HasEmbeddedResources)
            return null;
        var paths = unknown is null ? null : new UnknownFieldPaths();
        if (ObjectMetaCoercion.CoerceEmbedded(root, schema, dropMalformed, paths) is { } embeddedError)
            return embeddedError;
        unknown?.AddRange(paths!.TakeSorted());
        return null;
    }
}
