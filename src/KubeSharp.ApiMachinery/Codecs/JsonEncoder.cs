using System.Buffers;
using System.Buffers.Text;
using System.Text;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// Prints documents as UTF-8 JSON the way Go's encoding/json does: no blanks, HTML-escaped strings, numbers in their
/// shortest form. Keys come in the map's order, which decoding made the schema's.
/// </summary>
public static class JsonEncoder
{
    /// <summary>Bytes that stand for themselves inside a string.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !#$%'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    public static void Encode(Value value, IBufferWriter<byte> output)
    {
        switch (value.Kind)
        {
            case ValueKind.Map:
                EncodeMap(value.AsMap!, output, skipTypeMeta: false);
                break;
            case ValueKind.Sequence:
                EncodeSequence(value.AsSequence!, output);
                break;
            case ValueKind.String:
                EncodeString(value.AsString!, output);
                break;
            case ValueKind.Integer:
                var span = output.GetSpan(20);
                Utf8Formatter.TryFormat(value.AsInteger!.Value, span, out var written);
                output.Advance(written);
                break;
            case ValueKind.Float:
                EncodeFloat(value.AsDouble!.Value, output);
                break;
            case ValueKind.Boolean:
                output.Write(value.AsBoolean!.Value ? "true"u8 : "false"u8);
                break;
            default:
                output.Write("null"u8);
                break;
        }
    }

    /// <summary>Prints an object without its kind and apiVersion, as items of typed lists are.</summary>
    public static void EncodeWithoutTypeMeta(Map map, IBufferWriter<byte> output) => EncodeMap(map, output, skipTypeMeta: true);

    private static void EncodeMap(Map map, IBufferWriter<byte> output, bool skipTypeMeta)
    {
        WriteByte(output, (byte)'{');
        var first = true;
        foreach (var (key, value) in map)
        {
            if (skipTypeMeta && key is "kind" or "apiVersion" && skipTypeMeta)
                continue;
            if (!first)
                WriteByte(output, (byte)',');
            first = false;
            EncodeString(key, output);
            WriteByte(output, (byte)':');
            Encode(value, output);
        }

        WriteByte(output, (byte)'}');
    }

    private static void EncodeSequence(Sequence sequence, IBufferWriter<byte> output)
    {
        WriteByte(output, (byte)'[');
        var first = true;
        foreach (var item in sequence.AsSpan())
        {
            if (!first)
                WriteByte(output, (byte)',');
            first = false;
            Encode(item, output);
        }

        WriteByte(output, (byte)']');
    }

    /// <summary>Prints a quoted string. Lone surrogates become U+FFFD, as Go prints invalid UTF-8.</summary>
    public static void EncodeString(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        WriteByte(output, (byte)'"');
        while (text.Length > 0)
        {
            var run = text.IndexOfAnyExcept(Plain);
            if (run < 0)
                run = text.Length;
            if (run > 0)
            {
                var span = output.GetSpan(run);
                Encoding.ASCII.GetBytes(text[..run], span);
                output.Advance(run);
                text = text[run..];
                if (text.Length == 0)
                    break;
            }

            text = text[EscapeOne(text, output)..];
        }

        WriteByte(output, (byte)'"');
    }

    /// <summary>Writes the first character, escaped where needed; returns how many chars it took.</summary>
    private static int EscapeOne(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        switch (text[0])
        {
            case '"':
                output.Write("\\\""u8);
                return 1;
            case '\\':
                output.Write("\\\\"u8);
                return 1;
            case '\n':
                output.Write("\\n"u8);
                return 1;
            case '\r':
                output.Write("\\r"u8);
                return 1;
            case '\t':
                output.Write("\\t"u8);
                return 1;
            case '\b':
                output.Write("\\b"u8);
                return 1;
            case '\f':
                output.Write("\\f"u8);
                return 1;
            case < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029':
                var escape = output.GetSpan(6);
                "\\u"u8.CopyTo(escape);
                for (var i = 0; i < 4; i++)
                    escape[2 + i] = "0123456789abcdef"u8[(text[0] >> (12 - 4 * i)) & 0xf];
                output.Advance(6);
                return 1;
        }

        if (Rune.DecodeFromUtf16(text, out var rune, out var consumed) != OperationStatus.Done)
        {
            output.Write("\\ufffd"u8);
            return 1;
        }

        var span = output.GetSpan(4);
        output.Advance(rune.EncodeToUtf8(span));
        return consumed;
    }

    /// <summary>Go's float format: shortest digits, exponent form outside 1e-6 to 1e21, two-digit exponents trimmed.</summary>
    private static void EncodeFloat(double value, IBufferWriter<byte> output)
    {
        if (double.IsNaN(value) || double.IsInfinity(value))
        {
            output.Write("null"u8);
            return;
        }

        output.Write(Encoding.ASCII.GetBytes(GoFloat.FormatJson(value)));
    }

    private static void WriteByte(IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }
}
