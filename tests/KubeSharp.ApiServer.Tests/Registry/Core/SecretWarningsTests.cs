using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeSharp.ApiServer.Registry.Core;

namespace KubeSharp.ApiServer.Tests.Registry.Core;

/// <summary>The words are those of crypto/tls X509KeyPair.</summary>
public sealed class SecretWarningsTests
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly string Certificate = new CertificateRequest("CN=a", Key, HashAlgorithmName.SHA256)
        .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1)).ExportCertificatePem();

    public static TheoryData<string, string, string?> Pairs { get; } = new()
    {
        { Certificate, Key.ExportPkcs8PrivateKeyPem(), null },
        { Certificate, Key.ExportECPrivateKeyPem(), null },
        { Certificate, ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem(), "tls: private key does not match public key" },
        { Certificate, RSA.Create(2048).ExportRSAPrivateKeyPem(), "tls: private key type does not match public key type" },
        { Certificate, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "tls: failed to parse private key" },
        { Certificate, "", "tls: failed to find any PEM data in key input" },
        { Certificate, Certificate, "tls: found a certificate rather than a key in the PEM for the private key" },
        { "a", "b", "tls: failed to find any PEM data in certificate input" },
        { Key.ExportPkcs8PrivateKeyPem(), Certificate, "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_pair_that_does_not_fit_is_named(string certificate, string key, string? problem) => Assert.Equal(problem, SecretWarnings.Problem(certificate, key));
}
