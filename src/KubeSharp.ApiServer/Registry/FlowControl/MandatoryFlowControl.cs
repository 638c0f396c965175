using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.FlowControl;

/// <summary>The objects whose spec nobody may change (pkg/apis/flowcontrol/validation/validation.go, v1.36).</summary>
internal static class MandatoryFlowControl
{
    private static readonly Map CatchAllLevel = SpecOf(BootstrapFlowControl.MandatoryPriorityLevels, "catch-all")!;
    private static readonly Map ExemptLevel = new() { { "type", "Exempt" } };

    /// <summary>The spec that a flow schema of this name must have; null when it is free.</summary>
    public static Map? FlowSchema(string name) => SpecOf(BootstrapFlowControl.MandatoryFlowSchemas, name);

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

    private static Map? SpecOf(IReadOnlyList<Map> objects, string name)
    {
        foreach (var obj in objects)
        {
            if (obj.Name() == name)
                return obj.Sub("spec");
        }

        return null;
    }
}
