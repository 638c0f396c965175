using System.Globalization;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiServer.Registry.CustomResources;

/// <summary>
/// The paths that definitions use for columns and selectable fields: fields, subscripts, wildcards, slices and filters with
/// one comparison, <c>.status.conditions[?(@.type=="Ready")].status</c>. Missing keys find nothing.
/// Source: client-go/util/jsonpath, v1.36. Immutable.
/// </summary>
internal sealed class JsonPath
{
    private readonly Step[] _steps;

    private JsonPath(Step[] steps) => _steps = steps;

    private abstract record Step
    {
        public sealed record Field(string Name) : Step;

        public sealed record Wildcard : Step;

        public sealed record Recursive : Step;

        public sealed record Slice(int? From, int? To, int Stride, bool IsIndex) : Step;

        public sealed record Filter(JsonPath Left, string Operator, JsonPath? RightPath, Value Right) : Step;
    }

    /// <summary>Reads a path; null when it cannot be read.</summary>
    public static JsonPath? Parse(string text)
    {
        var steps = new List<Step>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '.')
            {
                at++;
                if (at < text.Length && text[at] == '.')
                {
                    steps.Add(new Step.Recursive());
                    at++;
                }

                if (at < text.Length && text[at] == '[')
                    continue;
                var name = ReadName(text, ref at);
                if (name.Length > 0)
                    steps.Add(name == "*" ? new Step.Wildcard() : new Step.Field(name));
            }
            else if (text[at] == '[')
            {
                var end = EndOfBracket(text, at);
                if (end < 0 || ReadSubscript(text[(at + 1)..end]) is not { } step)
                    return null;
                steps.Add(step);
                at = end + 1;
            }
            else if (at == 0 && (text[at] == '@' || text[at] == '$'))
            {
                at++;
            }
            else
            {
                return null;
            }
        }

        return new JsonPath([.. steps]);
    }

    /// <summary>The first value found; undefined when there is none.</summary>
    public Value First(Value root)
    {
        var found = Find(root);
        return found.Count == 0 ? default : found[0];
    }

    public List<Value> Find(Value root)
    {
        var current = new List<Value> { root };
        foreach (var step in _steps)
        {
            var next = new List<Value>();
            foreach (var value in current)
                Take(step, value, next);
            current = next;
        }

        return current;
    }

    /// <summary>A value as the text of a cell: Go's print of scalars, JSON of everything else.</summary>
    public static string Print(Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.String:
                return value.AsString!;
            case ValueKind.Boolean or ValueKind.Integer:
                return value.ToString();
            case ValueKind.Float:
                return GoText.Float(value.AsDouble!.Value);
            default:
                return GoText.Json(value.WithSortedKeys());
        }
    }

    private static void Take(Step step, Value value, List<Value> next)
    {
        switch (step)
        {
            case Step.Field field:
                if (value.AsMap is { } map && map.TryGetValue(field.Name, out var child))
                    next.Add(child);
                break;
            case Step.Wildcard:
                next.AddRange(Children(value));
                break;
            case Step.Recursive:
                Descend(value, next);
                break;
            case Step.Slice slice when value.AsSequence is { } list:
                TakeSlice(slice, list, next);
                break;
            case Step.Filter filter when value.AsSequence is { } list:
                foreach (var item in list)
                {
                    if (Holds(filter, item))
                        next.Add(item);
                }

                break;
        }
    }

    private static IEnumerable<Value> Children(Value value) =>
        value.AsSequence is { } list ? list
        : value.AsMap is { } map ? map.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => e.Value)
        : [];

    private static void Descend(Value value, List<Value> next)
    {
        next.Add(value);
        foreach (var child in Children(value))
            Descend(child, next);
    }

    private static void TakeSlice(Step.Slice slice, Sequence list, List<Value> next)
    {
        var from = slice.From ?? 0;
        if (from < 0)
            from += list.Count;
        var to = slice.IsIndex ? from + 1 : slice.To ?? list.Count;
        if (to < 0)
            to += list.Count;
        for (var i = from; i >= 0 && i < Math.Min(to, list.Count); i += slice.Stride)
            next.Add(list[i]);
    }

    private static bool Holds(Step.Filter filter, Value item)
    {
        var left = filter.Left.First(item);
        if (filter.Operator.Length == 0)
            return !left.IsUndefined;
        var right = filter.RightPath is { } path ? path.First(item) : filter.Right;
        if (left.IsUndefined || right.IsUndefined)
            return false;
        int? order = left.AsDouble is { } l && right.AsDouble is { } r ? l.CompareTo(r)
            : left.AsString is { } text && right.AsString is { } other ? string.CompareOrdinal(text, other)
            : left == right ? 0 : null;
        return filter.Operator switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            ">" => order > 0,
            "<=" => order <= 0,
            _ => order >= 0,
        };
    }

    private static string ReadName(string text, ref int at)
    {
        var name = new System.Text.StringBuilder();
        while (at < text.Length && text[at] is not ('.' or '[' or ']'))
        {
            // A backslash takes the next character as it is.
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            name.Append(text[at++]);
        }

        return name.ToString();
    }

    private static int EndOfBracket(string text, int at)
    {
        var quote = '\0';
        var depth = 0;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (quote != '\0')
                quote = c == quote ? '\0' : quote;
            else if (c is '\'' or '"')
                quote = c;
            else if (c == '[')
                depth++;
            else if (c == ']' && --depth == 0)
                return at;
        }

        return -1;
    }

    private static Step? ReadSubscript(string text)
    {
        text = text.Trim();
        if (text == "*")
            return new Step.Wildcard();
        if (text.Length >= 2 && text[0] is '\'' or '"' && text[^1] == text[0])
            return new Step.Field(text[1..^1].Replace("\\'", "'", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal));
        if (text.StartsWith("?(", StringComparison.Ordinal) && text.EndsWith(')'))
            return ReadFilter(text[2..^1].Trim());
        var parts = text.Split(':');
        if (parts.Length > 3)
            return null;
        var numbers = new int?[3];
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Trim().Length == 0 && parts.Length > 1)
                continue;
            if (!int.TryParse(parts[i].Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                return null;
            numbers[i] = number;
        }

        var stride = numbers[2] ?? 1;
        return stride <= 0 ? null : new Step.Slice(numbers[0], numbers[1], stride, parts.Length == 1);
    }

    private static Step? ReadFilter(string text)
    {
        foreach (var sign in (ReadOnlySpan<string>)["==", "!=", "<=", ">=", "<", ">"])
        {
            var at = text.IndexOf(sign, StringComparison.Ordinal);
            if (at < 0)
                continue;
            if (Parse(text[..at].Trim()) is not { } left)
                return null;
            var right = text[(at + sign.Length)..].Trim();
            if (right.StartsWith('@') || right.StartsWith('.'))
                return Parse(right) is { } path ? new Step.Filter(left, sign, path, default) : null;
            var value = right.Length >= 2 && right[0] == '\'' && right[^1] == '\'' ? right[1..^1] : JsonDecoder.DecodeValue(System.Text.Encoding.UTF8.GetBytes(right));
            return value.IsUndefined ? null : new Step.Filter(left, sign, null, value);
        }

        return Parse(text) is { } exists ? new Step.Filter(exists, "", null, default) : null;
    }
}
