using System.Buffers;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Autoscaling;

/// <summary>
/// autoscaling/v1 to and from v2 (pkg/apis/autoscaling/v1/conversion.go, v1.36): v1 knows CPU utilization only; all other
/// metrics, conditions and behaviour travel in annotations.
/// </summary>
internal sealed class HorizontalPodAutoscalerV1Converter : IVersionConverter
{
    private const string MetricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics";
    private const string CurrentAnnotation = "autoscaling.alpha.kubernetes.io/current-metrics";
    private const string ConditionsAnnotation = "autoscaling.alpha.kubernetes.io/conditions";
    private const string BehaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior";

    public Map ToStorage(Map versioned)
    {
        // Nothing is shared: parts of the original are read while the copy changes.
        var result = versioned.DeepClone();
        var annotations = versioned.GetMap("metadata")?.GetMap("annotations");
        if (versioned.GetMap("spec") is { } spec)
        {
            var stored = result.EditMap("spec");
            stored.Remove("targetCPUUtilizationPercentage");
            var metrics = new Sequence();
            if (spec.GetInteger("targetCPUUtilizationPercentage") is { } target)
                metrics.Add(CpuMetric("target", new Map(2) { { "type", "Utilization" }, { "averageUtilization", target } }));
            foreach (var metric in FromAnnotation(annotations, MetricsAnnotation).AsSequence ?? Sequence.Empty)
                metrics.Add(MetricForms.FromV1(metric.AsMap ?? Map.Empty, MetricForms.Target));
            if (metrics.Count > 0)
                stored.Set("metrics", metrics);
            if (FromAnnotation(annotations, BehaviorAnnotation).AsMap is { } behavior)
                stored.Set("behavior", MetricForms.BehaviorFromInternal(behavior));
        }

        if (versioned.GetMap("status") is { } status)
        {
            var stored = result.EditMap("status");
            stored.Remove("currentCPUUtilizationPercentage");
            var current = new Sequence();
            if (status.GetInteger("currentCPUUtilizationPercentage") is { } utilization)
                current.Add(CpuMetric("current", new Map(1) { { "averageUtilization", utilization } }));
            // The annotation says more than the field.
            if (FromAnnotation(annotations, CurrentAnnotation).AsSequence is { } known)
            {
                current = new Sequence(known.Count);
                foreach (var metric in known)
                    current.Add(MetricForms.FromV1(metric.AsMap ?? Map.Empty, MetricForms.Current));
            }

            stored.Set("currentMetrics", current.Count > 0 ? current : Value.Null);
            if (FromAnnotation(annotations, ConditionsAnnotation).AsSequence is { } conditions)
                stored.Set("conditions", conditions);
        }

        if (annotations is not null)
        {
            var kept = result.EditMap("metadata").EditMap("annotations");
            foreach (var name in (ReadOnlySpan<string>)[MetricsAnnotation, CurrentAnnotation, ConditionsAnnotation, BehaviorAnnotation])
                kept.Remove(name);
            if (kept.Count == 0)
                result.EditMap("metadata").Remove("annotations");
        }

        return result;
    }

    public Map FromStorage(Map stored)
    {
        var result = stored.DeepClone();
        if (stored.GetMap("spec") is { } spec)
        {
            var versioned = result.EditMap("spec");
            versioned.Remove("metrics");
            versioned.Remove("behavior");
            var others = new Sequence();
            foreach (var metric in spec.GetSequence("metrics") ?? Sequence.Empty)
            {
                if (versioned["targetCPUUtilizationPercentage"].IsUndefined && CpuUtilization(metric, "target") is { } target)
                    versioned.Set("targetCPUUtilizationPercentage", target);
                else
                    others.Add(MetricForms.ToV1(metric.AsMap ?? Map.Empty, MetricForms.Target));
            }

            Annotate(result, MetricsAnnotation, others.Count > 0 ? others : default(Value));
            if (spec.GetMap("behavior") is { } behavior)
                Annotate(result, BehaviorAnnotation, MetricForms.BehaviorToInternal(behavior));
        }

        if (stored.GetMap("status") is { } status)
        {
            var versioned = result.EditMap("status");
            versioned.Remove("currentMetrics");
            versioned.Remove("conditions");
            var others = new Sequence();
            foreach (var metric in status.GetSequence("currentMetrics") ?? Sequence.Empty)
            {
                // What fits the field is in the annotation too, for the raw value's sake.
                if (CpuUtilization(metric, "current") is { } current)
                    versioned.Set("currentCPUUtilizationPercentage", current);
                others.Add(MetricForms.ToV1(metric.AsMap ?? Map.Empty, MetricForms.Current));
            }

            Annotate(result, CurrentAnnotation, others.Count > 0 ? others : default(Value));
            Annotate(result, ConditionsAnnotation, status["conditions"]);
            foreach (var required in (ReadOnlySpan<string>)["currentReplicas", "desiredReplicas"])
            {
                if (!versioned.ContainsKey(required))
                    versioned.Set(required, 0);
            }
        }

        return result;
    }

    private static Map CpuMetric(string part, Map value) => new(2)
    {
        { "type", "Resource" },
        { "resource", new Map(2) { { "name", "cpu" }, { part, value } } },
    };

    private static long? CpuUtilization(Value metric, string part) =>
        metric.AsMap is { } map && map.GetString("type") == "Resource" && map.GetMap("resource") is { } resource && resource.GetString("name") == "cpu"
            ? resource.GetMap(part)?.GetInteger("averageUtilization")
            : null;

    private static Value FromAnnotation(Map? annotations, string name) =>
        annotations?.GetString(name) is { } json ? JsonDecoder.DecodeValue(System.Text.Encoding.UTF8.GetBytes(json)) : default;

    private static void Annotate(Map obj, string name, Value value)
    {
        if (value.IsNullOrUndefined)
            return;
        var json = new ArrayBufferWriter<byte>();
        JsonEncoder.Encode(value, json);
        obj.EditMap("metadata").EditMap("annotations").Set(name, System.Text.Encoding.UTF8.GetString(json.WrittenSpan));
    }
}
