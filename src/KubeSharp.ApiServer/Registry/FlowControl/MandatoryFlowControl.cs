using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.FlowControl;

/// <summary>The objects whose spec nobody may change (apiserver/pkg/apis/flowcontrol/bootstrap/default.go, v1.36).</summary>
internal static class MandatoryFlowControl
{
    private static readonly Map ExemptSchema = Schema("exempt", 1, null, "system:masters");
    private static readonly Map CatchAllSchema = Schema("catch-all", 10000, "ByUser", "system:unauthenticated", "system:authenticated");

    private static readonly Map CatchAllLevel = new()
    {
        { "type", "Limited" },
        {
            "limited", new Map
            {
                { "nominalConcurrencyShares", 5 },
                { "limitResponse", new Map { { "type", "Reject" } } },
                { "lendablePercent", 0 },
            }
        },
    };

    private static readonly Map ExemptLevel = new() { { "type", "Exempt" } };

    /// <summary>The spec that a flow schema of this name must have; null when it is free.</summary>
    public static Map? FlowSchema(string name) => name switch
    {
        "exempt" => ExemptSchema,
        "catch-all" => CatchAllSchema,
        _ => null,
    };

    /// <summary>What is wrong with the spec of a priority level of this name; null when nothing is.</summary>
    public static string? PriorityLevelProblem(string name, Map spec)
    {
        if (name == "exempt")
        {
            var rest = spec.ShallowClone();
            rest.Remove("exempt");
            return ((Value)rest).SemanticallyEquals(ExemptLevel) ? null : "spec of 'exempt' except the 'spec.exempt' field must equal the fixed value";
        }

        return name != "catch-all" || ((Value)spec).SemanticallyEquals(CatchAllLevel) ? null : "spec of 'catch-all' must equal the fixed value";
    }

    private static Map Schema(string level, int precedence, string? distinguisher, params string[] groups)
    {
        var subjects = new Sequence();
        foreach (var group in groups)
            subjects.Add(new Map { { "kind", "Group" }, { "group", new Map { { "name", group } } } });
        var rule = new Map
        {
            { "subjects", subjects },
            {
                "resourceRules", List(new Map
                {
                    { "verbs", List("*") }, { "apiGroups", List("*") }, { "resources", List("*") }, { "clusterScope", true }, { "namespaces", List("*") },
                })
            },
            { "nonResourceRules", List(new Map { { "verbs", List("*") }, { "nonResourceURLs", List("*") } }) },
        };
        var spec = new Map { { "priorityLevelConfiguration", new Map { { "name", level } } }, { "matchingPrecedence", precedence } };
        if (distinguisher is not null)
            spec.Set("distinguisherMethod", new Map { { "type", distinguisher } });
        spec.Set("rules", List(rule));
        spec.Freeze();
        return spec;
    }

    private static Sequence List(Value item)
    {
        var list = new Sequence(1);
        list.Add(item);
        return list;
    }
}
