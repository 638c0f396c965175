using System.Buffers;
using System.Text.Json;
using KubeSharp.ApiServer.Authentication.ServiceAccounts;
using KubeSharp.ApiServer.Options;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>How others verify this server's service account tokens: the OpenID discovery document and the key set
/// (pkg/routes/openidmetadata.go, pkg/serviceaccount/openidmetadata.go; v1.36).</summary>
internal sealed class OpenIdMetadataHandler : INonResourceHandler
{
    private const string ConfigurationPath = "/.well-known/openid-configuration";
    private const string KeysPath = "/openid/v1/jwks";

    private readonly byte[] _configuration;
    private readonly byte[] _keys;

    public OpenIdMetadataHandler(ApiServerOptions options, TokenKeys keys, string address)
    {
        var jwksUri = options.ServiceAccountJwksUri.Length > 0 ? options.ServiceAccountJwksUri : $"https://{address}{KeysPath}";
        _configuration = Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("issuer"u8, options.ServiceAccountIssuers[0]);
            json.WriteString("jwks_uri"u8, jwksUri);
            Strings(json, "response_types_supported", ["id_token"]);
            Strings(json, "subject_types_supported", ["public"]);
            Strings(json, "id_token_signing_alg_values_supported", keys.Verifying.Select(k => k.Algorithm).Distinct().Order(StringComparer.Ordinal));
            json.WriteEndObject();
        });
        _keys = Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("keys"u8);
            foreach (var key in keys.Verifying)
                key.WriteJwk(json);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public IEnumerable<string> Paths => [ConfigurationPath, KeysPath];

    public async Task<bool> TryHandleAsync(HttpContext http, string path)
    {
        var (body, type) = path switch
        {
            ConfigurationPath => (_configuration, "application/json"),
            KeysPath => (_keys, "application/jwk-set+json"),
            _ => (null, ""),
        };
        if (body is null)
        {
            // Both are roots of their own, below which nothing is.
            if (path.StartsWith(ConfigurationPath + "/", StringComparison.Ordinal) || path.StartsWith(KeysPath + "/", StringComparison.Ordinal))
                throw GenericErrors.NotFound();
            return false;
        }

        if (!HttpMethods.IsGet(http.Request.Method))
            throw GenericErrors.MethodNotAllowed();
        http.Response.Headers.CacheControl = "public, max-age=3600";
        await ResponseWriter.WriteBytesAsync(http, type, 200, body, default).ConfigureAwait(false);
        return true;
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        write(json);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
