using System.Buffers;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Decodes custom resources: metadata by its type, everything else as it comes, pruned to the schema
/// (schemaCoercingDecoder in apiextensions-apiserver/pkg/apiserver/customresource_handler.go, v1.36).</summary>
internal static class CustomResourceDecoder
{
    private static readonly SchemaType ObjectMeta = BuiltInSchema.FindType("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")!;

    public static DecodeResult Decode(ReadOnlySpan<byte> json, SchemaType type, JsonDecodeOptions options)
    {
        var decoded = JsonDecoder.Decode(json, null, options);
        if (decoded.Root is not { } root)
            return decoded;
        var strict = new List<string>(decoded.StrictErrors);
        if (!root["metadata"].IsNullOrUndefined)
        {
            var buffer = new ArrayBufferWriter<byte>(256);
            JsonEncoder.Encode(root["metadata"], buffer);
            var metadata = JsonDecoder.Decode(buffer.WrittenSpan, ObjectMeta, options);
            if (metadata.Root is null)
                return DecodeResult.Failed(metadata.Error!);
            root.Set("metadata", metadata.Root);
            strict.AddRange(metadata.StrictErrors.Where(e => e.StartsWith("unknown", StringComparison.Ordinal)).Select(e => e.Replace("unknown field \"", "unknown field \"metadata.", StringComparison.Ordinal)));
        }

        var unknown = options.Strict ? new List<string>() : null;
        StructuralPruner.Prune(root, type.Custom!, unknown);
        foreach (var path in unknown ?? [])
            strict.Add($"unknown field \"{path}\"");
        return new DecodeResult(root, null, strict);
    }
}
