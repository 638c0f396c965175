using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace KubeSharp.ApiServer.Authentication.ServiceAccounts;

/// <summary>An object that a token names.</summary>
public sealed record TokenReference(string Name, string Uid);

/// <summary>
/// The claims of a service account's token (pkg/serviceaccount/claims.go, legacy.go; v1.36). Times are seconds since 1970;
/// zero is none.
/// </summary>
public sealed record TokenClaims
{
    public required string Issuer { get; init; }

    public string Subject { get; init; } = "";

    public IReadOnlyList<string> Audiences { get; init; } = [];

    public long Expiry { get; init; }

    public long NotBefore { get; init; }

    public long IssuedAt { get; init; }

    public string Id { get; init; } = "";

    public string Namespace { get; init; } = "";

    public TokenReference? ServiceAccount { get; init; }

    public TokenReference? Pod { get; init; }

    public TokenReference? Secret { get; init; }

    public TokenReference? Node { get; init; }

    public long WarnAfter { get; init; }

    /// <summary>The claims as JSON with sorted names, as go-jose merges them.</summary>
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("aud"u8);
        foreach (var audience in Audiences)
            json.WriteStringValue(audience);
        json.WriteEndArray();
        json.WriteNumber("exp"u8, Expiry);
        json.WriteNumber("iat"u8, IssuedAt);
        json.WriteString("iss"u8, Issuer);
        json.WriteString("jti"u8, Id);
        json.WriteStartObject("kubernetes.io"u8);
        json.WriteString("namespace"u8, Namespace);
        Write(json, "node", Node);
        Write(json, "pod", Pod);
        Write(json, "secret", Secret);
        Write(json, "serviceaccount", ServiceAccount);
        if (WarnAfter != 0)
            json.WriteNumber("warnafter"u8, WarnAfter);
        json.WriteEndObject();
        json.WriteNumber("nbf"u8, NotBefore);
        json.WriteString("sub"u8, Subject);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a payload; null when it is no JSON object of the right types.</summary>
    public static TokenClaims? Decode(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            var kubernetes = Property(root, "kubernetes.io");
            const string Legacy = "kubernetes.io/serviceaccount/";
            return new TokenClaims
            {
                Issuer = Text(root, "iss"),
                Subject = Text(root, "sub"),
                Audiences = Strings(Property(root, "aud")),
                Expiry = Number(root, "exp"),
                NotBefore = Number(root, "nbf"),
                IssuedAt = Number(root, "iat"),
                Id = Text(root, "jti"),
                Namespace = kubernetes is { } k ? Text(k, "namespace") : Text(root, Legacy + "namespace"),
                ServiceAccount = kubernetes is null
                    ? new TokenReference(Text(root, Legacy + "service-account.name"), Text(root, Legacy + "service-account.uid"))
                    : Reference(kubernetes, "serviceaccount"),
                Pod = Reference(kubernetes, "pod"),
                Secret = kubernetes is null ? new TokenReference(Text(root, Legacy + "secret.name"), "") : Reference(kubernetes, "secret"),
                Node = Reference(kubernetes, "node"),
                WarnAfter = kubernetes is { } extra ? Number(extra, "warnafter") : 0,
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, string name, TokenReference? reference)
    {
        if (reference is null)
            return;
        json.WriteStartObject(name);
        json.WriteString("name"u8, reference.Name);
        if (reference.Uid.Length > 0)
            json.WriteString("uid"u8, reference.Uid);
        json.WriteEndObject();
    }

    private static JsonElement? Property(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Text(JsonElement parent, string name) => Property(parent, name)?.GetString() ?? "";

    private static long Number(JsonElement parent, string name) => Property(parent, name) is { } value ? (long)value.GetDouble() : 0;

    private static TokenReference? Reference(JsonElement? parent, string name) =>
        parent is { } holder && Property(holder, name) is { } value ? new TokenReference(Text(value, "name"), Text(value, "uid")) : null;

    private static string[] Strings(JsonElement? value) => value switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray().Select(item => item.GetString() ?? "")],
        { } one => [one.GetString() ?? ""],
    };
}

/// <summary>A signed token in its compact form, taken apart but not verified.</summary>
internal readonly record struct CompactToken(ReadOnlyMemory<byte> Signed, byte[] Signature, string Algorithm, string KeyId, TokenClaims Claims)
{
    public static CompactToken? Parse(string token)
    {
        var first = token.IndexOf('.', StringComparison.Ordinal);
        var last = token.LastIndexOf('.');
        if (first <= 0 || last == first || token.IndexOf('.', first + 1) != last)
            return null;
        if (Decode(token.AsSpan(0, first)) is not { } header || Decode(token.AsSpan(first + 1, last - first - 1)) is not { } payload)
            return null;
        if (Decode(token.AsSpan(last + 1)) is not { } signature || TokenClaims.Decode(payload) is not { } claims)
            return null;
        try
        {
            using var document = JsonDocument.Parse(header);
            string Text(string name) => document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            return new CompactToken(Encoding.ASCII.GetBytes(token, 0, last), signature, Text("alg"), Text("kid"), claims);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public static string Sign(TokenKey key, TokenClaims claims)
    {
        var header = $$"""{"alg":"{{key.Algorithm}}","kid":"{{key.Id}}"}""";
        var signed = $"{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(header))}.{Base64Url.EncodeToString(claims.Encode())}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Go's raw URL alphabet: no padding, and loose bits at the end are let through.</summary>
    private static byte[]? Decode(ReadOnlySpan<char> text)
    {
        if (text.Length % 4 == 1 || text.Contains('='))
            return null;
        Span<char> loose = stackalloc char[4];
        var whole = text.Length / 4 * 4;
        var buffer = new byte[Base64Url.GetMaxDecodedLength(text.Length) + 2];
        if (!Base64Url.TryDecodeFromChars(text[..whole], buffer, out var written))
            return null;
        var rest = text[whole..];
        if (rest.Length > 0)
        {
            loose.Fill('A');
            rest.CopyTo(loose);
            if (!Base64Url.TryDecodeFromChars(loose, buffer.AsSpan(written), out _))
                return null;
            written += rest.Length - 1;
        }

        return buffer[..written];
    }
}
