using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>Checks client certificates against authorities, once per connection. The handshake takes any certificate, so that
/// an unknown one is a 401 and not a broken connection, as upstream's. Safe for concurrent use.</summary>
public sealed class CertificateVerifier(X509Certificate2Collection authorities, TimeProvider time)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ConditionalWeakTable<X509Certificate2, Verdict> _verdicts = [];

    private sealed record Verdict(string? Problem);

    /// <returns>What is wrong with a certificate, or null.</returns>
    public string? Verify(X509Certificate2 certificate)
    {
        if (_verdicts.GetValue(certificate, Check).Problem is { } problem)
            return problem;
        return time.GetUtcNow() > certificate.NotAfter ? "x509: certificate has expired or is not yet valid" : null;
    }

    private Verdict Check(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ClientAuthentication));
        return new Verdict(chain.Build(certificate) ? null : "x509: " + string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation)));
    }
}
