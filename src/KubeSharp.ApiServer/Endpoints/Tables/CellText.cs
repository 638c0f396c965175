using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>How fields become the text of a cell: ages, selectors, shortened lists
/// (pkg/printers/internalversion/printers.go and apimachinery/pkg/util/duration, v1.36).</summary>
internal static class CellText
{
    public const string None = "<none>";

    public const string Unset = "<unset>";

    public const string Unknown = "<unknown>";

    public static Value At(Map? obj, params ReadOnlySpan<string> path)
    {
        Value value = obj;
        foreach (var name in path)
        {
            if (value.AsMap is not { } map)
                return default;
            value = map[name];
        }

        return value;
    }

    /// <summary>The text at a path, "" when it is missing.</summary>
    public static string Text(Map? obj, params ReadOnlySpan<string> path) => At(obj, path).AsString ?? "";

    /// <summary>The text at a path, or <paramref name="otherwise"/> when it is missing or empty.</summary>
    public static string TextOr(string otherwise, Map? obj, params ReadOnlySpan<string> path) =>
        At(obj, path).AsString is { Length: > 0 } text ? text : otherwise;

    public static long Integer(Map? obj, params ReadOnlySpan<string> path) => At(obj, path).AsInteger ?? 0;

    public static bool Flag(Map? obj, params ReadOnlySpan<string> path) => At(obj, path).AsBoolean ?? false;

    /// <summary>The maps of a list; nothing when the list is missing.</summary>
    public static Map[] Items(Map? obj, params ReadOnlySpan<string> path) =>
        At(obj, path).AsSequence is { } items ? [.. items.Select(item => item.AsMap ?? Map.Empty)] : [];

    public static string[] Texts(Map? obj, params ReadOnlySpan<string> path) =>
        At(obj, path).AsSequence is { } items ? [.. items.Select(item => item.AsString ?? "")] : [];

    public static int Count(Map? obj, params ReadOnlySpan<string> path)
    {
        var value = At(obj, path);
        return value.AsSequence?.Count ?? value.AsMap?.Count ?? 0;
    }

    public static string Name(Map obj) => ObjectMetaAccessor.GetName(obj);

    public static string Age(Map obj, DateTimeOffset now) => Since(ObjectMetaAccessor.GetCreationTimestamp(obj), now);

    /// <summary>The time since an RFC 3339 timestamp, with or without fractions of a second.</summary>
    public static string Since(string? timestamp, DateTimeOffset now) =>
        Time(timestamp) is { } time ? HumanDuration(now - time) : Unknown;

    public static DateTimeOffset? Time(string? timestamp) => timestamp is { Length: > 0 }
        && (Rfc3339.TryParse(timestamp, out var time, out _) || Rfc3339.TryParseMicro(timestamp, out time, out _)) ? time : null;

    /// <summary>The status of the first condition of a type, null without one.</summary>
    public static string? ConditionStatus(Map obj, string type)
    {
        foreach (var condition in Items(obj, "status", "conditions"))
        {
            if (condition.GetString("type") == type)
                return condition.GetString("status") ?? "";
        }

        return null;
    }

    /// <summary>Two or three units at most, coarser the longer it is; clocks may differ by a second.</summary>
    public static string HumanDuration(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        if (seconds < -1)
            return "<invalid>";
        if (seconds < 0)
            return "0s";
        if (seconds < 60 * 2)
            return Format($"{seconds}s");
        var minutes = seconds / 60;
        if (minutes < 10)
            return Pair(minutes, "m", seconds % 60, "s");
        if (minutes < 60 * 3)
            return Format($"{minutes}m");
        var hours = minutes / 60;
        if (hours < 8)
            return Pair(hours, "h", minutes % 60, "m");
        if (hours < 48)
            return Format($"{hours}h");
        if (hours < 24 * 8)
            return Pair(hours / 24, "d", hours % 24, "h");
        if (hours < 24 * 365 * 2)
            return Format($"{hours / 24}d");
        return hours < 24 * 365 * 8 ? Pair(hours / 24 / 365, "y", hours / 24 % 365, "d") : Format($"{hours / 24 / 365}y");
    }

    /// <summary>Up to three items, then how many more there are.</summary>
    public static string Shortened(IReadOnlyList<string> items, string whenEmpty) => items.Count > 3
        ? Format($"{string.Join(',', items.Take(3))} + {items.Count - 3} more...")
        : string.Join(',', items) is { Length: > 0 } all ? all : whenEmpty;

    /// <summary>A map of labels as a selector, "&lt;none&gt;" without any.</summary>
    public static string Labels(Map? labels)
    {
        if (labels is null || labels.Count == 0)
            return None;
        return string.Join(',', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value.AsString}"));
    }

    /// <summary>A LabelSelector as text, "&lt;none&gt;" when it is empty or missing.</summary>
    public static string Selector(Map? selector)
    {
        if (selector is null)
            return None;
        if (!LabelSelector.TryFromMeta(selector, out var parsed, out _))
            return "<error>";
        return parsed.ToString() is { Length: > 0 } text ? text : None;
    }

    /// <summary>The comma separated names of a pod template's containers.</summary>
    public static string ContainerNames(Map? podSpec) => string.Join(',', Items(podSpec, "containers").Select(c => Text(c, "name")));

    public static string ContainerImages(Map? podSpec) => string.Join(',', Items(podSpec, "containers").Select(c => Text(c, "image")));

    public static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Pair(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? Format($"{large}{largeUnit}") : Format($"{large}{largeUnit}{small}{smallUnit}");
}
