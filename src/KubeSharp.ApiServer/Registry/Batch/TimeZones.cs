namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>Which time zones there are.</summary>
internal static class TimeZones
{
    /// <summary>Whether a zone of exactly this name is known, as Go's time.LoadLocation looks for it.</summary>
    public static bool Exists(string name) =>
        name is "" or "UTC" or "Local" || (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.Id == name);
}
