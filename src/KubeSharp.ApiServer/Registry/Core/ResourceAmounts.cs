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
}
