using System.Formats.Asn1;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>Users from client certificates signed by <c>--client-ca-file</c>: the common name is the user, organisations are
/// groups (apiserver/pkg/authentication/request/x509 CommonNameUserConversion, v1.36).</summary>
public sealed class ClientCertificateAuthenticator(X509Certificate2Collection authorities, TimeProvider time) : IAuthenticator
{
    private readonly CertificateVerifier _verifier = new(authorities, time);

    /// <summary>The user of each connection: a connection's certificate never changes.</summary>
    private readonly ConditionalWeakTable<X509Certificate2, Subject> _subjects = [];

    private sealed record Subject(AuthenticationResult Result);

    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.Connection.ClientCertificate is not { } certificate)
            return ValueTask.FromResult(AuthenticationResult.NoOpinion);
        return ValueTask.FromResult(_verifier.Verify(certificate) is { } problem
            ? AuthenticationResult.Failed(problem)
            : _subjects.GetValue(certificate, Read).Result);
    }

    private static Subject Read(X509Certificate2 certificate)
    {
        CertificateSubject subject;
        try
        {
            subject = CertificateSubject.Of(certificate.SubjectName);
        }
        catch (AsnContentException exception)
        {
            return new Subject(AuthenticationResult.Failed(exception.Message));
        }

        if (subject.CommonName.Length == 0)
            return new Subject(AuthenticationResult.NoOpinion);
        if (subject.Uids.Count > 1)
            return new Subject(AuthenticationResult.Failed($"expected 1 UID, but found multiple: [{string.Join(' ', subject.Uids)}]"));
        if (subject.Uids is [""])
            return new Subject(AuthenticationResult.Failed("UID cannot be an empty string"));
        var credentialId = "X509SHA256=" + Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span));
        var user = new UserInfo(subject.CommonName, subject.Uids is [var uid] ? uid : "", subject.Organizations)
        {
            Extra = new Dictionary<string, IReadOnlyList<string>> { ["authentication.kubernetes.io/credential-id"] = [credentialId] },
        };
        return new Subject(new AuthenticationResult(UnionAuthenticator.AsAuthenticated(user), null));
    }
}
