using System.Globalization;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.CustomResources;

/// <summary>The JSON paths that definitions of custom resources may use for columns, replicas and selectable fields:
/// fields, indexes, wildcards and equality filters (client-go/util/jsonpath, as far as definitions allow it).</summary>
internal sealed class SimpleJsonPath
{
    private readonly List<Step> _steps;

    private SimpleJsonPath(List<Step> steps) => _steps = steps;

    private readonly record struct Step(string? Field, int? Index, bool IsWildcard, string? FilterField, string? FilterValue);

    /// <summary>Reads <c>.spec.list[0].name</c>; null when it cannot be read.</summary>
    public static SimpleJsonPath? Parse(string text)
    {
        var steps = new List<Step>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '.')
            {
                at++;
                var start = at;
                while (at < text.Length && text[at] is not ('.' or '['))
                    at += text[at] == '\\' && at + 1 < text.Length ? 2 : 1;
                if (at > start)
                    steps.Add(new Step(text[start..at].Replace("\\", "", StringComparison.Ordinal), null, false, null, null));
                continue;
            }

            if (text[at] != '[' || text.IndexOf(']', at) is not (> 0 and var end) || ParseBracket(text[(at + 1)..end]) is not { } step)
                return null;
            steps.Add(step);
            at = end + 1;
        }

        return new SimpleJsonPath(steps);
    }

    /// <summary>The first value at the path; undefined when there is none.</summary>
    public Value Find(Value root) => Find(root, 0);

    /// <summary>Sets a value where the path is fields alone.</summary>
    public void Set(Map root, Value value)
    {
        var map = root;
        for (var i = 0; i < _steps.Count - 1; i++)
            map = map.EditMap(_steps[i].Field ?? "");
        map.Set(_steps[^1].Field ?? "", value);
    }

    /// <summary>The field names of a path that is fields alone.</summary>
    public string[] Fields => [.. _steps.Select(step => step.Field ?? "")];

    private Value Find(Value value, int at)
    {
        if (at == _steps.Count)
            return value;
        var step = _steps[at];
        if (step.Field is { } field)
            return value.AsMap is { } map && map.TryGetValue(field, out var child) ? Find(child, at + 1) : default;
        if (value.AsSequence is not { } list)
            return default;
        if (step.Index is { } index)
        {
            var position = index < 0 ? list.Count + index : index;
            return position >= 0 && position < list.Count ? Find(list[position], at + 1) : default;
        }

        foreach (var item in list)
        {
            if (!step.IsWildcard && item.AsMap?[step.FilterField!].ToString() != step.FilterValue)
                continue;
            var found = Find(item, at + 1);
            if (!found.IsUndefined)
                return found;
        }

        return default;
    }

    private static Step? ParseBracket(string text)
    {
        if (text == "*")
            return new Step(null, null, true, null, null);
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
            return new Step(null, index, false, null, null);
        if (text is ['\'' or '"', .., '\'' or '"'])
            return new Step(text[1..^1], null, false, null, null);
        // ?(@.type=="Ready")
        if (!text.StartsWith("?(@.", StringComparison.Ordinal) || !text.EndsWith(')') || text.IndexOf("==", StringComparison.Ordinal) is not (> 0 and var equals))
            return null;
        return new Step(null, null, false, text[4..equals].Trim(), text[(equals + 2)..^1].Trim().Trim('\'', '"'));
    }
}
