using System.Globalization;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>The syntax of cron schedules, with the words of the parser that upstream uses
/// (github.com/robfig/cron/v3 ParseStandard; pkg/util/parsers, v1.36).</summary>
internal static class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static readonly (int Minimum, int Maximum, string[] Names)[] Bounds =
        [(0, 59, []), (0, 23, []), (1, 31, []), (1, 12, Months), (0, 6, Days)];

    /// <summary>Why a schedule cannot be read; null for one that can.</summary>
    public static string? Problem(string schedule)
    {
        if (schedule.StartsWith("TZ=", StringComparison.Ordinal) || schedule.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var (space, equals) = (schedule.IndexOf(' ', StringComparison.Ordinal), schedule.IndexOf('=', StringComparison.Ordinal));
            if (space < 0)
                return "invalid schedule format: runtime error: slice bounds out of range [:-1]";
            var zone = schedule[(equals + 1)..space];
            if (TimeZones.Problem(zone) is { } problem)
                return $"provided bad location {zone}: {problem}";
            schedule = schedule[space..].Trim();
        }

        if (schedule.StartsWith('@'))
            return DescriptorProblem(schedule);
        var fields = schedule.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Bounds.Length)
            return string.Create(CultureInfo.InvariantCulture, $"expected exactly {Bounds.Length} fields, found {fields.Length}: [{string.Join(' ', fields)}]");
        for (var i = 0; i < fields.Length; i++)
        {
            foreach (var range in fields[i].Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                if (RangeProblem(range, Bounds[i]) is { } problem)
                    return problem;
            }
        }

        return null;
    }

    private static string? DescriptorProblem(string descriptor)
    {
        const string Every = "@every ";
        if (descriptor is "@yearly" or "@annually" or "@monthly" or "@weekly" or "@daily" or "@midnight" or "@hourly")
            return null;
        if (!descriptor.StartsWith(Every, StringComparison.Ordinal))
            return $"unrecognized descriptor: {descriptor}";
        return GoDuration.TryParse(descriptor[Every.Length..], out _, out var error) ? null : $"failed to parse duration {descriptor}: {error}";
    }

    private static string? RangeProblem(string text, (int Minimum, int Maximum, string[] Names) bounds)
    {
        var parts = text.Split('/');
        var limits = parts[0].Split('-');
        long start = bounds.Minimum, end = bounds.Maximum, step = 1;
        string? problem;
        if (limits[0] is not ("*" or "?"))
        {
            if ((problem = Read(limits[0], bounds, out start)) is not null)
                return problem;
            end = start;
            if (limits.Length == 2 && (problem = Read(limits[1], bounds, out end)) is not null)
                return problem;
            if (limits.Length > 2)
                return $"too many hyphens: {text}";
        }

        if (parts.Length == 2)
        {
            if ((problem = ReadNumber(parts[1], out step)) is not null)
                return problem;
            if (limits.Length == 1)
                end = bounds.Maximum;
        }
        else if (parts.Length > 2)
        {
            return $"too many slashes: {text}";
        }

        if (start < bounds.Minimum)
            return string.Create(CultureInfo.InvariantCulture, $"beginning of range ({start}) below minimum ({bounds.Minimum}): {text}");
        if (end > bounds.Maximum)
            return string.Create(CultureInfo.InvariantCulture, $"end of range ({end}) above maximum ({bounds.Maximum}): {text}");
        if (start > end)
            return string.Create(CultureInfo.InvariantCulture, $"beginning of range ({start}) beyond end of range ({end}): {text}");
        return step == 0 ? $"step of range should be a positive number: {text}" : null;
    }

    private static string? Read(string text, (int Minimum, int Maximum, string[] Names) bounds, out long value)
    {
        var named = Array.IndexOf(bounds.Names, text.ToLowerInvariant());
        if (named < 0)
            return ReadNumber(text, out value);
        value = named + bounds.Minimum;
        return null;
    }

    private static string? ReadNumber(string text, out long value)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
        {
            var digits = text.AsSpan().TrimStart("+-");
            var reason = digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9') && text.Length - digits.Length <= 1 ? "value out of range" : "invalid syntax";
            return $"failed to parse int from {text}: strconv.Atoi: parsing {GoText.Quote(text)}: {reason}";
        }

        return value < 0 ? string.Create(CultureInfo.InvariantCulture, $"negative number ({value}) not allowed: {text}") : null;
    }
}
