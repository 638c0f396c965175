using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary><c>/openapi/v3</c>: an index, and a document per group version that is made when first asked for
/// (kube-openapi/pkg/handler3/handler.go, v1.36).</summary>
internal sealed class OpenApiV3Handler(ServedResources served) : INonResourceHandler
{
    private readonly ConcurrentDictionary<string, (byte[] Json, string Hash)> _documents = new(StringComparer.Ordinal);

    public IEnumerable<string> Paths => ["/openapi/v3", "/openapi/v3/"];

    public async Task<bool> TryHandleAsync(HttpContext http, string path)
    {
        if (!path.StartsWith("/openapi/v3", StringComparison.Ordinal))
            return false;
        var name = path["/openapi/v3".Length..].Trim('/');
        if (name.Length == 0)
        {
            await IndexAsync(http).ConfigureAwait(false);
            return true;
        }

        if (Find(name) is not { } document)
            return false;
        var wanted = http.Request.Query["hash"].FirstOrDefault();
        if (wanted is not null && wanted != document.Hash)
        {
            http.Response.Headers.Location = $"{path}?hash={document.Hash}";
            http.Response.StatusCode = 301;
            return true;
        }

        http.Response.Headers.ETag = $"\"{document.Hash}\"";
        if (wanted is not null)
            http.Response.Headers.CacheControl = "public, immutable";
        if (http.Request.Headers.IfNoneMatch.Contains($"\"{document.Hash}\""))
        {
            http.Response.StatusCode = 304;
            return true;
        }

        await ResponseWriter.WriteBytesAsync(http, "application/json", 200, document.Json, default).ConfigureAwait(false);
        return true;
    }

    private Task IndexAsync(HttpContext http)
    {
        var paths = new Map();
        foreach (var groupVersion in served.All.Select(r => r.GroupVersion).Distinct())
        {
            var name = groupVersion.Group.Length == 0 ? $"api/{groupVersion.Version}" : $"apis/{groupVersion}";
            paths.Set(name, new Map(1) { { "serverRelativeURL", $"/openapi/v3/{name}?hash={Find(name)!.Value.Hash}" } });
        }

        var json = new ArrayBufferWriter<byte>(8192);
        JsonEncoder.Encode(new Map(1) { { "paths", paths } }, json);
        return ResponseWriter.WriteBytesAsync(http, "application/json", 200, json.WrittenMemory, default);
    }

    private (byte[] Json, string Hash)? Find(string name)
    {
        if (_documents.TryGetValue(name, out var known))
            return known;
        var parts = name.Split('/');
        GroupVersion? groupVersion = parts switch
        {
            ["api", var version] => new GroupVersion("", version),
            ["apis", var group, var version] => new GroupVersion(group, version),
            _ => null,
        };
        if (groupVersion is not { } found)
            return null;
        var resources = served.All.Where(r => r.GroupVersion == found).ToList();
        if (resources.Count == 0)
            return null;
        var json = new ArrayBufferWriter<byte>(256 * 1024);
        JsonEncoder.Encode(OpenApiV3Document.Build(found, resources), json);
        var bytes = json.WrittenSpan.ToArray();
        return _documents.GetOrAdd(name, (bytes, Convert.ToHexString(SHA512.HashData(bytes))));
    }
}
