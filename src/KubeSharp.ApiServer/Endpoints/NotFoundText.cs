using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>The plain 404 of paths that nothing is registered for (Go's http.NotFound).</summary>
public static class NotFoundText
{
    public static Task WriteAsync(HttpContext http)
    {
        http.Response.Headers["X-Content-Type-Options"] = "nosniff";
        return ResponseWriter.WriteBytesAsync(http, "text/plain; charset=utf-8", 404, "404 page not found\n"u8.ToArray(), default);
    }
}
