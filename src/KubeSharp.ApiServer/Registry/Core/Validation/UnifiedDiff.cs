using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>How two values differ, as hunks of indented JSON with three lines around each change
/// (apimachinery/pkg/util/diff/diff.go, v1.36). Only for error messages.</summary>
internal static class UnifiedDiff
{
    private const int Context = 3;

    public static string Of(Value before, Value after)
    {
        var (old, now) = (Lines(before), Lines(after));
        var (head, tail) = (0, 0);
        while (head < old.Count && head < now.Count && old[head] == now[head])
            head++;
        while (tail < old.Count - head && tail < now.Count - head && old[^(tail + 1)] == now[^(tail + 1)])
            tail++;
        if (head == old.Count && head == now.Count)
            return "";

        // One hunk from the first difference to the last; differences far apart would be hunks of their own upstream.
        var start = Math.Max(0, head - Context);
        var (oldEnd, newEnd) = (Math.Min(old.Count, old.Count - tail + Context), Math.Min(now.Count, now.Count - tail + Context));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"@@ -{start + 1},{oldEnd - start} +{start + 1},{newEnd - start} @@\n");
        Append(text, ' ', old, start, head);
        Append(text, '-', old, head, old.Count - tail);
        Append(text, '+', now, head, now.Count - tail);
        Append(text, ' ', old, old.Count - tail, oldEnd);
        return text.ToString();
    }

    private static void Append(StringBuilder text, char sign, List<string> lines, int from, int to)
    {
        for (var i = from; i < to; i++)
            text.Append(sign).Append(lines[i]).Append('\n');
    }

    private static List<string> Lines(Value value)
    {
        var lines = new List<string>();
        Print(lines, value, "", "", "");
        return lines;
    }

    private static void Print(List<string> lines, Value value, string indent, string prefix, string suffix)
    {
        if (value.AsMap is { Count: > 0 } map)
        {
            lines.Add(indent + prefix + "{");
            for (var i = 0; i < map.Count; i++)
                Print(lines, map.ValueAt(i), indent + " ", GoText.Json(map.KeyAt(i)) + ": ", i == map.Count - 1 ? "" : ",");
            lines.Add(indent + "}" + suffix);
        }
        else if (value.AsSequence is { Count: > 0 } items)
        {
            lines.Add(indent + prefix + "[");
            for (var i = 0; i < items.Count; i++)
                Print(lines, items[i], indent + " ", "", i == items.Count - 1 ? "" : ",");
            lines.Add(indent + "]" + suffix);
        }
        else
        {
            lines.Add(indent + prefix + GoText.Json(value) + suffix);
        }
    }
}
