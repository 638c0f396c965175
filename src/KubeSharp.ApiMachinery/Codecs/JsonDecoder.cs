using System.Buffers;
using System.Text;
using System.Text.Json;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// Reads UTF-8 JSON into a document. With a schema the result is what decoding into the Go struct and encoding it again
/// gives: unknown fields and nulls are gone, required fields are there, scalars are canonical, keys are in schema order.
/// Without one it is the JSON itself. Source: sigs.k8s.io/json, apimachinery/pkg/runtime/serializer/json, v1.36.
/// </summary>
public static class JsonDecoder
{
    /// <summary>How deep maps and lists may nest (Go's encoding/json).</summary>
    public const int MaxDepth = 10000;

    /// <summary>How many strict errors are reported (strictDecodingError's limit).</summary>
    internal const int MaxStrictErrors = 100;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>Decodes one object; <paramref name="type"/> null: without a schema.</summary>
    public static DecodeResult Decode(ReadOnlySpan<byte> json, SchemaType? type, JsonDecodeOptions options)
    {
        if (type?.Custom is not null)
            return CustomResources.CustomResourceDecoder.Decode(json, type, options);
        try
        {
            var reader = new Utf8JsonReader(json, ReaderOptions);
            if (!reader.Read())
                return DecodeResult.Failed("unexpected end of JSON input");
            var context = new TypedJsonReader(options.Strict, options.KeepEmpties, options.AsConverter);
            Map? root;
            if (type is null)
            {
                var value = UntypedJsonReader.Read(ref reader, context);
                root = value.AsMap;
                if (root is null && !value.IsNull)
                    return DecodeResult.Failed($"json: cannot unmarshal {GoKind(value)} into Go value of type map[string]interface {{}}");
            }
            else if (reader.TokenType == JsonTokenType.Null)
            {
                root = null;
            }
            else
            {
                root = context.ReadRoot(ref reader, type);
            }

            if (context.Error is { } error)
                return DecodeResult.Failed(error);
            if (reader.Read())
                return DecodeResult.Failed("invalid character after top-level value");
            root ??= type is null ? new Map() : TypedJsonReader.Empty(type);
            return new DecodeResult(root, null, context.StrictErrors);
        }
        catch (JsonException exception)
        {
            return DecodeResult.Failed(GoJsonError.Describe(json, exception));
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader refuses strings that are not valid UTF-8 only when they are read.
            return DecodeResult.Failed("invalid UTF-8 in JSON string");
        }
    }

    /// <summary>Decodes any JSON value without a schema; undefined when it is no JSON.</summary>
    public static Value DecodeValue(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, ReaderOptions);
            return reader.Read() ? UntypedJsonReader.Read(ref reader, new TypedJsonReader(false)) : default;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>Finds apiVersion and kind at the top level (runtime/serializer/json/meta.go Interpret).</summary>
    /// <param name="json">The document.</param>
    /// <param name="error">Why it could not be read, or null.</param>
    public static TypeMetaText ReadTypeMeta(ReadOnlySpan<byte> json, out string? error)
    {
        error = null;
        string apiVersion = "", kind = "";
        try
        {
            var reader = new Utf8JsonReader(json, ReaderOptions);
            if (!reader.Read())
            {
                error = "unexpected end of JSON input";
                return default;
            }

            if (reader.TokenType == JsonTokenType.Null)
                return new TypeMetaText("", "");
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                error = $"json: cannot unmarshal {GoKind(reader.TokenType)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}";
                return default;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isVersion = reader.ValueTextEquals("apiVersion"u8);
                var isKind = !isVersion && reader.ValueTextEquals("kind"u8);
                reader.Read();
                if (!isVersion && !isKind)
                {
                    reader.Skip();
                    continue;
                }

                if (reader.TokenType == JsonTokenType.Null)
                    continue;
                if (reader.TokenType != JsonTokenType.String)
                {
                    error = $"json: cannot unmarshal {GoKind(reader.TokenType)} into Go struct field .{(isVersion ? "apiVersion" : "kind")} of type string";
                    return default;
                }

                if (isVersion)
                    apiVersion = reader.GetString()!;
                else
                    kind = reader.GetString()!;
            }

            return new TypeMetaText(apiVersion, kind);
        }
        catch (JsonException exception)
        {
            error = GoJsonError.Describe(json, exception);
            return default;
        }
        catch (InvalidOperationException)
        {
            error = "invalid UTF-8 in JSON string";
            return default;
        }
    }

    /// <summary>Go's word for a JSON value in type errors.</summary>
    internal static string GoKind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "object",
        JsonTokenType.StartArray => "array",
        JsonTokenType.String => "string",
        JsonTokenType.True or JsonTokenType.False => "bool",
        _ => "number",
    };

    private static string GoKind(Value value) => value.Kind switch
    {
        ValueKind.Sequence => "array",
        ValueKind.String => "string",
        ValueKind.Boolean => "bool",
        _ => "number",
    };
}
