using System.Text;
using System.Text.RegularExpressions;

namespace KubeSharp.Hack.Schema;

/// <summary>What the comments of Go sources become in API descriptions.</summary>
internal static partial class GoComment
{
    public const string EnumHeader = "Possible enum values:";

    /// <summary>The lines of a comment without its marks, directives, and blank lines at the ends (go/ast CommentGroup.Text).</summary>
    /// <param name="raw">The lines behind their slashes.</param>
    public static IReadOnlyList<string> Text(IReadOnlyList<string> raw)
    {
        var lines = new List<string>(raw.Count);
        foreach (var line in raw)
        {
            if (line.Length > 0 && line[0] != ' ' && Directive().IsMatch(line))
                continue;
            var text = (line.StartsWith(' ') ? line[1..] : line).TrimEnd();
            if (text.Length > 0 || (lines.Count > 0 && lines[^1].Length > 0))
                lines.Add(text);
        }

        while (lines.Count > 0 && lines[^1].Length == 0)
            lines.RemoveAt(lines.Count - 1);
        return lines;
    }

    /// <summary>The description that the OpenAPI generator makes of a comment (kube-openapi/pkg/generators/openapi.go,
    /// generateDescription): lines are joined, paragraphs and indented lines kept, markers left out.</summary>
    public static string Describe(IEnumerable<string> lines)
    {
        var result = new StringBuilder();
        foreach (var raw in lines)
        {
            if (raw == "---")
                break;
            var line = raw.TrimEnd(' ');
            var leading = line.TrimStart(' ');
            if (line.Length == 0)
            {
                DropLast();
                result.Append("\n\n");
            }
            else if (leading.StartsWith("TODO", StringComparison.Ordinal) || leading.StartsWith('+'))
            {
                continue;
            }
            else if (line[0] is ' ' or '\t')
            {
                DropLast();
                result.Append('\n').Append(line).Append('\n');
            }
            else
            {
                result.Append(line).Append(' ');
            }
        }

        return result.ToString().Trim();

        void DropLast()
        {
            if (result.Length > 0)
                result.Length--;
        }
    }

    /// <summary>One value of an enum in a description (generators/enum.go).</summary>
    public static string DescribeValue(string value, string name, string comment)
    {
        comment = comment.Trim();
        if (comment.StartsWith(name, StringComparison.Ordinal))
            comment = comment[name.Length..].Trim();
        return $" - `\"{value}\"` {Blanks().Replace(comment, " ")}";
    }

    [GeneratedRegex("^(line |extern |export |[a-z0-9]+:[a-z0-9])")]
    private static partial Regex Directive();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
