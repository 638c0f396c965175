using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Views.Core.V1;
using GroupResource = KubeSharp.ApiMachinery.Schemas.GroupResource;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>Counts anew what a namespace uses of a quota (apiserver/pkg/quota/v1/resources.go CalculateUsage, v1.36).</summary>
public static class QuotaUsage
{
    /// <param name="quota">The quota.</param>
    /// <param name="registry">The evaluators.</param>
    /// <param name="list">The objects of a resource in the quota's namespace.</param>
    /// <returns>What is used of every hard limit that can be counted.</returns>
    public static ResourceList Calculate(ResourceQuota quota, QuotaRegistry registry, Func<GroupResource, IEnumerable<Map>> list)
    {
        var hard = QuotaScopes.Names(quota.Spec.Hard).ToArray();
        var used = new ResourceList();
        var counted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var evaluator in registry.All)
        {
            var names = evaluator.MatchingResources(hard);
            if (names.Count == 0)
                continue;
            foreach (var name in names)
            {
                if (counted.Add(name) && !used.Has(name))
                    used.Add(name, Quantity.FromInt64(0));
            }

            foreach (var obj in list(evaluator.Resource))
            {
                if (evaluator.IsInAllScopes(quota, obj))
                    used.AddAll(evaluator.Usage(obj));
            }
        }

        return used.Masked(counted);
    }
}
