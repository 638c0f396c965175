using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Certificates;

namespace KubeSharp.ApiServer.Tests.Registry.Certificates;

/// <summary>Cases of TestValidateClusterTrustBundle (pkg/apis/certificates/validation/validation_test.go, v1.36).</summary>
public sealed class ClusterTrustBundleValidationTests
{
    private const string Bundle = "spec.trustBundle: Invalid value: \"<value omitted>\": ";

    private static readonly string A = Certificate("CN=a", authority: true);
    private static readonly string B = Certificate("CN=b", authority: true);
    private static readonly string Leaf = Certificate("CN=leaf", authority: false);

    public static TheoryData<string, string, string, string> Cases => new()
    {
        { "x", "", "A", "" },
        { "x", "", "A B", "" },
        { "x", "", "text A more", "" },
        { "x", "", "", Bundle + "at least one trust anchor must be provided" },
        { "x", "", "nothing", Bundle + "at least one trust anchor must be provided" },
        { "x", "", "A B A", Bundle + "duplicate trust anchor (indices [0 2])" },
        { "x", "", "LEAF", Bundle + "entry 0 does not have the CA bit set" },
        { "x", "", "A BROKEN", Bundle + "entry 1 does not parse as X.509" },
        { "x", "", "HEADERS", Bundle + "entry 0 has PEM block headers" },
        { "x", "", "KEY", Bundle + "entry 0 has bad block type: KEY" },
        { "a:b", "", "A", "metadata.name: Invalid value: \"a:b\": ClusterTrustBundle without signer name must not have \":\" in its name" },
        { "example.com:s:x", "example.com/s", "A", "" },
        { "x", "example.com/s", "A", "metadata.name: Invalid value: \"x\": ClusterTrustBundle for signerName example.com/s must be named with prefix example.com:s:" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void OnCreate(string name, string signer, string bundle, string expected) =>
        ValidationAssert.Errors(expected, errors => ClusterTrustBundleValidation.Validate(null!, Object(name, signer, Expand(bundle)), errors));

    [Fact]
    public void A_bundle_that_stays_is_not_read_and_the_signer_is_kept()
    {
        var old = Object("example.com:s:x", "example.com/s", "damaged");
        ValidationAssert.Errors("", errors => ClusterTrustBundleValidation.ValidateUpdate(null!, Object("example.com:s:x", "example.com/s", "damaged"), old, errors));
        ValidationAssert.Errors(
            "metadata.name: Invalid value: \"example.com:s:x\": ClusterTrustBundle for signerName example.com/t must be named with prefix example.com:t:|spec.signerName: Invalid value: \"example.com/t\": field is immutable",
            errors => ClusterTrustBundleValidation.ValidateUpdate(null!, Object("example.com:s:x", "example.com/t", "damaged"), old, errors));
    }

    private static Map Object(string name, string signer, string bundle) => new()
    {
        { "metadata", new Map { { "name", name }, { "resourceVersion", "1" } } },
        { "spec", new Map { { "signerName", signer }, { "trustBundle", bundle } } },
    };

    private static string Expand(string words) => string.Join('\n', words.Split(' ').Select(word => word switch
    {
        "A" => A,
        "B" => B,
        "LEAF" => Leaf,
        "BROKEN" => "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "KEY" => "-----BEGIN KEY-----\nAAAA\n-----END KEY-----",
        "HEADERS" => A.Replace("-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nkey: value\n\n", StringComparison.Ordinal),
        _ => word,
    })) + "\n";

    private static string Certificate(string subject, bool authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem();
    }
}
