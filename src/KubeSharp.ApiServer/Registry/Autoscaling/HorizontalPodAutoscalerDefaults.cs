using KubeSharp.ApiMachinery.Documents;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Autoscaling;

/// <summary>pkg/apis/autoscaling/v2/defaults.go SetDefaults_HorizontalPodAutoscaler.</summary>
internal static class HorizontalPodAutoscalerDefaults
{
    private const int DefaultCpuUtilization = 80;
    private const int PeriodSeconds = 15;

    public static void Apply(Map obj) => Sub(obj, "spec", spec =>
    {
        Default(spec, "minReplicas", 1);
        if (spec.GetSequence("metrics") is not { Count: > 0 })
            spec.Set("metrics", CpuUtilization());
        Sub(spec, "behavior", behavior =>
        {
            ApplyToRules(behavior, "scaleUp", Policy("Pods", 4), Policy("Percent", 100));
            ApplyToRules(behavior, "scaleDown", Policy("Percent", 100));
        });
    });

    private static Sequence CpuUtilization()
    {
        var target = new Map { { "type", "Utilization" }, { "averageUtilization", DefaultCpuUtilization } };
        var metrics = new Sequence(1);
        metrics.Add(new Map { { "type", "Resource" }, { "resource", new Map { { "name", "cpu" }, { "target", target } } } });
        return metrics;
    }

    private static Map Policy(string type, int value) => new() { { "type", type }, { "value", value }, { "periodSeconds", PeriodSeconds } };

    private static void ApplyToRules(Map behavior, string key, params ReadOnlySpan<Map> policies)
    {
        var rules = behavior.EditMap(key);
        if (key == "scaleUp")
            Default(rules, "stabilizationWindowSeconds", 0);
        Default(rules, "selectPolicy", "Max", keepEmpty: true);
        if (rules.GetSequence("policies") is not null)
            return;
        var list = new Sequence(policies.Length);
        foreach (var policy in policies)
            list.Add(policy);
        rules.Set("policies", list);
    }
}
