using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Lists of amounts by resource (pkg/apis/core/v1/defaults.go SetDefaults_ResourceList, v1.36).</summary>
internal static class ResourceAmounts
{
    /// <summary>Rounds the amounts of a list up to thousandths, finer ones are not kept.</summary>
    /// <param name="holder">The map that may have the list.</param>
    /// <param name="list">The list's name.</param>
    public static void RoundUp(Map holder, string list)
    {
        foreach (var (name, value) in holder.GetMap(list) ?? Map.Empty)
        {
            var amount = Quantity.FromValue(value);
            var rounded = amount.RoundUp(-3);
            if (amount != rounded)
                holder.EditMap(list).Set(name, rounded.ToString());
        }
    }

    /// <summary>Rounds what a quota allows and what is used of it.</summary>
    public static void RoundQuota(Map quota)
    {
        if (quota["spec"].AsMap is not null)
            RoundUp(quota.EditMap("spec"), "hard");
        if (quota["status"].AsMap is null)
            return;
        RoundUp(quota.EditMap("status"), "hard");
        RoundUp(quota.EditMap("status"), "used");
    }
}
