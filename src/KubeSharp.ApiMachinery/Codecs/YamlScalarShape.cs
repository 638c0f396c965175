namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>In which styles a string can be printed in block context (libyaml's scalar analysis).</summary>
internal readonly record struct YamlScalarShape(bool PlainAllowed, bool SingleQuotedAllowed, bool LiteralAllowed)
{
    public static YamlScalarShape Analyze(string text)
    {
        if (text.Length == 0)
            return new YamlScalarShape(true, true, false);
        var indicators = text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("...", StringComparison.Ordinal);
        bool special = false, breaks = false, breakSpace = false, spaceBreak = false;
        bool afterSpace = false, afterBreak = false, afterBlank = true;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            var blankFollows = i + 1 >= text.Length || text[i + 1] is ' ' or '\t';
            indicators |= i == 0
                ? character is '#' or ',' or '[' or ']' or '{' or '}' or '&' or '*' or '!' or '|' or '>' or '\'' or '"' or '%' or '@' or '`'
                    || (character is '?' or ':' or '-' && blankFollows)
                : (character == ':' && blankFollows) || (character == '#' && afterBlank);
            special |= !IsPrintable(text, i);
            if (char.IsHighSurrogate(character) && i + 1 < text.Length)
                i++;
            var isSpace = character == ' ';
            var isBreak = IsBreak(character);
            breakSpace |= isSpace && afterBreak;
            spaceBreak |= isBreak && afterSpace;
            breaks |= isBreak;
            afterSpace = isSpace;
            afterBreak = isBreak;
            afterBlank = isBreak || character is ' ' or '\t';
        }

        var edge = text[0] == ' ' || IsBreak(text[0]) || text[^1] == ' ' || IsBreak(text[^1]);
        // Differs: go-yaml leaves U+2028 and U+2029 unescaped, which other parsers read as line breaks.
        var unprintable = special || spaceBreak || text.AsSpan().ContainsAny('\u2028', '\u2029');
        return new YamlScalarShape(
            !edge && !breakSpace && !unprintable && !breaks && !indicators,
            !breakSpace && !unprintable,
            text[^1] != ' ' && !unprintable);
    }

    /// <summary>libyaml's is_printable: no tab, no control, nothing beyond the basic plane.</summary>
    public static bool IsPrintable(string text, int at) => text[at] switch
    {
        '\n' => true,
        >= ' ' and <= '~' => true,
        >= '\u00a0' and <= '\ud7ff' => true,
        >= '\ue000' and <= '\ufffd' => text[at] != '\ufeff',
        _ => false,
    };

    private static bool IsBreak(char character) => character is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029';
}
