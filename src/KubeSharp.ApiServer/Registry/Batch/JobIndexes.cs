using System.Globalization;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>Sets of indexes in a job's text form, as in <c>1,3-5,7</c> (pkg/apis/batch/validation/validation.go, v1.36).</summary>
internal static class JobIndexes
{
    /// <summary>Counts the indexes; null with the reason where the text is no such set.</summary>
    public static long? Count(string text, long completions, out string? problem)
    {
        problem = null;
        if (text.Length == 0)
            return 0;
        long total = 0;
        long? last = null;
        foreach (var interval in text.Split(','))
        {
            if (!TryParse(interval, completions, out var first, out var end, out problem))
                return null;
            if (last >= first)
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"non-increasing order, previous: {last}, current: {first}");
                return null;
            }

            total += end - first + 1;
            last = end;
        }

        return total;
    }

    /// <summary>The first index in both sets, which are ordered; intervals that cannot be read are passed over.</summary>
    public static long? Overlap(string completed, string failed, long completions)
    {
        if (completed.Length == 0 || failed.Length == 0)
            return null;
        var (left, right) = (Readable(completed, completions), Readable(failed, completions));
        var (i, j) = (0, 0);
        while (i < left.Count && j < right.Count)
        {
            var (a, b) = (left[i], right[j]);
            if (a.First <= b.Last && b.First <= a.Last)
                return Math.Max(a.First, b.First);
            if (a.First <= b.First)
                i++;
            else
                j++;
        }

        return null;
    }

    private static List<(long First, long Last)> Readable(string text, long completions)
    {
        var result = new List<(long, long)>();
        foreach (var interval in text.Split(','))
        {
            if (TryParse(interval, completions, out var first, out var last, out _))
                result.Add((first, last));
        }

        return result;
    }

    private static bool TryParse(string interval, long completions, out long first, out long last, out string? problem)
    {
        (first, last, problem) = (0, 0, null);
        var limits = interval.Split('-');
        if (limits.Length > 2)
        {
            problem = $"the fragment {GoText.Quote(interval)} violates the requirement that an index interval can have at most two parts separated by '-'";
            return false;
        }

        if (!TryParseLimit(limits[0], completions, out first, out problem))
            return false;
        last = first;
        if (limits.Length == 1)
            return true;
        if (!TryParseLimit(limits[1], completions, out last, out problem))
            return false;
        if (first >= last)
            problem = string.Create(CultureInfo.InvariantCulture, $"non-increasing order, previous: {first}, current: {last}");
        return problem is null;
    }

    private static bool TryParseLimit(string text, long completions, out long value, out string? problem)
    {
        problem = !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) ? $"cannot convert string to integer for index: {GoText.Quote(text)}"
            : value >= completions ? $"too large index: {GoText.Quote(text)}"
            : null;
        return problem is null;
    }
}
