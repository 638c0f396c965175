using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.ApiExtensions;

/// <summary>A path like <c>.spec.a['b']</c> followed into a schema (ValidFieldPath in apiextensions-apiserver's
/// pkg/apiserver/schema/cel/validation.go, v1.36).</summary>
internal readonly record struct SchemaFieldPath(string Path, string Root, Map Schema)
{
    public static bool TryFind(string text, Map? schema, bool allowArrays, out SchemaFieldPath found, out string problem)
    {
        found = default;
        problem = "";
        var current = schema ?? Map.Empty;
        var (root, at, printed) = ("", 0, new StringBuilder());
        while (at < text.Length)
        {
            var quoted = text[at] == '[';
            if (!quoted && text[at] != '.')
                return Fail(out problem, $"expected [ or . but got: {Token(text, at)}");
            if (quoted && !allowArrays)
                return Fail(out problem, "array notation is not allowed");
            at++;
            if (at >= text.Length)
                return Fail(out problem, "unexpected end of JSON path");
            var token = Token(text, at);
            at += token.Length;
            if (quoted)
            {
                if (token.Length < 2 || token[0] != '\'' || token[^1] != '\'')
                    return Fail(out problem, $"expected single quoted string but got {token}");
                token = token[1..^1].Replace("\\'", "'", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
            }

            var isNamed = current.Sub("properties").Count > 0;
            var next = isNamed ? current.Sub("properties").GetMap(token) : current.GetMap("additionalProperties");
            if (next is null)
                return Fail(out problem, "does not refer to a valid field");
            current = next;
            root = root.Length == 0 ? token : root;
            printed.Append(isNamed ? "." : "[").Append(token).Append(isNamed ? "" : "]");
            if (!quoted)
                continue;
            if (at >= text.Length)
                return Fail(out problem, "unexpected end of JSON path");
            if (text[at] != ']')
                return Fail(out problem, $"expected ] but got {Token(text, at)}");
            at++;
        }

        found = new SchemaFieldPath(printed.ToString(), root, current);
        return true;
    }

    private static bool Fail(out string problem, string text)
    {
        problem = text;
        return false;
    }

    /// <summary>Up to the next delimiter, or a whole quoted string.</summary>
    private static string Token(string text, int at)
    {
        if (text[at] is '.' or '[' or ']')
            return text.Substring(at, 1);
        var end = at + 1;
        if (text[at] == '\'')
        {
            while (end < text.Length && (text[end] != '\'' || text[end - 1] == '\\'))
                end++;
            return text[at..Math.Min(end + 1, text.Length)];
        }

        while (end < text.Length && text[end] is not ('.' or '[' or ']'))
            end++;
        return text[at..end];
    }
}
