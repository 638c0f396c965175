using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeSharp.ApiServer.Registry;

/// <summary>The order of preference of a group's versions: stable before beta before alpha, newer first, all others last
/// (apimachinery/pkg/version/helpers.go CompareKubeAwareVersionStrings).</summary>
internal static partial class KubeVersions
{
    /// <summary>The rank of <c>v1</c>, <c>v2beta1</c>; smaller is preferred.</summary>
    public static (int Stability, int Minus, int Minor) Rank(string version)
    {
        if (Pattern().Match(version) is not { Success: true } match)
            return (3, 0, 0);
        var major = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var minor = match.Groups[3].Length == 0 ? 0 : int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture);
        return (match.Groups[2].Value switch { "" => 0, "beta" => 1, _ => 2 }, -major, -minor);
    }

    [GeneratedRegex("^v([1-9][0-9]{0,8})(?:(alpha|beta)([1-9][0-9]{0,8}))?$")]
    private static partial Regex Pattern();
}
