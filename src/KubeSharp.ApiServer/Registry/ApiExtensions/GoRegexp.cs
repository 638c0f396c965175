using System.Text.RegularExpressions;

namespace KubeSharp.ApiServer.Registry.ApiExtensions;

/// <summary>Whether Go's regexp accepts an expression, judged by .NET's linear-time engine, which is close to RE2, with
/// Go's words for the common mistakes (regexp/syntax/parse.go).</summary>
internal static class GoRegexp
{
    public static string? Problem(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return null;
        }
        catch (NotSupportedException)
        {
            return $"error parsing regexp: invalid or unsupported Perl syntax: `{LookAround(pattern)}`";
        }
        catch (RegexParseException exception)
        {
            return "error parsing regexp: " + exception.Error switch
            {
                RegexParseError.UnterminatedBracket => $"missing closing ]: `{pattern[pattern.LastIndexOf('[')..]}`",
                RegexParseError.InsufficientClosingParentheses => $"missing closing ): `{pattern}`",
                RegexParseError.InsufficientOpeningParentheses => $"unexpected ): `{pattern}`",
                RegexParseError.QuantifierAfterNothing => $"missing argument to repetition operator: `{pattern[Math.Max(0, exception.Offset - 1)]}`",
                RegexParseError.UnescapedEndingBackslash => "trailing backslash at end of expression: ``",
                RegexParseError.NestedQuantifiersNotParenthesized => $"invalid nested repetition operator: `{pattern.Substring(Math.Max(0, exception.Offset - 2), 2)}`",
                _ => $"invalid escape sequence: `{pattern}`",
            };
        }
    }

    private static string LookAround(string pattern)
    {
        var at = pattern.IndexOf("(?", StringComparison.Ordinal);
        return at < 0 ? pattern : pattern.Substring(at, Math.Min(pattern.Length - at, 3));
    }
}
