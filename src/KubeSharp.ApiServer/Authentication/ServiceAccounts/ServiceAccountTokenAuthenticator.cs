using System.Collections.Concurrent;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Authentication.ServiceAccounts;

/// <summary>
/// Users by the tokens that this server (or another with the same keys) signed for service accounts: the signature is verified
/// once and remembered, the account and the bound object are looked at each time.
/// Source: pkg/serviceaccount/{jwt,claims,legacy}.go, v1.36. Safe for concurrent use.
/// </summary>
public sealed class ServiceAccountTokenAuthenticator(IReadOnlyList<string> issuers, IReadOnlyList<string> apiAudiences, TokenKeys keys, TokenObjects objects, TimeProvider time) : ITokenAuthenticator
{
    /// <summary>The issuer of tokens in Secrets, which have no audience and no end.</summary>
    public const string LegacyIssuer = "kubernetes/serviceaccount";

    /// <summary>How many verified tokens are remembered; full, all are forgotten.</summary>
    private const int MaxRemembered = 10_000;

    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    private sealed record Verified(TokenClaims Claims, UserInfo User, bool IsLegacy);

    private readonly ConcurrentDictionary<string, Verified> _verified = new(StringComparer.Ordinal);

    public async ValueTask<TokenResult> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        if (!_verified.TryGetValue(token, out var verified))
        {
            if (CompactToken.Parse(token) is not { } parsed)
                return TokenResult.NoOpinion;
            var isLegacy = parsed.Claims.Issuer == LegacyIssuer;
            if (!isLegacy && !issuers.Contains(parsed.Claims.Issuer))
                return TokenResult.NoOpinion;
            if (Verify(parsed) is { } problem)
                return TokenResult.Failed(problem);
            verified = new Verified(parsed.Claims, UserOf(parsed.Claims), isLegacy);
            if (_verified.Count >= MaxRemembered)
                _verified.Clear();
            _verified[token] = verified;
        }

        var claims = verified.Claims;
        // Legacy tokens name nobody: they are for this server alone.
        var own = claims.Audiences.Count > 0 ? claims.Audiences : apiAudiences;
        var common = Common(own, audiences);
        if (common.Count == 0 && apiAudiences.Count > 0)
            return TokenResult.Failed($"token audiences {Authorization.Rbac.RuleCoverage.Quoted(own)} is invalid for the target audiences {Authorization.Rbac.RuleCoverage.Quoted(audiences)}");
        var error = verified.IsLegacy
            ? await objects.CheckLegacyAsync(claims, token, cancellationToken).ConfigureAwait(false)
            : CheckTime(claims) ?? await objects.CheckAsync(claims, time.GetUtcNow() - Leeway, cancellationToken).ConfigureAwait(false);
        return error is null ? new TokenResult(verified.User, common, null) : TokenResult.Failed(error);
    }

    private string? Verify(CompactToken token)
    {
        var any = false;
        foreach (var key in keys.Find(token.KeyId))
        {
            any = true;
            if (key.Algorithm == token.Algorithm && key.Verify(token.Signed.Span, token.Signature))
                return null;
        }

        return any ? "go-jose/go-jose: error in cryptographic primitive" : "invalid signature, no keys found";
    }

    private string? CheckTime(TokenClaims claims)
    {
        var now = time.GetUtcNow();
        if (claims.NotBefore != 0 && (now + Leeway).ToUnixTimeSeconds() < claims.NotBefore)
            return "service account token is not valid yet";
        if (claims.Expiry != 0 && now - Leeway > DateTimeOffset.FromUnixTimeSeconds(claims.Expiry))
            return "service account token has expired";
        return claims.IssuedAt != 0 && (now + Leeway).ToUnixTimeSeconds() < claims.IssuedAt ? "service account token is issued in the future" : null;
    }

    private static IReadOnlyList<string> Common(IReadOnlyList<string> own, IReadOnlyList<string> wanted)
    {
        if (own is [var single] && wanted is [var target])
            return single == target ? own : [];
        return [.. own.Where(wanted.Contains)];
    }

    private static UserInfo UserOf(TokenClaims claims)
    {
        var account = claims.ServiceAccount ?? new TokenReference("", "");
        string[] groups = [.. ServiceAccountName.GroupsOf(claims.Namespace), UserInfo.AllAuthenticated];
        var user = new UserInfo(ServiceAccountName.UserOf(claims.Namespace, account.Name), account.Uid, groups);
        var extra = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (claims.Pod is { } pod)
        {
            extra["authentication.kubernetes.io/pod-name"] = [pod.Name];
            extra["authentication.kubernetes.io/pod-uid"] = [pod.Uid];
        }

        if (claims.Id.Length > 0)
            extra["authentication.kubernetes.io/credential-id"] = [$"JTI={claims.Id}"];
        if (claims.Node is { } node)
        {
            extra["authentication.kubernetes.io/node-name"] = [node.Name];
            if (node.Uid.Length > 0)
                extra["authentication.kubernetes.io/node-uid"] = [node.Uid];
        }

        return extra.Count > 0 ? user with { Extra = extra } : user;
    }
}
