using System.Globalization;
using System.Text;

namespace KubeSharp.ApiMachinery.Text;

/// <summary>
/// The difference of two texts in hunks with three lines around them, as upstream's error messages show it
/// (apimachinery/pkg/util/diff over go-difflib, which follows Python's difflib). Matching finds the longest common run of
/// lines, then goes on to both sides of it.
/// </summary>
public static class UnifiedDiff
{
    private const int Context = 3;

    /// <summary>From so many lines on, lines that occur in more than a hundredth of all count as noise.</summary>
    private const int PopularFrom = 200;

    /// <returns>Hunks with their heads, empty when the texts are equal.</returns>
    public static string Of(string from, string to)
    {
        var (a, b) = (Lines(from), Lines(to));
        var output = new StringBuilder();
        foreach (var group in Groups(Operations(a, b)))
        {
            var (first, last) = (group[0], group[^1]);
            output.Append("@@ -").Append(Range(first.A, last.AEnd)).Append(" +").Append(Range(first.B, last.BEnd)).Append(" @@\n");
            foreach (var operation in group)
            {
                if (operation.IsEqual)
                {
                    Append(output, ' ', a, operation.A, operation.AEnd);
                    continue;
                }

                Append(output, '-', a, operation.A, operation.AEnd);
                Append(output, '+', b, operation.B, operation.BEnd);
            }
        }

        return output.ToString();
    }

    private readonly record struct Operation(bool IsEqual, int A, int AEnd, int B, int BEnd);

    private static string[] Lines(string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
            lines[i] += "\n";
        return lines;
    }

    private static void Append(StringBuilder output, char mark, string[] lines, int from, int to)
    {
        for (var i = from; i < to; i++)
            output.Append(mark).Append(lines[i]);
    }

    private static string Range(int start, int end)
    {
        var length = end - start;
        var beginning = length == 0 ? start : start + 1;
        return length == 1
            ? beginning.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{beginning},{length}");
    }

    /// <summary>Changes with the context around them; equal runs longer than two contexts part the groups.</summary>
    private static List<List<Operation>> Groups(List<Operation> operations)
    {
        var groups = new List<List<Operation>>();
        if (operations.All(o => o.IsEqual))
            return groups;
        if (operations[0].IsEqual)
            operations[0] = operations[0] with { A = Math.Max(operations[0].A, operations[0].AEnd - Context), B = Math.Max(operations[0].B, operations[0].BEnd - Context) };
        if (operations[^1].IsEqual)
            operations[^1] = operations[^1] with { AEnd = Math.Min(operations[^1].AEnd, operations[^1].A + Context), BEnd = Math.Min(operations[^1].BEnd, operations[^1].B + Context) };
        var group = new List<Operation>();
        foreach (var operation in operations)
        {
            var rest = operation;
            if (operation.IsEqual && operation.AEnd - operation.A > 2 * Context)
            {
                group.Add(operation with { AEnd = Math.Min(operation.AEnd, operation.A + Context), BEnd = Math.Min(operation.BEnd, operation.B + Context) });
                groups.Add(group);
                group = [];
                rest = operation with { A = Math.Max(operation.A, operation.AEnd - Context), B = Math.Max(operation.B, operation.BEnd - Context) };
            }

            group.Add(rest);
        }

        if (group.Count > 0 && !(group.Count == 1 && group[0].IsEqual))
            groups.Add(group);
        return groups;
    }

    private static List<Operation> Operations(string[] a, string[] b)
    {
        var operations = new List<Operation>();
        var (i, j) = (0, 0);
        foreach (var (x, y, size) in Blocks(a, b))
        {
            if (i < x || j < y)
                operations.Add(new Operation(false, i, x, j, y));
            (i, j) = (x + size, y + size);
            if (size > 0)
                operations.Add(new Operation(true, x, i, y, j));
        }

        return operations;
    }

    /// <summary>The runs that both have, in order, neighbours joined, with an empty one at the end.</summary>
    private static List<(int A, int B, int Size)> Blocks(string[] a, string[] b)
    {
        var places = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var j = 0; j < b.Length; j++)
            (places.TryGetValue(b[j], out var known) ? known : places[b[j]] = []).Add(j);
        if (b.Length >= PopularFrom)
        {
            foreach (var (line, known) in places.ToList())
            {
                if (known.Count > (b.Length / 100) + 1)
                    places.Remove(line);
            }
        }

        var matched = new List<(int A, int B, int Size)>();
        var pending = new Stack<(int ALow, int AHigh, int BLow, int BHigh)>();
        pending.Push((0, a.Length, 0, b.Length));
        while (pending.TryPop(out var part))
        {
            var (x, y, size) = Longest(a, b, places, part.ALow, part.AHigh, part.BLow, part.BHigh);
            if (size == 0)
                continue;
            matched.Add((x, y, size));
            if (part.ALow < x && part.BLow < y)
                pending.Push((part.ALow, x, part.BLow, y));
            if (x + size < part.AHigh && y + size < part.BHigh)
                pending.Push((x + size, part.AHigh, y + size, part.BHigh));
        }

        matched.Sort();
        var joined = new List<(int A, int B, int Size)>();
        foreach (var block in matched)
        {
            if (joined.Count > 0 && joined[^1].A + joined[^1].Size == block.A && joined[^1].B + joined[^1].Size == block.B)
                joined[^1] = joined[^1] with { Size = joined[^1].Size + block.Size };
            else
                joined.Add(block);
        }

        joined.Add((a.Length, b.Length, 0));
        return joined;
    }

    private static (int A, int B, int Size) Longest(string[] a, string[] b, Dictionary<string, List<int>> places, int aLow, int aHigh, int bLow, int bHigh)
    {
        var (bestA, bestB, best) = (aLow, bLow, 0);
        var lengths = new Dictionary<int, int>();
        for (var i = aLow; i < aHigh; i++)
        {
            var next = new Dictionary<int, int>();
            foreach (var j in places.GetValueOrDefault(a[i]) ?? [])
            {
                if (j < bLow)
                    continue;
                if (j >= bHigh)
                    break;
                var length = next[j] = lengths.GetValueOrDefault(j - 1) + 1;
                if (length > best)
                    (bestA, bestB, best) = (i - length + 1, j - length + 1, length);
            }

            lengths = next;
        }

        // Noise may still extend a match.
        while (bestA > aLow && bestB > bLow && a[bestA - 1] == b[bestB - 1])
            (bestA, bestB, best) = (bestA - 1, bestB - 1, best + 1);
        while (bestA + best < aHigh && bestB + best < bHigh && a[bestA + best] == b[bestB + best])
            best++;
        return (bestA, bestB, best);
    }
}
