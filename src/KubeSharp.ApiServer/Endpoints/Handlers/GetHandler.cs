using KubeSharp.ApiServer.Endpoints.Negotiation;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>GET of one object (handlers/get.go, v1.36).</summary>
public sealed class GetHandler : IVerbHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: true);
        var store = request.Served.Store;
        var resourceVersion = ResourceVersions.ParseForGet(request.Http.Request.Query["resourceVersion"].FirstOrDefault() ?? "");
        // 0 is content with whatever the cache has; a number waits for that; nothing means the newest.
        if (resourceVersion is null)
            await store.Feed.WaitForCurrentAsync(request.Aborted).ConfigureAwait(false);
        else if (resourceVersion > 0)
            await store.Feed.WaitForAsync(resourceVersion.Value, request.Aborted).ConfigureAwait(false);
        var cached = await store.ReadCachedAsync(request.Info.Namespace, request.Info.Name, request.Aborted).ConfigureAwait(false)
            ?? throw ApiMachinery.Errors.StatusErrors.NotFound(request.Resource.GroupResource, request.Info.Name);
        await ResponseWriter.WriteAsync(request, format, cached, 200).ConfigureAwait(false);
    }
}
