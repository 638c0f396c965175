using System.Buffers;
using System.Globalization;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary><c>/openapi/v3</c>: an index with hashes, and below it a document for each group version and for what is no
/// resource (kube-openapi/pkg/handler3/handler.go, kube-aggregator/pkg/controllers/openapiv3/aggregator; v1.36).</summary>
internal sealed class OpenApiV3Handler(OpenApiDocuments documents, TimeProvider time) : INonResourceHandler
{
    private const string Root = "/openapi/v3";

    public IEnumerable<string> Paths => [Root, Root + "/"];

    public async Task<bool> TryHandleAsync(HttpContext http, string path)
    {
        if (path == Root)
            await IndexAsync(http).ConfigureAwait(false);
        else if (path.StartsWith(Root + "/", StringComparison.Ordinal))
            await DocumentAsync(http, path[(Root.Length + 1)..]).ConfigureAwait(false);
        else
            return false;
        return true;
    }

    private Task IndexAsync(HttpContext http)
    {
        var paths = new Map();
        foreach (var name in documents.Names)
            paths.Set(name, new Map(1) { { "serverRelativeURL", Link(name, documents.HashOf(name)!) } });
        var json = new ArrayBufferWriter<byte>(16 * 1024);
        JsonEncoder.Encode(new Map(1) { { "paths", paths } }, json);
        // Upstream's aggregator leaves the content type to Go, which takes it for text.
        return ResponseWriter.WriteBytesAsync(http, "text/plain; charset=utf-8", 200, json.WrittenMemory, default);
    }

    private async Task DocumentAsync(HttpContext http, string name)
    {
        if (documents.HashOf(name) is not { } hash)
        {
            OpenApiResponder.Refuse(http, 404);
            return;
        }

        http.Response.Headers.Vary = "Accept";
        if (OpenApiNegotiation.Choose(http.Request, "v3") is not { } chosen)
        {
            OpenApiResponder.Refuse(http, 406);
            return;
        }

        var wanted = http.Request.Query["hash"].FirstOrDefault() ?? "";
        if (wanted.Length > 0 && wanted != hash)
        {
            http.Response.Headers.ETag = $"\"{hash}\"";
            http.Response.Headers.Location = Link(name, hash);
            http.Response.ContentType = chosen.ContentType;
            OpenApiResponder.Refuse(http, 301);
            return;
        }

        if (wanted.Length > 0)
        {
            http.Response.Headers.CacheControl = "public, immutable";
            http.Response.Headers.Expires = time.GetUtcNow().AddYears(1).ToString("ddd, dd MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        }

        if (!OpenApiResponder.IsUnchanged(http, hash))
            await OpenApiResponder.WriteAsync(http, chosen.ContentType, documents.Get(name, hash, chosen.Encoding)).ConfigureAwait(false);
    }

    private static string Link(string name, string hash) => $"{Root}/{name}?hash={hash}";
}
