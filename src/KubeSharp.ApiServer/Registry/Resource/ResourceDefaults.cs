using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>pkg/apis/resource/v1/defaults.go.</summary>
internal static class ResourceDefaults
{
    public static void ApplyToClaim(Map obj) => Sub(obj, "spec", ApplyToClaimSpec);

    public static void ApplyToTemplate(Map obj) => Sub(obj, "spec", template => Sub(template, "spec", ApplyToClaimSpec));

    /// <summary>Taints without a time are of now.</summary>
    public static void ApplyToSlice(Map obj, TimeProvider time) => Sub(obj, "spec", spec => Each(spec, "devices", device =>
    {
        Each(device, "taints", taint => Default(taint, "timeAdded", time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));
        foreach (var (name, _) in device.Sub("nodeAllocatableResourceMappings"))
            Default(device.EditMap("nodeAllocatableResourceMappings").EditMap(name), "allocationMultiplier", "1");
    }));

    private static void ApplyToClaimSpec(Map spec) => Sub(spec, "devices", devices => Each(devices, "requests", request =>
    {
        Sub(request, "exactly", ApplyToRequest);
        Each(request, "firstAvailable", ApplyToRequest);
    }));

    private static void ApplyToRequest(Map request)
    {
        Default(request, "allocationMode", "ExactCount");
        if (request.Text("allocationMode") == "ExactCount" && request.Number("count") == 0)
            request.Set("count", 1);
        Each(request, "tolerations", toleration => Default(toleration, "operator", "Equal"));
    }
}
