using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeSharp.ApiServer.Serving;

/// <summary>A certificate authority of our own: signs what the all-in-one server needs on its first start, as
/// <c>kubeadm init phase certs</c> would. Keys are P-256.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private const int AuthorityYears = 10;
    private const int LeafYears = 1;

    private readonly X509Certificate2 _certificate;
    private readonly TimeProvider _time;

    private CertificateAuthority(X509Certificate2 certificate, TimeProvider time)
    {
        _certificate = certificate;
        _time = time;
    }

    public X509Certificate2 Certificate => _certificate;

    public static CertificateAuthority Create(string commonName, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        return new CertificateAuthority(request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(AuthorityYears)), time);
    }

    /// <summary>Loads an authority with its key.</summary>
    public static CertificateAuthority Load(string certificateFile, string keyFile, TimeProvider time) =>
        new(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), time);

    /// <summary>A serving certificate for names and addresses.</summary>
    public X509Certificate2 IssueServer(string commonName, IEnumerable<string> names, IEnumerable<IPAddress> addresses)
    {
        var alternative = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            alternative.AddDnsName(name);
        foreach (var address in addresses)
            alternative.AddIpAddress(address);
        return Issue(new X500DistinguishedName($"CN={commonName}"), "1.3.6.1.5.5.7.3.1", alternative.Build());
    }

    /// <summary>A client certificate: the common name is the user, the organisation its group.</summary>
    public X509Certificate2 IssueClient(string user, string? group)
    {
        var name = new X500DistinguishedNameBuilder();
        if (group is not null)
            name.AddOrganizationName(group);
        name.AddCommonName(user);
        return Issue(name.Build(), "1.3.6.1.5.5.7.3.2", null);
    }

    public void Dispose() => _certificate.Dispose();

    private X509Certificate2 Issue(X500DistinguishedName subject, string usage, X509Extension? alternative)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (alternative is not null)
            request.CertificateExtensions.Add(alternative);
        var now = _time.GetUtcNow();
        var end = now.AddYears(LeafYears);
        if (end > _certificate.NotAfter)
            end = _certificate.NotAfter;
        using var issued = request.Create(_certificate, now.AddMinutes(-5), end, RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }
}
