using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>Counts the objects of any resource (apiserver/pkg/quota/v1/generic/evaluator.go objectCountEvaluator, v1.36).</summary>
/// <param name="resource">The resource.</param>
/// <param name="alias">An older name of the count, <c>configmaps</c>; null for none.</param>
public sealed class ObjectCountEvaluator(GroupResource resource, string? alias = null) : QuotaEvaluator(resource)
{
    public override bool Handles(QuotaWrite write) => write.IsCreate && write.Subresource.Length == 0;

    public override IReadOnlyList<string> MatchingResources(IEnumerable<string> names) => [.. names.Where(name => name == CountName || name == alias)];

    public override ResourceList Usage(Map obj)
    {
        var usage = new ResourceList { { CountName, Quantity.FromInt64(1) } };
        if (alias is not null)
            usage.Add(alias, Quantity.FromInt64(1));
        return usage;
    }
}
