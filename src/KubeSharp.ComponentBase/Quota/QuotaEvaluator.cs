using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Views.Core.V1;
using GroupResource = KubeSharp.ApiMachinery.Schemas.GroupResource;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>A write as quota sees it.</summary>
/// <param name="IsCreate">True for a creation, false for an update.</param>
/// <param name="Subresource">Empty for the object itself.</param>
/// <param name="Object">The object as it will be stored.</param>
/// <param name="OldObject">What is there now; null on creation.</param>
public readonly record struct QuotaWrite(bool IsCreate, string Subresource, Map Object, Map? OldObject);

/// <summary>Knows what objects of one resource use of a quota (apiserver/pkg/quota/v1/interfaces.go Evaluator, v1.36).
/// The API server asks before a write, the quota controller recalculates by it.</summary>
public abstract class QuotaEvaluator(GroupResource resource)
{
    public GroupResource Resource { get; } = resource;

    /// <summary>The name under which quotas count the objects: <c>count/deployments.apps</c>.</summary>
    public string CountName { get; } = $"count/{resource}";

    /// <summary>Whether a write can change what is used.</summary>
    public abstract bool Handles(QuotaWrite write);

    /// <summary>Those of a quota's names that this resource uses.</summary>
    public abstract IReadOnlyList<string> MatchingResources(IEnumerable<string> names);

    /// <summary>What one object uses.</summary>
    public abstract ResourceList Usage(Map obj);

    /// <summary>What an object must say for a quota to be kept, and does not: <c>must specify ...</c>; null when all is there.</summary>
    public virtual string? Problem(IReadOnlyList<string> restricted, Map obj) => null;

    /// <summary>Whether quotas can select among the objects.</summary>
    public virtual bool HasScopes => false;

    /// <summary>Whether an object lies in a scope; without scopes nothing does.</summary>
    public virtual bool IsInScope(ScopedResourceSelectorRequirement scope, Map obj) => false;

    /// <summary>Whether an update frees something, so that quotas are to be recalculated (pkg/quota/v1/install/update_filter.go).</summary>
    public virtual bool Frees(Map old, Map obj) => false;

    /// <summary>Whether a quota counts the object: by a resource that it limits, and by all of its scopes.</summary>
    public bool Matches(ResourceQuota quota, Map obj) =>
        MatchingResources(QuotaScopes.Names(quota.Status.Hard)).Count > 0 && IsInAllScopes(quota, obj);

    /// <summary>Whether an object lies in every scope of a quota.</summary>
    public bool IsInAllScopes(ResourceQuota quota, Map obj)
    {
        foreach (var scope in QuotaScopes.Of(quota))
        {
            if (!IsInScope(scope, obj))
                return false;
        }

        return true;
    }
}
