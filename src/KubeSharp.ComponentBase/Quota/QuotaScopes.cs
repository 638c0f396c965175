using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>The scopes of a quota and how they select (pkg/apis/core/v1/helper/helpers.go, v1.36).</summary>
public static class QuotaScopes
{
    /// <summary>The plain scopes, as those which must be there, and then the scope selector's.</summary>
    public static IReadOnlyList<ScopedResourceSelectorRequirement> Of(ResourceQuota quota)
    {
        if (quota.Spec.Scopes.IsEmpty && quota.Spec.ScopeSelector.MatchExpressions.IsEmpty)
            return [];
        var scopes = new List<ScopedResourceSelectorRequirement>();
        foreach (var scope in quota.Spec.Scopes)
            scopes.Add(new(new Map(2) { { "scopeName", scope }, { "operator", "Exists" } }));
        foreach (var expression in quota.Spec.ScopeSelector.MatchExpressions)
            scopes.Add(expression);
        return scopes;
    }

    public static IEnumerable<string> Names(StringMap resources)
    {
        foreach (var (name, _) in resources)
            yield return name;
    }

    /// <summary>Whether a value satisfies a requirement; null stands for none.</summary>
    public static bool IsSatisfied(ScopedResourceSelectorRequirement scope, string? value) => scope.Operator switch
    {
        "In" => value is not null && scope.Values.Contains(value),
        "NotIn" => value is null || !scope.Values.Contains(value),
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        _ => false,
    };
}
