using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace KubeSharp.ApiServer.Tests.Registry.Certificates;

public sealed class CertificateSigningRequestTests(ServerFixture fixture)
{
    /// <summary>Keys of a kind that .NET's library cannot verify are taken as upstream takes them (validateCSR in
    /// pkg/apis/certificates/validation/validation.go, v1.36).</summary>
    [Theory]
    [InlineData(false, HttpStatusCode.Created)]
    [InlineData(true, HttpStatusCode.UnprocessableEntity)]
    public async Task A_request_signed_by_an_Ed25519_key(bool broken, HttpStatusCode expected)
    {
        var key = new Ed25519PrivateKeyParameters(new SecureRandom());
        var encoded = new Pkcs10CertificationRequest("Ed25519", new X509Name("CN=x"), key.GeneratePublicKey(), new DerSet(), key).GetEncoded();
        encoded[^1] ^= broken ? (byte)1 : (byte)0;
        var pem = $"-----BEGIN CERTIFICATE REQUEST-----\n{Convert.ToBase64String(encoded)}\n-----END CERTIFICATE REQUEST-----\n";
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject { ["generateName"] = "ed25519-" },
            ["spec"] = new JsonObject { ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(pem)), ["signerName"] = "example.com/s", ["usages"] = new JsonArray("digital signature") },
        };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await fixture.Admin.PostAsync("/apis/certificates.k8s.io/v1/certificatesigningrequests", content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == expected, text);
        if (broken)
            Assert.Contains("x509: Ed25519 verification failure", text, StringComparison.Ordinal);
    }
}
