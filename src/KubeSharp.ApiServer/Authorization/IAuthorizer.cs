using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Authorization;

public enum Decision
{
    NoOpinion,
    Allow,
    Deny,
}

/// <summary>One way to decide whether a user may do what a request asks (apiserver/pkg/authorization/authorizer).</summary>
public interface IAuthorizer
{
    /// <summary>The decision, and the reason that a refusal shows after its colon (empty: none).</summary>
    (Decision Decision, string Reason) Authorize(UserInfo user, RequestInfo request);
}

/// <summary>Members of system:masters may do everything (authorizerfactory.NewPrivilegedGroups).</summary>
public sealed class PrivilegedGroupAuthorizer : IAuthorizer
{
    public (Decision Decision, string Reason) Authorize(UserInfo user, RequestInfo request) =>
        user.IsIn(UserInfo.PrivilegedGroup) ? (Decision.Allow, "") : (Decision.NoOpinion, "");
}

/// <summary>Paths that everybody may read: <c>--authorization-always-allow-paths</c>, by default the health checks.</summary>
public sealed class AlwaysAllowPathsAuthorizer(IReadOnlyList<string> paths) : IAuthorizer
{
    public (Decision Decision, string Reason) Authorize(UserInfo user, RequestInfo request)
    {
        if (request.IsResourceRequest)
            return (Decision.NoOpinion, "");
        var path = request.Path.AsSpan().TrimStart('/');
        foreach (var allowed in paths)
        {
            var pattern = allowed.AsSpan().TrimStart('/');
            if (pattern.EndsWith("*") ? path.StartsWith(pattern[..^1]) : path.SequenceEqual(pattern))
                return (Decision.Allow, "");
        }

        return (Decision.NoOpinion, "");
    }
}

/// <summary>Asks authorizers in order; the first with an opinion decides, none means no.</summary>
public sealed class UnionAuthorizer(IReadOnlyList<IAuthorizer> authorizers) : IAuthorizer
{
    public (Decision Decision, string Reason) Authorize(UserInfo user, RequestInfo request)
    {
        var reasons = "";
        for (var i = 0; i < authorizers.Count; i++)
        {
            var (decision, reason) = authorizers[i].Authorize(user, request);
            if (decision != Decision.NoOpinion)
                return (decision, reason);
            if (reason.Length > 0)
                reasons = reasons.Length == 0 ? reason : $"{reasons}\n{reason}";
        }

        return (Decision.NoOpinion, reasons);
    }
}
