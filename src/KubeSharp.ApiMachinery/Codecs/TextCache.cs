using System.Text;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// Strings seen lately, by their UTF-8 bytes: label keys, enum values and names come over and over, and one string for
/// all of them spares memory as well as time. A slot is replaced when another text meets it; races lose an entry at most.
/// </summary>
internal static class TextCache
{
    private const int Size = 4096;
    private const int MaxLength = 48;

    private static readonly string?[] Slots = new string?[Size];

    /// <summary>The text of the bytes; what is no UTF-8 becomes U+FFFD.</summary>
    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > MaxLength)
            return utf8.IsEmpty ? "" : Encoding.UTF8.GetString(utf8);
        var hash = (uint)utf8.Length;
        foreach (var b in utf8)
            hash = (hash ^ b) * 16777619;
        ref var slot = ref Slots[(hash ^ (hash >> 15)) & (Size - 1)];
        var known = slot;
        if (known is not null && known.Length == utf8.Length && Ascii.Equals(utf8, known))
            return known;
        var text = Encoding.UTF8.GetString(utf8);
        slot = text;
        return text;
    }
}
