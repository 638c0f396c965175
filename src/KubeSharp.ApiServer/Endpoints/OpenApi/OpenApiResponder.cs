using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>Answers with a document: unchanged, as it is kept, or unpacked (Go's http.ServeContent).</summary>
internal static class OpenApiResponder
{
    /// <summary>True when the client has the document already; then that has been answered.</summary>
    public static bool IsUnchanged(HttpContext http, string hash)
    {
        var tag = $"\"{hash}\"";
        http.Response.Headers.ETag = tag;
        foreach (var header in http.Request.Headers.IfNoneMatch)
        {
            foreach (var part in (header ?? "").Split(','))
            {
                var known = part.Trim();
                if (known == "*" || known == tag || (known.StartsWith("W/", StringComparison.Ordinal) && known[2..] == tag))
                {
                    http.Response.StatusCode = 304;
                    return true;
                }
            }
        }

        return false;
    }

    public static async Task WriteAsync(HttpContext http, string contentType, OpenApiDocument document)
    {
        var response = http.Response;
        response.StatusCode = 200;
        response.ContentType = contentType;
        response.Headers.Append("Vary", "Accept-Encoding");
        var packed = ResponseWriter.AcceptsGzip(http.Request);
        if (packed)
            response.Headers.ContentEncoding = "gzip";
        response.ContentLength = packed ? document.Gzip.Length : document.Length;
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        if (packed)
        {
            await response.Body.WriteAsync(document.Gzip, http.RequestAborted).ConfigureAwait(false);
            return;
        }

        await using var unpacked = new GZipStream(new MemoryStream(document.Gzip, writable: false), CompressionMode.Decompress);
        await unpacked.CopyToAsync(response.Body, http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The answer for nothing and for formats that there are not: a code and no body.</summary>
    public static void Refuse(HttpContext http, int code)
    {
        http.Response.StatusCode = code;
        http.Response.ContentLength = 0;
    }
}
