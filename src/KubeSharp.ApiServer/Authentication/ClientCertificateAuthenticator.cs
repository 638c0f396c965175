using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>
/// Users from client certificates signed by <c>--client-ca-file</c>: the common name is the user, organisations are
/// groups (apiserver/pkg/authentication/request/x509, v1.36). The handshake takes any certificate; here it is checked
/// against the authorities, so that an unknown one is a 401 and not a broken connection, as upstream's.
/// </summary>
public sealed class ClientCertificateAuthenticator(X509Certificate2Collection authorities, TimeProvider time) : IAuthenticator
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>The last verdict per connection: a connection's certificate never changes.</summary>
    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<X509Certificate2, StrongVerdict> _verdicts = [];

    private sealed record StrongVerdict(AuthenticationResult Result);

    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.Connection.ClientCertificate is not { } certificate)
            return ValueTask.FromResult(AuthenticationResult.NoOpinion);
        var verdict = _verdicts.GetValue(certificate, c => new StrongVerdict(Verify(c)));
        if (verdict.Result.User is not null && time.GetUtcNow() > certificate.NotAfter)
            return ValueTask.FromResult(AuthenticationResult.Failed("x509: certificate has expired or is not yet valid"));
        return ValueTask.FromResult(verdict.Result);
    }

    private AuthenticationResult Verify(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ClientAuthentication));
        if (!chain.Build(certificate))
            return AuthenticationResult.Failed("x509: " + string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation)));
        string name = "";
        var groups = new List<string>();
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            if (part.HasMultipleElements)
                continue;
            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3":
                    name = part.GetSingleElementValue() ?? "";
                    break;
                case "2.5.4.10":
                    groups.Add(part.GetSingleElementValue() ?? "");
                    break;
            }
        }

        if (name.Length == 0)
            return AuthenticationResult.NoOpinion;
        var credentialId = "X509SHA256=" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(certificate.RawDataMemory.Span));
        var user = new UserInfo(name, "", groups) { Extra = new Dictionary<string, IReadOnlyList<string>> { ["authentication.kubernetes.io/credential-id"] = [credentialId] } };
        return new AuthenticationResult(UnionAuthenticator.AsAuthenticated(user), null);
    }
}
