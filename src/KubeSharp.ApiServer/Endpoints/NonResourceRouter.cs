using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Endpoints.Discovery;
using KubeSharp.ApiServer.Endpoints.Health;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>One path, or a tree of paths, outside resources: OpenAPI, metrics, version.</summary>
public interface INonResourceHandler
{
    /// <summary>The paths that <c>/</c> lists for this handler.</summary>
    IEnumerable<string> Paths { get; }

    /// <summary>True when the request was this handler's and has been answered.</summary>
    Task<bool> TryHandleAsync(HttpContext http, string path);
}

/// <summary>Answers everything that is not a resource (apiserver/pkg/server/mux/pathrecorder.go, routes/).</summary>
public sealed class NonResourceRouter(DiscoveryHandler discovery, DiscoveryDocuments documents, HealthHandler health, IReadOnlyList<INonResourceHandler> handlers)
{
    public async Task HandleAsync(HttpContext http, RequestInfo info, UserInfo user)
    {
        var path = info.Path;
        var trimmed = path.Trim('/');
        var parts = trimmed.Length == 0 ? [] : trimmed.Split('/');
        if (await discovery.TryHandleAsync(http, parts).ConfigureAwait(false) || await health.TryHandleAsync(http, parts).ConfigureAwait(false))
            return;
        foreach (var handler in handlers)
        {
            if (await handler.TryHandleAsync(http, path).ConfigureAwait(false))
                return;
        }

        if (path is "/" or "/index.html")
            await RootAsync(http).ConfigureAwait(false);
        else
            await NotFoundText.WriteAsync(http).ConfigureAwait(false);
    }

    /// <summary>The list of all paths, as routes/index.go has it.</summary>
    private Task RootAsync(HttpContext http)
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal) { "/api", "/apis", "/apis/" };
        foreach (var groupVersion in documents.GroupVersions())
        {
            if (groupVersion.Group.Length == 0)
            {
                paths.Add($"/api/{groupVersion.Version}");
                continue;
            }

            paths.Add($"/apis/{groupVersion.Group}");
            paths.Add($"/apis/{groupVersion}");
        }

        paths.UnionWith(health.Paths);
        foreach (var handler in handlers)
            paths.UnionWith(handler.Paths);
        var list = new Sequence(paths.Count);
        foreach (var path in paths)
            list.Add(path);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(4096);
        ApiMachinery.Codecs.JsonEncoder.Encode(new Map(1) { { "paths", list } }, buffer);
        return ResponseWriter.WriteBytesAsync(http, "application/json", 200, ResponseWriter.Indent(buffer.WrittenMemory).WrittenMemory, default);
    }
}
