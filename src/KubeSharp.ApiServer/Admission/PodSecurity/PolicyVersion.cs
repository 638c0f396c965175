using System.Globalization;

namespace KubeSharp.ApiServer.Admission.PodSecurity;

/// <summary>The minor version 1.x whose rules a policy follows (pod-security-admission/api/helpers.go Version, v1.36).</summary>
internal readonly record struct PolicyVersion(int Minor) : IComparable<PolicyVersion>
{
    public const string Problem = "must be \"latest\" or \"v1.x\"";

    public static PolicyVersion Latest { get; } = new(int.MaxValue);

    /// <summary>False for what is neither "latest" nor "v1.x", with the latest one.</summary>
    public static bool TryParse(string text, out PolicyVersion version)
    {
        version = Latest;
        if (text == "latest")
            return true;
        if (!text.StartsWith("v1.", StringComparison.Ordinal) || text.Length == 3 || (text[3] == '0' && text.Length > 4))
            return false;
        if (!int.TryParse(text.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var minor) || minor == int.MaxValue)
            return false;
        version = new PolicyVersion(minor);
        return true;
    }

    public int CompareTo(PolicyVersion other) => Minor.CompareTo(other.Minor);

    public static bool operator <(PolicyVersion left, PolicyVersion right) => left.Minor < right.Minor;

    public static bool operator >(PolicyVersion left, PolicyVersion right) => left.Minor > right.Minor;

    public static bool operator <=(PolicyVersion left, PolicyVersion right) => left.Minor <= right.Minor;

    public static bool operator >=(PolicyVersion left, PolicyVersion right) => left.Minor >= right.Minor;

    public override string ToString() => this == Latest ? "latest" : string.Create(CultureInfo.InvariantCulture, $"v1.{Minor}");
}

/// <summary>A level by the rules of a version: <c>baseline:v1.30</c>.</summary>
internal readonly record struct LevelVersion(PolicyLevel Level, PolicyVersion Version)
{
    /// <summary>Whether both ask the same of pods.</summary>
    public bool IsEquivalent(LevelVersion other) =>
        Level == other.Level && (Level == PolicyLevel.Privileged || Version == other.Version);

    public override string ToString() => $"{Level.Name()}:{Version}";
}
