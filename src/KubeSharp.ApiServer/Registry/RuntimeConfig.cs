using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Registry;

/// <summary>Which versions <c>--runtime-config</c> turns on and off (apiserver/pkg/server/resourceconfig/helpers.go, v1.36).</summary>
internal static class RuntimeConfig
{
    public static bool IsServed(IReadOnlyDictionary<string, bool> config, GroupVersion groupVersion)
    {
        // The most specific entry decides.
        var name = groupVersion.Group.Length == 0 ? $"api/{groupVersion.Version}" : groupVersion.ToString();
        if (config.TryGetValue(name, out var served))
            return served;
        var stability = groupVersion.Version.Contains("alpha", StringComparison.Ordinal) ? "api/alpha"
            : groupVersion.Version.Contains("beta", StringComparison.Ordinal) ? "api/beta"
            : "api/ga";
        if (config.TryGetValue(stability, out served) || config.TryGetValue("api/all", out served))
            return served;
        return BuiltInResources.IsOnByDefault(groupVersion.Version);
    }
}
