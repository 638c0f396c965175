using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>
/// What a pod's containers need at their most demanding moment: all that run side by side, or one init container with the
/// restartable ones before it (AggregateContainerRequests and AggregateContainerLimits in component-helpers/resource/helpers.go, v1.36).
/// </summary>
internal static class ContainerTotals
{
    public static SortedDictionary<string, Quantity> Of(Map spec, string list)
    {
        var totals = New();
        foreach (var container in spec.List("containers"))
            Add(totals, container.AsMap.Sub("resources").Sub(list));
        var (restartable, initial) = (New(), New());
        foreach (var item in spec.List("initContainers"))
        {
            var amounts = New();
            Add(amounts, item.AsMap.Sub("resources").Sub(list));
            if (item.AsMap.Text("restartPolicy") == "Always")
            {
                Add(totals, item.AsMap.Sub("resources").Sub(list));
                Add(restartable, item.AsMap.Sub("resources").Sub(list));
                amounts = restartable;
            }
            else
            {
                foreach (var (name, amount) in restartable)
                    amounts[name] = amounts.TryGetValue(name, out var own) ? own + amount : amount;
            }

            Max(initial, amounts);
        }

        Max(totals, initial);
        return totals;
    }

    private static SortedDictionary<string, Quantity> New() => new(StringComparer.Ordinal);

    private static void Add(SortedDictionary<string, Quantity> totals, Map amounts)
    {
        foreach (var (name, value) in amounts)
        {
            var amount = Quantity.FromValue(value);
            totals[name] = totals.TryGetValue(name, out var before) ? before + amount : amount;
        }
    }

    private static void Max(SortedDictionary<string, Quantity> totals, SortedDictionary<string, Quantity> amounts)
    {
        foreach (var (name, amount) in amounts)
        {
            if (!totals.TryGetValue(name, out var before) || amount > before)
                totals[name] = amount;
        }
    }
}
