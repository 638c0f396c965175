using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Authentication.ServiceAccounts;

namespace KubeSharp.ApiServer.Tests.Authentication;

/// <summary>Tokens of service accounts: their form, and their life over the wire.</summary>
public sealed class ServiceAccountTokenTests(ServerFixture fixture)
{
    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public void A_signed_token_is_read_back(string algorithm)
    {
        var key = new TokenKey(algorithm switch
        {
            "RS256" => RSA.Create(2048),
            "ES256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            "ES384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            _ => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        });
        Assert.Equal(algorithm, key.Algorithm);
        var claims = new TokenClaims
        {
            Issuer = "https://issuer", Subject = "system:serviceaccount:ns:sa", Audiences = ["a", "b"], Expiry = 3, IssuedAt = 1, NotBefore = 2, Id = "id",
            Namespace = "ns", ServiceAccount = new("sa", "u1"), Pod = new("p", "u2"), Node = new("n", ""), WarnAfter = 4,
        };
        var token = CompactToken.Parse(CompactToken.Sign(key, claims))!.Value;
        Assert.Equal(key.Id, token.KeyId);
        Assert.True(key.Verify(token.Signed.Span, token.Signature));
        Assert.Equal(claims.Encode(), token.Claims.Encode());
        Assert.Equal("""{"aud":["a","b"],"exp":3,"iat":1,"iss":"https://issuer","jti":"id","kubernetes.io":{"namespace":"ns","node":{"name":"n"},"pod":{"name":"p","uid":"u2"},"serviceaccount":{"name":"sa","uid":"u1"},"warnafter":4},"nbf":2,"sub":"system:serviceaccount:ns:sa"}""", Encoding.UTF8.GetString(claims.Encode()));
        Assert.False(key.Verify(token.Signed.Span[1..], token.Signature));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("e30.e30.")]
    [InlineData("e30.W10.e30")]
    [InlineData("e30=.e30.e30")]
    [InlineData("e30.bnVsbA.e30")]
    public void What_is_no_token_is_none(string text) => Assert.Null(CompactToken.Parse(text)?.Claims.Issuer is { Length: > 0 } issuer ? issuer : null);

    [Fact]
    public async Task A_token_lives_as_long_as_its_account()
    {
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"lives"}}""");
        var made = await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/lives/token", """{"spec":{}}""");
        Assert.Equal(3600, made["spec"]!["expirationSeconds"]!.GetValue<int>());
        var token = made["status"]!["token"]!.GetValue<string>();
        var self = await SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", token);
        Assert.Equal("system:serviceaccount:default:lives", self["status"]!["userInfo"]!["username"]!.GetValue<string>());

        await SendAsync(HttpMethod.Delete, "/api/v1/namespaces/default/serviceaccounts/lives", null);
        await CaughtUpAsync();
        Assert.Equal(401, (await SendAsync(HttpMethod.Get, "/api", null, token))["code"]!.GetValue<int>());
        var review = await SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews", $$$"""{"spec":{"token":"{{{token}}}"}}""");
        Assert.Equal("[invalid bearer token, serviceaccounts \"lives\" not found]", review["status"]!["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_token_is_good_for_its_audience_only()
    {
        var made = await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/default/token", """{"spec":{"audiences":["other"]}}""");
        var token = made["status"]!["token"]!.GetValue<string>();
        Assert.Equal(401, (await SendAsync(HttpMethod.Get, "/api", null, token))["code"]!.GetValue<int>());
        var review = await SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews", $$$"""{"spec":{"token":"{{{token}}}","audiences":["x","other"]}}""");
        Assert.True(review["status"]!["authenticated"]!.GetValue<bool>());
        Assert.Equal("""["other"]""", review["status"]!["audiences"]!.ToJsonString());
    }

    [Fact]
    public async Task A_bound_token_ends_with_its_object()
    {
        var secret = await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"bound"}}""");
        var made = await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/default/token", """{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Secret","name":"bound"}}}""");
        var token = made["status"]!["token"]!.GetValue<string>();
        Assert.Equal("SelfSubjectReview", (await SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", token))["kind"]!.GetValue<string>());
        Assert.NotNull(secret["metadata"]!["uid"]);
        await SendAsync(HttpMethod.Delete, "/api/v1/namespaces/default/secrets/bound", null);
        await CaughtUpAsync();
        Assert.Equal(401, (await SendAsync(HttpMethod.Get, "/api", null, token))["code"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("""{"spec":{"expirationSeconds":599}}""", "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes")]
    [InlineData("""{"spec":{"expirationSeconds":4294967297}}""", "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds")]
    [InlineData("""{"metadata":{"name":"x"}}""", "TokenRequest.authentication.k8s.io \"default\" is invalid: metadata.name: Invalid value: \"x\": must match the service account name if specified")]
    [InlineData("""{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"ConfigMap","name":"x"}}}""", "cannot bind token to object of type /v1, Kind=ConfigMap")]
    [InlineData("""{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Secret","name":"absent"}}}""", "secrets \"absent\" not found")]
    public async Task A_wrong_request_is_refused(string body, string message) =>
        Assert.Equal(message, (await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/default/token", body))["message"]!.GetValue<string>());

    [Fact]
    public async Task The_published_keys_verify_tokens()
    {
        var token = (await SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/default/token", "{}"))["status"]!["token"]!.GetValue<string>().Split('.');
        var key = (await SendAsync(HttpMethod.Get, "/openid/v1/jwks", null))["keys"]![0]!;
        using var rsa = RSA.Create(new RSAParameters { Modulus = Decode(key["n"]!), Exponent = Decode(key["e"]!) });
        var signature = System.Buffers.Text.Base64Url.DecodeFromChars(token[2]);
        Assert.True(rsa.VerifyData(Encoding.ASCII.GetBytes($"{token[0]}.{token[1]}"), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>Objects are looked for in the watch caches, which may be a moment behind the answer to a write.</summary>
    private async Task CaughtUpAsync() => await fixture.Server.Server.Feed.WaitForCurrentAsync(TestContext.Current.CancellationToken);

    private static byte[] Decode(JsonNode text) => System.Buffers.Text.Base64Url.DecodeFromChars(text.GetValue<string>());

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body, string token = "")
    {
        using var anonymous = fixture.Server.AnonymousClient();
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (token.Length > 0)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await (token.Length > 0 ? anonymous : fixture.Admin).SendAsync(request, TestContext.Current.CancellationToken);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }
}
