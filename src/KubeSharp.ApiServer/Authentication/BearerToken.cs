using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>Finds bearer tokens in requests: the Authorization header, or the subprotocol that browsers can set on
/// WebSockets (authentication/request/{bearertoken,websocket}).</summary>
public static class BearerToken
{
    /// <summary>How the subprotocol begins that carries a token.</summary>
    internal const string WebSocketPrefix = "base64url.bearer.authorization.k8s.io.";

    public static string? From(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString().AsSpan().Trim();
        if (header.Length > 7 && header[..7].Equals("bearer ", StringComparison.OrdinalIgnoreCase))
        {
            // A second blank makes an empty token, which is no token; what follows the token is not read.
            var token = header[7..];
            var end = token.IndexOf(' ');
            token = end < 0 ? token : token[..end];
            return token.Length == 0 ? null : token.ToString();
        }

        return request.HttpContext.WebSockets.IsWebSocketRequest ? FromSubprotocol(request) : null;
    }

    /// <summary>Whether the header has its token after one blank too many, so that it is not seen.</summary>
    public static bool HasExtraSpace(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString().AsSpan().Trim();
        return header.Length > 8 && header[7] == ' ' && header[..7].Equals("bearer ", StringComparison.OrdinalIgnoreCase);
    }

    private static string? FromSubprotocol(HttpRequest request)
    {
        foreach (var protocol in request.HttpContext.WebSockets.WebSocketRequestedProtocols)
        {
            if (!protocol.StartsWith(WebSocketPrefix, StringComparison.Ordinal))
                continue;
            var encoded = protocol.AsSpan(WebSocketPrefix.Length);
            var buffer = new byte[encoded.Length];
            return System.Buffers.Text.Base64Url.TryDecodeFromChars(encoded, buffer, out var written)
                ? System.Text.Encoding.UTF8.GetString(buffer, 0, written)
                : null;
        }

        return null;
    }
}
