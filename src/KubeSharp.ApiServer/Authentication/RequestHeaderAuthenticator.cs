using System.Security.Cryptography.X509Certificates;
using KubeSharp.ApiServer.Options;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>
/// Users that a trusted proxy names in headers, where its client certificate is signed by <c>--requestheader-client-ca-file</c>
/// (apiserver/pkg/authentication/request/headerrequest, v1.36). The headers are removed once they have been believed.
/// </summary>
public sealed class RequestHeaderAuthenticator(RequestHeaderOptions options, X509Certificate2Collection authorities, TimeProvider time) : IAuthenticator
{
    private readonly CertificateVerifier _verifier = new(authorities, time);

    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.Connection.ClientCertificate is not { } certificate)
            return ValueTask.FromResult(AuthenticationResult.NoOpinion);
        if (_verifier.Verify(certificate) is { } problem)
            return ValueTask.FromResult(AuthenticationResult.Failed(problem));
        if (options.AllowedNames.Count > 0 && CertificateSubject.Of(certificate.SubjectName).CommonName is var name && !options.AllowedNames.Contains(name))
            return ValueTask.FromResult(AuthenticationResult.Failed($"x509: subject with cn={name} is not in the allowed list"));
        return ValueTask.FromResult(Read(context.Request.Headers) is { } user ? new AuthenticationResult(user, null) : AuthenticationResult.NoOpinion);
    }

    private UserInfo? Read(IHeaderDictionary headers)
    {
        var name = First(headers, options.UsernameHeaders);
        if (name.Length == 0)
            return null;
        var groups = options.GroupHeaders.SelectMany(h => headers[h]).Where(g => !string.IsNullOrEmpty(g)).Select(g => g!).ToList();
        var extra = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var prefix in options.ExtraHeaderPrefixes)
        {
            foreach (var (header, values) in headers)
            {
                if (!header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                    continue;
                var key = Uri.UnescapeDataString(header[prefix.Length..].ToLowerInvariant());
                extra[key] = [.. extra.GetValueOrDefault(key) ?? [], .. values.Select(v => v ?? "")];
            }
        }

        var user = new UserInfo(name, First(headers, options.UidHeaders), groups);
        Clear(headers);
        return UnionAuthenticator.AsAuthenticated(extra.Count > 0 ? user with { Extra = extra } : user);
    }

    private static string First(IHeaderDictionary headers, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (headers[name].FirstOrDefault() is { Length: > 0 } value)
                return value;
        }

        return "";
    }

    private void Clear(IHeaderDictionary headers)
    {
        foreach (var header in (IEnumerable<string>)[.. options.UsernameHeaders, .. options.UidHeaders, .. options.GroupHeaders])
            headers.Remove(header);
        foreach (var header in headers.Keys.Where(k => options.ExtraHeaderPrefixes.Any(p => k.StartsWith(p, StringComparison.OrdinalIgnoreCase))).ToList())
            headers.Remove(header);
    }
}
