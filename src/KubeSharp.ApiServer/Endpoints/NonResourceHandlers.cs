using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>The handlers beside discovery and health, in the order in which they are asked.</summary>
internal static class NonResourceHandlers
{
    public static IReadOnlyList<INonResourceHandler> Build(ServedResources resources) =>
    [
        new VersionHandler(),
        new Metrics.MetricsHandler(resources),
        new OpenApi.OpenApiV3Handler(resources),
    ];
}
