using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// Built-in objects as some API server once stored them: protobuf, JSON or YAML, of any version that is known, with or without
/// the defaults that came later. Source: apiserver/pkg/server/storage/storage_codec.go and
/// apimachinery/pkg/runtime/serializer/recognizer/recognizer.go, v1.36.
/// </summary>
internal static class StoredObjectReader
{
    /// <summary>The object at the version that it was stored in.</summary>
    /// <exception cref="StatusException">500: the bytes are no object of a known kind.</exception>
    public static Map Read(ReadOnlySpan<byte> stored, out GroupVersionKind kind)
    {
        if (ProtobufEnvelope.TryUnwrap(stored, out kind, out var message))
            return ProtobufDecoder.Decode(message, SchemaOf(kind), kind).Root ?? throw Damaged();

        var json = stored;
        if (!StartsWithBrace(stored))
        {
            var converted = YamlCodec.ToJson(stored, strict: false);
            if (converted.Error is { } yamlError)
                throw StatusErrors.InternalError($"couldn't get version/kind; json parse error: {yamlError}");
            json = converted.Json.Span;
        }

        var meta = JsonDecoder.ReadTypeMeta(json, out var error);
        if (error is not null)
            throw StatusErrors.InternalError($"couldn't get version/kind; json parse error: {error}");
        if (meta.Kind.Length == 0)
            throw StatusErrors.InternalError($"Object 'Kind' is missing in '{Encoding.UTF8.GetString(json)}'");
        if (!GroupVersion.TryParse(meta.ApiVersion, out var version))
            throw StatusErrors.InternalError($"unexpected GroupVersion string: {meta.ApiVersion}");
        kind = version.WithKind(meta.Kind);
        var decoded = JsonDecoder.Decode(json, SchemaOf(kind), new JsonDecodeOptions());
        return decoded.Root ?? throw StatusErrors.InternalError(decoded.Error ?? "the stored object is damaged");
    }

    private static bool StartsWithBrace(ReadOnlySpan<byte> stored) => stored.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static SchemaType SchemaOf(GroupVersionKind kind) =>
        BuiltInSchema.Find(kind) ?? throw StatusErrors.InternalError($"no kind \"{kind.Kind}\" is registered for version \"{kind.GroupVersion}\"");

    private static StatusException Damaged() => StatusErrors.InternalError("the stored object is damaged");
}
