using KubeSharp.ApiServer.Authentication;

namespace KubeSharp.ApiServer.Authorization.Rbac;

/// <summary>Tells which rules a user has, as far as they can be listed (authorization/authorizer RuleResolver).</summary>
public interface IRuleResolver
{
    ResolvedRules RulesFor(UserInfo user, string @namespace);
}

/// <summary>The rules that were found, what kept others from being found, and whether there may be more.</summary>
public sealed record ResolvedRules(IReadOnlyList<PolicyRule> Rules, string? Error = null, bool Incomplete = false);
