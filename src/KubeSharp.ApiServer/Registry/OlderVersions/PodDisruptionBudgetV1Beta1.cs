using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.OlderVersions;

/// <summary>
/// Disruption budgets whose empty selector selected nothing. A label that no pod has stands for "none" in v1, and stood for
/// "all" before (pkg/apis/policy/v1beta1/conversion.go, pkg/apis/policy/helper.go, v1.36).
/// </summary>
internal static class PodDisruptionBudgetV1Beta1
{
    private const string Label = "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match";

    public static Map ToStorage(Map budget)
    {
        if (budget.Sub("spec").GetMap("selector") is not { } selector)
            return budget;
        var labels = selector.Sub("matchLabels");
        var expressions = selector.List("matchExpressions");
        if (labels.Count == 0 && expressions.Count == 0)
        {
            var none = new Sequence(1);
            none.Add(new Map { { "key", Label }, { "operator", "Exists" } });
            budget.EditMap("spec").Set("selector", new Map { { "matchExpressions", none } });
        }
        else if (labels.Count == 0 && expressions is [var only] && only.AsMap.Text("key") == Label && only.AsMap.Text("operator") == "DoesNotExist")
        {
            budget.EditMap("spec").Set("selector", new Map());
        }
        else
        {
            Strip(budget.EditMap("spec").EditMap("selector"));
        }

        return budget;
    }

    // The label stands for something only when it stands alone.
    private static void Strip(Map selector)
    {
        if (selector["matchExpressions"].AsSequence is not { } expressions)
            return;
        var kept = new Sequence(expressions.Count);
        foreach (var expression in expressions)
        {
            if (expression.AsMap.Text("key") != Label)
                kept.Add(expression);
        }

        selector.Set("matchExpressions", kept);
    }
}
