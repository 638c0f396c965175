using KubeSharp.ApiMachinery.Documents;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>The table of autoscaling/v2 HorizontalPodAutoscalers (formatHPAMetrics in
/// pkg/printers/internalversion/printers.go, v1.36).</summary>
internal static class AutoscalingTables
{
    public static readonly ObjectTable HorizontalPodAutoscalers = new(
        static (obj, now) =>
        [
            Name(obj), $"{Text(obj, "spec", "scaleTargetRef", "kind")}/{Text(obj, "spec", "scaleTargetRef", "name")}",
            Metrics(Items(obj, "spec", "metrics"), Items(obj, "status", "currentMetrics")),
            At(obj, "spec", "minReplicas").AsInteger is { } min ? Format($"{min}") : Unset, Integer(obj, "spec", "maxReplicas"),
            Integer(obj, "status", "currentReplicas"), Age(obj, now),
        ],
        ObjectColumns.Name,
        new("Reference", "string", "", "scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count."),
        new("Targets", "string", "", "metrics contains the specifications for which to use to calculate the desired replica count (the maximum replica count across all metrics will be used).  The desired replica count is calculated multiplying the ratio between the target value and the current value by the current number of pods.  Ergo, metrics used must decrease as the pod count is increased, and vice-versa.  See the individual metric source types for more information about how each type of metric must respond. If not set, the default metric will be set to 80% average CPU utilization."),
        new("MinPods", "string", "", "minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down.  It defaults to 1 pod.  minReplicas is allowed to be 0 if the alpha feature gate HPAScaleToZero is enabled and at least one Object or External metric is configured.  Scaling is active as long as at least one metric value is available."),
        new("MaxPods", "string", "", "maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up. It cannot be less that minReplicas."),
        new("Replicas", "string", "", "currentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the autoscaler."),
        ObjectColumns.Age);

    public static readonly ObjectTable Scales = new(
        static (obj, now) => [Name(obj), Integer(obj, "spec", "replicas"), Integer(obj, "status", "replicas"), Age(obj, now)],
        ObjectColumns.Name with { Format = "" },
        new("Desired", "integer", "", "replicas is the desired number of instances for the scaled object."),
        new("Available", "integer", "", "replicas is the actual number of observed instances of the scaled object."),
        ObjectColumns.Age);

    private static string Metrics(Map[] specs, Map[] statuses)
    {
        if (specs.Length == 0)
            return None;
        var list = string.Join(", ", specs.Take(2).Select((spec, i) => Metric(spec, i < statuses.Length ? statuses[i] : null)));
        return specs.Length > 2 ? Format($"{list} + {specs.Length - 2} more...") : list;
    }

    private static string Metric(Map spec, Map? status) => Text(spec, "type") switch
    {
        "External" => Valued(At(spec, "external").AsMap, At(status, "external").AsMap),
        "Object" => Valued(At(spec, "object").AsMap, At(status, "object").AsMap),
        "Pods" => $"{Current(At(status, "pods").AsMap, "averageValue")}/{Amount(At(spec, "pods").AsMap, "target", "averageValue")}",
        "Resource" => Resource(At(spec, "resource").AsMap, At(status, "resource").AsMap),
        "ContainerResource" => Resource(At(spec, "containerResource").AsMap, At(status, "containerResource").AsMap),
        _ => "<unknown type>",
    };

    private static string Valued(Map? source, Map? status)
    {
        if (At(source, "target", "averageValue").AsString is { } average)
            return $"{TextOr(Unknown, status, "current", "averageValue")}/{average} (avg)";
        return $"{Current(status, "value")}/{Amount(source, "target", "value")}";
    }

    private static string Resource(Map? source, Map? status)
    {
        var name = Text(source, "name");
        if (At(source, "target", "averageValue").AsString is { } average)
            return $"{name}: {Current(status, "averageValue")}/{average}";
        var current = At(status, "current", "averageUtilization").AsInteger is { } used ? Format($"{used}%") : Unknown;
        var target = At(source, "target", "averageUtilization").AsInteger is { } wanted ? Format($"{wanted}%") : "<auto>";
        return $"{name}: {current}/{target}";
    }

    private static string Current(Map? status, string field) => status is null ? Unknown : Amount(status, "current", field);

    private static string Amount(Map? source, string part, string field) => At(source, part, field).AsString ?? "<nil>";
}
