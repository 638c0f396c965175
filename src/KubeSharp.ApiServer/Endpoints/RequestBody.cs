using System.Buffers;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>What a decoded body held: the tree at the kind's version, and what strict decoding complains of.</summary>
public readonly record struct DecodedBody(Map Root, GroupVersionKind Kind, IReadOnlyList<string> StrictErrors)
{
    /// <summary>The tree, which must be of the kind that was asked for; other versions of it are as good where they have its shape.</summary>
    /// <exception cref="StatusException">400: another kind.</exception>
    public Map Of(GroupVersionKind expected) => Kind.Group == expected.Group && Kind.Kind == expected.Kind
        ? Root
        : throw StatusErrors.BadRequest($"{Kind.Kind} in version \"{Kind.Version}\" cannot be handled as a {expected.Kind}: converting ({Kind.Version}.{Kind.Kind}) to ({Package(expected.Group)}.{expected.Kind}): unknown conversion");

    /// <summary>The Go package of a group's internal types.</summary>
    private static string Package(string group) => group.Length == 0 ? "core" : group.Split('.')[0];
}

/// <summary>Reads and decodes request bodies (handlers/create.go, handlers/rest.go limitedReadBody, v1.36).</summary>
public static class RequestBody
{
    /// <summary>The size limit of every body, 3 MiB, as etcd's of a request.</summary>
    public const int MaxBytes = 3 * 1024 * 1024;

    /// <exception cref="StatusException">413 RequestEntityTooLarge; 400 when the client broke off.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes)
            throw StatusErrors.RequestEntityTooLarge($"limit is {MaxBytes}");
        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (result.Buffer.Length > MaxBytes)
                throw StatusErrors.RequestEntityTooLarge($"limit is {MaxBytes}");
            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return body;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>Decodes an object of the expected kind.</summary>
    /// <exception cref="StatusException">400 BadRequest in upstream's words.</exception>
    public static DecodedBody Decode(ReadOnlySpan<byte> body, Encoding encoding, GroupVersionKind expected, SchemaType schema, bool strict)
    {
        if (encoding == Encoding.Protobuf)
            return DecodeProtobuf(body, expected, schema);
        IReadOnlyList<string> yamlErrors = [];
        if (encoding == Encoding.Yaml)
        {
            var converted = YamlCodec.ToJson(body, strict);
            if (converted.Error is { } yamlError)
                throw Unrecognized(expected, null, yamlError, body);
            yamlErrors = converted.StrictErrors;
            body = converted.Json.Span;
        }

        var actual = JsonDecoder.ReadTypeMeta(body, out var parseError);
        if (parseError is not null)
            throw Unrecognized(expected, null, $"couldn't get version/kind; json parse error: {parseError}", body);
        if (!GroupVersion.TryParse(actual.ApiVersion, out var groupVersion))
            throw Unrecognized(expected, null, $"unexpected GroupVersion string: {actual.ApiVersion}", body);
        var kind = WithDefaults(groupVersion, actual.ApiVersion.Length > 0, actual.Kind, expected);
        // Any body can be read as a custom resource; whether it is the right one is told later.
        var type = kind == expected || schema.Custom is not null ? schema : BuiltInSchema.Find(kind);
        if (type is null)
            throw Unrecognized(expected, kind, $"no kind \"{kind.Kind}\" is registered for version \"{kind.GroupVersion}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"", body);
        var decoded = JsonDecoder.Decode(body, type, new JsonDecodeOptions { Strict = strict, KeepEmpties = true });
        if (decoded.Root is not { } root)
            throw Unrecognized(expected, kind, decoded.Error!, body);
        root.Set("kind", kind.Kind);
        root.Set("apiVersion", kind.GroupVersion.ToString());
        return new DecodedBody(root, kind, yamlErrors.Count == 0 ? decoded.StrictErrors : [.. yamlErrors, .. decoded.StrictErrors]);
    }

    private static DecodedBody DecodeProtobuf(ReadOnlySpan<byte> body, GroupVersionKind expected, SchemaType schema)
    {
        if (!ProtobufEnvelope.TryUnwrap(body, out var found, out var message))
            throw Unrecognized(expected, null, "provided data does not appear to be a protobuf message, expected prefix 6b 38 73 00", body);
        var kind = WithDefaults(found.GroupVersion, found.Version.Length > 0, found.Kind, expected);
        var type = kind == expected ? schema : BuiltInSchema.Find(kind)
            ?? throw Unrecognized(expected, kind, $"no kind \"{kind.Kind}\" is registered for version \"{kind.GroupVersion}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"", body);
        var decoded = ProtobufDecoder.Decode(message, type, kind);
        return new DecodedBody(decoded.Root ?? throw Unrecognized(expected, kind, decoded.Error!, body), kind, []);
    }

    /// <summary>serializer/json/json.go gvkWithDefaults: what the body leaves out is what the path says.</summary>
    private static GroupVersionKind WithDefaults(GroupVersion actual, bool hasVersion, string kind, GroupVersionKind expected) => new(
        hasVersion ? actual.Group : expected.Group,
        hasVersion ? actual.Version : expected.Version,
        kind.Length > 0 ? kind : expected.Kind);

    /// <summary>handlers/rest.go transformDecodeError.</summary>
    private static StatusException Unrecognized(GroupVersionKind expected, GroupVersionKind? kind, string error, ReadOnlySpan<byte> body)
    {
        if (kind is { Kind.Length: > 0 } known)
            return StatusErrors.BadRequest($"{known.Kind} in version \"{known.Version}\" cannot be handled as a {expected.Kind}: {error}");
        return StatusErrors.BadRequest($"the object provided is unrecognized (must be of type {expected.Kind}): {error} ({Summarize(body, 30)})");
    }

    /// <summary>handlers/rest.go summarizeData: text of JSON, hex of anything else.</summary>
    private static string Summarize(ReadOnlySpan<byte> body, int limit)
    {
        if (body.Length == 0)
            return "<empty>";
        if (body[0] == '{')
        {
            return body.Length > limit
                ? System.Text.Encoding.UTF8.GetString(body[..limit]) + " ..."
                : System.Text.Encoding.UTF8.GetString(body);
        }

        return body.Length > limit ? Convert.ToHexStringLower(body[..limit]) + " ..." : Convert.ToHexStringLower(body);
    }
}
