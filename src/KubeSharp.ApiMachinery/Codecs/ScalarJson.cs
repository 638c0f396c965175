using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>Reads scalars as the UnmarshalJSON of their Go types do.</summary>
internal static class ScalarJson
{
    /// <summary>Reads the value; <paramref name="problem"/> is null on success, empty for a JSON value of the wrong kind
    /// (the caller words that), or the type's own error.</summary>
    public static Value Read(ref Utf8JsonReader reader, TypeKind kind, out string? problem)
    {
        problem = null;
        var token = reader.TokenType;
        switch (kind)
        {
            case TypeKind.String when token == JsonTokenType.String:
                return JsonText.Get(ref reader);
            case TypeKind.Boolean when token is JsonTokenType.True or JsonTokenType.False:
                return token == JsonTokenType.True;
            case TypeKind.Int64 when token == JsonTokenType.Number && reader.TryGetInt64(out var integer):
                return integer;
            case TypeKind.Int32 when token == JsonTokenType.Number && reader.TryGetInt32(out var small):
                return small;
            case TypeKind.Float64 when token == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number):
                return number;
            case TypeKind.Bytes when token == JsonTokenType.String:
                return ReadBytes(ref reader, out problem);
            case TypeKind.Quantity when token is JsonTokenType.String or JsonTokenType.Number:
                return ReadQuantity(token == JsonTokenType.String ? JsonText.Get(ref reader) : Encoding.UTF8.GetString(reader.ValueSpan), out problem);
            case TypeKind.Quantity:
                problem = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
                reader.Skip();
                return default;
            case TypeKind.Time or TypeKind.MicroTime when token == JsonTokenType.String:
                return ReadTime(JsonText.Get(ref reader), kind == TypeKind.MicroTime, out problem);
            case TypeKind.Duration when token == JsonTokenType.String:
                return ReadDuration(JsonText.Get(ref reader), out problem);
            case TypeKind.IntOrString when token == JsonTokenType.String:
                return JsonText.Get(ref reader);
            case TypeKind.IntOrString when token == JsonTokenType.Number && reader.TryGetInt32(out var port):
                return port;
            default:
                problem = "";
                return default;
        }
    }

    /// <summary>Checks base64 as Go does (line breaks are skipped, spare bits ignored) and returns the canonical text.</summary>
    private static Value ReadBytes(ref Utf8JsonReader reader, out string? problem)
    {
        problem = null;
        var text = JsonText.Get(ref reader);
        if (Base64.IsValid(text) && text.AsSpan().IndexOfAny(" \t\r\n") < 0)
            return text;
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        if (GoBase64.Decode(text, bytes, out var count) is var illegal and >= 0)
        {
            problem = $"illegal base64 data at input byte {illegal}";
            return default;
        }

        return Convert.ToBase64String(bytes, 0, count);
    }

    private static Value ReadQuantity(string text, out string? problem)
    {
        problem = null;
        var trimmed = text.Trim();
        if (Quantity.TryParse(trimmed, out var quantity, out var error))
            return quantity.ToString();
        problem = error;
        return default;
    }

    private static Value ReadTime(string text, bool micro, out string? problem)
    {
        problem = null;
        if (TryParseTime(text, micro, out var time, out var error))
            return FormatTime(time, micro);
        problem = error;
        return default;
    }

    private static Value ReadDuration(string text, out string? problem)
    {
        problem = null;
        if (GoDuration.TryParse(text, out var duration, out var error))
            return GoDuration.Format(duration);
        problem = error;
        return default;
    }

    internal static bool TryParseTime(string text, bool micro, out DateTimeOffset time, out string error) =>
        micro ? Rfc3339.TryParseMicro(text, out time, out error) : Rfc3339.TryParse(text, out time, out error);

    /// <summary>The text of a time; null (the JSON one) for Go's zero time.</summary>
    internal static Value FormatTime(DateTimeOffset time, bool micro) =>
        (micro ? Rfc3339.FormatMicro(time) : Rfc3339.Format(time)) is { } text ? text : Value.Null;
}
