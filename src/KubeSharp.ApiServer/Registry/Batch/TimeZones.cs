namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>Which time zones there are.</summary>
internal static class TimeZones
{
    /// <summary>What is wrong with a zone's name, as Go's time.LoadLocation words it, or null. Names that could lead out of the
    /// zones' folder are not looked for.</summary>
    public static string? Problem(string name)
    {
        if (name.Contains("..", StringComparison.Ordinal) || name.StartsWith('/') || name.StartsWith('\\'))
            return "time: invalid location name";
        return Exists(name) ? null : $"unknown time zone {name}";
    }

    /// <summary>Whether a zone of exactly this name is known, as Go's time.LoadLocation looks for it.</summary>
    public static bool Exists(string name) =>
        name is "" or "UTC" or "Local" || (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.Id == name);
}
