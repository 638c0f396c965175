namespace KubeSharp.ApiServer.Admission.PodSecurity;

/// <summary>How strict a policy is, from lax to strict (pod-security-admission/api/constants.go, v1.36).</summary>
internal enum PolicyLevel
{
    Privileged,
    Baseline,
    Restricted,
}

/// <summary>Levels as they stand in labels and configuration.</summary>
internal static class PolicyLevels
{
    public const string Problem = "must be one of privileged, baseline, restricted";

    /// <summary>False for a word that is no level, with the strictest one.</summary>
    public static bool TryParse(string text, out PolicyLevel level)
    {
        level = text switch { "privileged" => PolicyLevel.Privileged, "baseline" => PolicyLevel.Baseline, _ => PolicyLevel.Restricted };
        return level != PolicyLevel.Restricted || text == "restricted";
    }

    public static string Name(this PolicyLevel level) => level switch
    {
        PolicyLevel.Privileged => "privileged",
        PolicyLevel.Baseline => "baseline",
        _ => "restricted",
    };
}
