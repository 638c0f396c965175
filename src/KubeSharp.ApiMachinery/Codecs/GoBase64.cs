namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>Go's standard base64 (encoding/base64 StdEncoding, not strict): line breaks are passed over wherever they stand
/// and the spare bits of a last group need not be zero, which .NET refuses.</summary>
internal static class GoBase64
{
    /// <summary>Decodes a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">Room for three bytes for each four characters, begun groups counted.</param>
    /// <param name="count">How many bytes were decoded.</param>
    /// <returns>-1, or the index that Go names in its CorruptInputError.</returns>
    public static int Decode(ReadOnlySpan<char> text, Span<byte> bytes, out int count)
    {
        count = 0;
        var at = 0;
        while (true)
        {
            var (group, length) = (0, 0);
            while (length < 4)
            {
                if (at == text.Length)
                    return length == 0 ? -1 : at - length;
                var next = text[at++];
                if (next is '\r' or '\n')
                    continue;
                if (next == '=')
                    return End(text, at, group, length, bytes, ref count);
                var digit = Digit(next);
                if (digit < 0)
                    return at - 1;
                group = (group << 6) | digit;
                length++;
            }

            bytes[count++] = (byte)(group >> 16);
            bytes[count++] = (byte)(group >> 8);
            bytes[count++] = (byte)group;
        }
    }

    /// <summary>What follows the first padding character.</summary>
    private static int End(ReadOnlySpan<char> text, int at, int group, int length, Span<byte> bytes, ref int count)
    {
        if (length < 2)
            return at - 1;
        if (length == 2)
        {
            at = PassBreaks(text, at);
            if (at == text.Length)
                return at;
            if (text[at] != '=')
                return at - 1;
            at++;
        }

        at = PassBreaks(text, at);
        group <<= 6 * (4 - length);
        bytes[count++] = (byte)(group >> 16);
        if (length == 3)
            bytes[count++] = (byte)(group >> 8);
        return at < text.Length ? at : -1;
    }

    private static int PassBreaks(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && text[at] is '\r' or '\n')
            at++;
        return at;
    }

    private static int Digit(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a' + 26,
        >= '0' and <= '9' => c - '0' + 52,
        '+' => 62,
        '/' => 63,
        _ => -1,
    };
}
