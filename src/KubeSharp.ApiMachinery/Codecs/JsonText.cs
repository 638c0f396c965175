using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>Strings of a reader as Go takes them: bytes that are no UTF-8 and lone surrogates become U+FFFD.</summary>
internal static class JsonText
{
    public static string Get(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return TextCache.Get(reader.ValueSpan);
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Unescape(reader.ValueSpan);
        }
    }

    /// <summary>Takes the escapes of a string apart whose syntax has been checked.</summary>
    private static string Unescape(ReadOnlySpan<byte> utf8)
    {
        var text = new StringBuilder(utf8.Length);
        while (!utf8.IsEmpty)
        {
            if (utf8[0] != '\\')
            {
                var run = utf8.IndexOf((byte)'\\');
                run = run < 0 ? utf8.Length : run;
                text.Append(Encoding.UTF8.GetString(utf8[..run]));
                utf8 = utf8[run..];
                continue;
            }

            if (utf8[1] != 'u')
            {
                text.Append(utf8[1] switch { (byte)'n' => '\n', (byte)'r' => '\r', (byte)'t' => '\t', (byte)'b' => '\b', (byte)'f' => '\f', var other => (char)other });
                utf8 = utf8[2..];
                continue;
            }

            var unit = Unit(utf8);
            utf8 = utf8[6..];
            if (char.IsHighSurrogate(unit) && utf8.StartsWith("\\u"u8) && char.IsLowSurrogate(Unit(utf8)))
            {
                text.Append(unit).Append(Unit(utf8));
                utf8 = utf8[6..];
            }
            else
            {
                text.Append(char.IsSurrogate(unit) ? '\ufffd' : unit);
            }
        }

        return text.ToString();
    }

    private static char Unit(ReadOnlySpan<byte> escape) => (char)ushort.Parse(escape[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
