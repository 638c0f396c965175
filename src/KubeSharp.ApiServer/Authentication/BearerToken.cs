using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>Finds bearer tokens in requests: the Authorization header, or the subprotocol that browsers can set on
/// WebSockets (authentication/request/{bearertoken,websocket}).</summary>
public static class BearerToken
{
    private const string WebSocketPrefix = "base64url.bearer.authorization.k8s.io.";

    public static string? From(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString().AsSpan().Trim();
        if (header.Length > 7 && header[..7].Equals("bearer ", StringComparison.OrdinalIgnoreCase))
        {
            // Two blanks in between make an empty token, which is no token.
            var token = header[7..];
            return token.Length == 0 || token[0] == ' ' ? null : token.ToString();
        }

        return request.HttpContext.WebSockets.IsWebSocketRequest ? FromSubprotocol(request) : null;
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
