using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.OlderVersions;

/// <summary>Priority levels whose shares had another name, and could not be zero without an annotation
/// (pkg/apis/flowcontrol/{v1beta1,v1beta2,v1beta3}/conversion.go and defaults.go, v1.36).</summary>
internal static class PriorityLevelConfigurationBeta
{
    private const string PreserveZero = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";
    private const long DefaultShares = 30;

    public static Map FromShares(Map level)
    {
        if (level.Sub("spec").GetMap("limited") is null)
            return level;
        var limited = level.EditMap("spec").EditMap("limited");
        var shares = limited.Number("assuredConcurrencyShares");
        limited.Remove("assuredConcurrencyShares");
        limited.Set("nominalConcurrencyShares", shares == 0 ? DefaultShares : shares);
        return level;
    }

    public static Map FromV1Beta3(Map level)
    {
        var preserved = level.Sub("metadata").Sub("annotations").Has(PreserveZero);
        if (preserved)
        {
            var annotations = level.EditMap("metadata").EditMap("annotations");
            annotations.Remove(PreserveZero);
            if (annotations.Count == 0)
                level.EditMap("metadata").Remove("annotations");
        }

        if (level.Sub("spec").GetMap("limited") is { } limited && limited.Number("nominalConcurrencyShares") == 0)
            level.EditMap("spec").EditMap("limited").Set("nominalConcurrencyShares", preserved ? 0 : DefaultShares);
        return level;
    }
}
