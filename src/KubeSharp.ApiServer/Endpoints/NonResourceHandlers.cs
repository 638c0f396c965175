using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>The handlers beside discovery and health, in the order in which they are asked.</summary>
internal static class NonResourceHandlers
{
    public static IReadOnlyList<INonResourceHandler> Build(ServedResources resources, IReadOnlyList<OpenApi.IOpenApiContributor> contributors, TimeProvider time)
    {
        var documents = new OpenApi.OpenApiDocuments(resources, contributors, OpenApi.OpenApiFeatures.Default);
        return
        [
            new VersionHandler(),
            new Metrics.MetricsHandler(resources),
            new OpenApi.OpenApiV2Handler(documents),
            new OpenApi.OpenApiV3Handler(documents, time),
        ];
    }
}
