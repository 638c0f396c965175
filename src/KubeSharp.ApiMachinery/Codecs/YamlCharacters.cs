using System.Buffers;
using System.Text;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>The bytes that YAML may be made of (go-yaml v2 readerc.go). Differs: upstream also reads UTF-16 that begins with its mark.</summary>
internal static class YamlCharacters
{
    private static readonly SearchValues<byte> Plain = SearchValues.Create([(byte)'\t', (byte)'\n', (byte)'\r', .. Enumerable.Range(0x20, 0x5f).Select(b => (byte)b)]);

    /// <summary>What is wrong with the first bytes that may not be there, in go-yaml's words; null when all may.</summary>
    public static string? Problem(ReadOnlySpan<byte> yaml)
    {
        while (true)
        {
            var special = yaml.IndexOfAnyExcept(Plain);
            if (special < 0)
                return null;
            yaml = yaml[special..];
            if (Rune.DecodeFromUtf8(yaml, out var rune, out var length) != OperationStatus.Done)
                return DescribeSequence(yaml);
            if (rune.Value is < 0x85 or (> 0x85 and < 0xa0) or 0xfffe or 0xffff)
                return "control characters are not allowed";
            yaml = yaml[length..];
        }
    }

    private static string DescribeSequence(ReadOnlySpan<byte> bytes)
    {
        var width = bytes[0] switch { < 0x80 => 1, >= 0xc0 and < 0xe0 => 2, >= 0xe0 and < 0xf0 => 3, >= 0xf0 and < 0xf8 => 4, _ => 0 };
        if (width == 0)
            return "invalid leading UTF-8 octet";
        if (width > bytes.Length)
            return "incomplete UTF-8 octet sequence";
        var value = bytes[0] & (0x7f >> width);
        foreach (var octet in bytes[1..width])
        {
            if ((octet & 0xc0) != 0x80)
                return "invalid trailing UTF-8 octet";
            value = (value << 6) | (octet & 0x3f);
        }

        return value < (width == 2 ? 0x80 : width == 3 ? 0x800 : 0x10000) ? "invalid length of a UTF-8 sequence" : "invalid Unicode character";
    }
}
