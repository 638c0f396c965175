using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Authorization.Rbac;

/// <summary>
/// Decides by roles and their bindings, out of the watch caches. A decision looks up the user's and his groups' grants
/// and allocates nothing unless it refuses. Source: plugin/pkg/auth/authorizer/rbac/rbac.go, v1.36. Safe for concurrent use.
/// </summary>
public sealed class RbacAuthorizer(RbacCaches caches) : IAuthorizer, IRuleResolver
{
    private RbacSnapshot? _snapshot;

    public (Decision Decision, string Reason) Authorize(UserInfo user, RequestInfo request)
    {
        var snapshot = Snapshot();
        if (Find(snapshot.Cluster, user, request) is { } grant)
            return (Decision.Allow, grant.Reason);
        var local = request.Namespace.Length > 0 ? snapshot.Namespace(request.Namespace) : null;
        if (local is not null && Find(local, user, request) is { } localGrant)
            return (Decision.Allow, localGrant.Reason);
        return (Decision.NoOpinion, Aggregate(Errors(snapshot.Cluster, local, user)) is { } problem ? $"RBAC: {problem}" : "");
    }

    public ResolvedRules RulesFor(UserInfo user, string @namespace)
    {
        var snapshot = Snapshot();
        var local = @namespace.Length > 0 ? snapshot.Namespace(@namespace) : null;
        var rules = new List<PolicyRule>();
        foreach (var grant in GrantsOf(snapshot.Cluster, local, user))
            rules.AddRange(grant.Rules);
        return new ResolvedRules(rules, Aggregate(Errors(snapshot.Cluster, local, user)));
    }

    /// <summary>The rules of a role (in a namespace) or cluster role (no namespace), as far as the cache knows; null when there is none.</summary>
    public IReadOnlyList<PolicyRule>? RulesOf(string @namespace, string name) => Snapshot().RulesOf(@namespace, name);

    private RbacSnapshot Snapshot()
    {
        var current = Volatile.Read(ref _snapshot);
        var next = RbacSnapshot.Of(caches, current);
        if (!ReferenceEquals(current, next))
            Volatile.Write(ref _snapshot, next);
        return next;
    }

    private static Grant? Find(GrantsBySubject grants, UserInfo user, RequestInfo request)
    {
        if (grants.Users.TryGetValue(user.Name, out var own) && Find(own, request) is { } grant)
            return grant;
        if (grants.Groups.Count == 0)
            return null;
        var groups = user.Groups;
        for (var i = 0; i < groups.Count; i++)
        {
            if (grants.Groups.TryGetValue(groups[i], out var given) && Find(given, request) is { } byGroup)
                return byGroup;
        }

        return null;
    }

    private static Grant? Find(List<Grant> grants, RequestInfo request)
    {
        foreach (var grant in grants)
        {
            foreach (var rule in grant.Rules)
            {
                if (rule.Allows(request))
                    return grant;
            }
        }

        return null;
    }

    private static IEnumerable<Grant> GrantsOf(GrantsBySubject cluster, GrantsBySubject? local, UserInfo user)
    {
        foreach (var scope in (GrantsBySubject?[])[cluster, local])
        {
            if (scope is null)
                continue;
            if (scope.Users.TryGetValue(user.Name, out var own))
            {
                foreach (var grant in own)
                    yield return grant;
            }

            foreach (var group in user.Groups)
            {
                if (!scope.Groups.TryGetValue(group, out var given))
                    continue;
                foreach (var grant in given)
                    yield return grant;
            }
        }
    }

    private static List<string>? Errors(GrantsBySubject cluster, GrantsBySubject? local, UserInfo user)
    {
        List<string>? errors = null;
        foreach (var grant in GrantsOf(cluster, local, user))
        {
            if (grant.Error is { } error && errors?.Contains(error) != true)
                (errors ??= []).Add(error);
        }

        return errors;
    }

    /// <summary>Several errors as upstream's aggregate prints them.</summary>
    private static string? Aggregate(List<string>? errors) => errors switch
    {
        null => null,
        [var one] => one,
        _ => $"[{string.Join(", ", errors)}]",
    };
}
