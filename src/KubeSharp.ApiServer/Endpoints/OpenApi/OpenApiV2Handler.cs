using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary><c>/openapi/v2</c>: one document of everything (kube-openapi/pkg/handler/handler.go, v1.36).</summary>
internal sealed class OpenApiV2Handler(OpenApiDocuments documents) : INonResourceHandler
{
    private const string Path = "/openapi/v2";

    public IEnumerable<string> Paths => [Path];

    public async Task<bool> TryHandleAsync(HttpContext http, string path)
    {
        if (path != Path)
            return false;
        http.Response.Headers.Vary = "Accept";
        if (OpenApiNegotiation.Choose(http.Request, "v2") is not { } chosen)
        {
            OpenApiResponder.Refuse(http, 406);
            return true;
        }

        var document = documents.GetV2(chosen.Encoding);
        if (!OpenApiResponder.IsUnchanged(http, document.Hash))
            await OpenApiResponder.WriteAsync(http, chosen.ContentType, document).ConfigureAwait(false);
        return true;
    }
}
