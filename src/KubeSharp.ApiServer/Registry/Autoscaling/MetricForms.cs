using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Autoscaling;

/// <summary>
/// Metrics of autoscaling/v2 in the flat form that v1 keeps in annotations, and back; keys in the order of the v1 structs,
/// because annotations are text (pkg/apis/autoscaling/v1/conversion.go, k8s.io/api/autoscaling/v1/types.go; v1.36).
/// </summary>
internal static class MetricForms
{
    /// <summary>What tells targets ("target...") from observations ("current...").</summary>
    public const string Target = "target";
    public const string Current = "current";

    /// <summary>A metric spec or status of v2 in v1's form.</summary>
    public static Map ToV1(Map metric, string part)
    {
        var result = new Map { { "type", metric.Text("type") } };
        if (metric.GetMap("object") is { } obj)
        {
            var value = obj.Sub(part);
            var flat = new Map { { "target", Reference(obj.Sub("describedObject")) }, { "metricName", obj.Sub("metric").Text("name") } };
            flat.Set(Name(part, "Value"), Or(value["value"], "0"));
            Copy(flat, "selector", obj.Sub("metric")["selector"]);
            Copy(flat, "averageValue", value["averageValue"]);
            result.Set("object", flat);
        }

        if (metric.GetMap("pods") is { } pods)
        {
            var flat = new Map { { "metricName", pods.Sub("metric").Text("name") } };
            flat.Set(Name(part, "AverageValue"), Or(pods.Sub(part)["averageValue"], "0"));
            Copy(flat, "selector", pods.Sub("metric")["selector"]);
            result.Set("pods", flat);
        }

        if (metric.GetMap("resource") is { } resource)
            result.Set("resource", Resource(resource, part));
        if (metric.GetMap("containerResource") is { } container)
        {
            var flat = Resource(container, part);
            flat.Set("container", container["container"]);
            result.Set("containerResource", flat);
        }

        if (metric.GetMap("external") is { } external)
        {
            var flat = new Map { { "metricName", external.Sub("metric").Text("name") } };
            Copy(flat, "metricSelector", external.Sub("metric")["selector"]);
            Copy(flat, Name(part, "Value"), part == Current ? Or(external.Sub(part)["value"], "0") : external.Sub(part)["value"]);
            Copy(flat, Name(part, "AverageValue"), external.Sub(part)["averageValue"]);
            result.Set("external", flat);
        }

        return result;
    }

    /// <summary>A metric of v1's form in v2's.</summary>
    public static Map FromV1(Map metric, string part)
    {
        var result = new Map { { "type", metric.Text("type") } };
        if (metric.GetMap("object") is { } obj)
        {
            var value = obj.Has("averageValue") ? Amount(part, "AverageValue", "averageValue", obj["averageValue"]) : Amount(part, "Value", "value", obj[Name(part, "Value")]);
            result.Set("object", new Map { { "describedObject", Reference(obj.Sub("target")) }, { part, value }, { "metric", Metric(obj.Text("metricName"), obj["selector"]) } });
        }

        if (metric.GetMap("pods") is { } pods)
            result.Set("pods", new Map { { "metric", Metric(pods.Text("metricName"), pods["selector"]) }, { part, Amount(part, "AverageValue", "averageValue", pods[Name(part, "AverageValue")]) } });
        if (metric.GetMap("resource") is { } resource)
            result.Set("resource", new Map { { "name", resource["name"] }, { part, Utilization(resource, part) } });
        if (metric.GetMap("containerResource") is { } container)
            result.Set("containerResource", new Map { { "name", container["name"] }, { part, Utilization(container, part) }, { "container", container["container"] } });
        if (metric.GetMap("external") is { } external)
        {
            var value = external.Has(Name(part, "AverageValue"))
                ? Amount(part, "AverageValue", "averageValue", external[Name(part, "AverageValue")])
                : Amount(part, "Value", "value", external[Name(part, "Value")]);
            result.Set("external", new Map { { "metric", Metric(external.Text("metricName"), external["metricSelector"]) }, { part, value } });
        }

        return result;
    }

    /// <summary>spec.behavior as the internal struct prints, whose fields have no JSON names.</summary>
    public static Map BehaviorToInternal(Map behavior) => new()
    {
        { "ScaleUp", RulesToInternal(behavior.GetMap("scaleUp")) },
        { "ScaleDown", RulesToInternal(behavior.GetMap("scaleDown")) },
    };

    /// <summary>The reverse; names count without regard to case, as Go's decoder takes them.</summary>
    public static Map BehaviorFromInternal(Map behavior)
    {
        var result = new Map();
        foreach (var (key, value) in behavior)
            result.Set(LowerFirst(key), value.AsMap is { } rules ? RulesFromInternal(rules) : default);
        return result;
    }

    private static Value RulesToInternal(Map? rules)
    {
        if (rules is null)
            return Value.Null;
        Value policies = Value.Null;
        if (rules.GetSequence("policies") is { } given)
        {
            var list = new Sequence(given.Count);
            foreach (var policy in given)
                list.Add(new Map { { "Type", policy.AsMap.Text("type") }, { "Value", policy.AsMap.Number("value") }, { "PeriodSeconds", policy.AsMap.Number("periodSeconds") } });
            policies = list;
        }

        return new Map
        {
            { "StabilizationWindowSeconds", OrNull(rules["stabilizationWindowSeconds"]) }, { "SelectPolicy", OrNull(rules["selectPolicy"]) },
            { "Policies", policies }, { "Tolerance", OrNull(rules["tolerance"]) },
        };
    }

    private static Map RulesFromInternal(Map rules)
    {
        var result = new Map();
        foreach (var (key, value) in rules)
        {
            if (value.IsNullOrUndefined)
                continue;
            if (value.AsSequence is not { } policies)
            {
                result.Set(LowerFirst(key), value);
                continue;
            }

            var list = new Sequence(policies.Count);
            foreach (var policy in policies)
                list.Add(RulesFromInternal(policy.AsMap ?? Map.Empty));
            result.Set(LowerFirst(key), list);
        }

        return result;
    }

    private static Map Resource(Map resource, string part)
    {
        var flat = new Map { { "name", resource["name"] } };
        Copy(flat, Name(part, "AverageUtilization"), resource.Sub(part)["averageUtilization"]);
        var average = resource.Sub(part)["averageValue"];
        Copy(flat, Name(part, "AverageValue"), part == Current ? Or(average, "0") : average);
        return flat;
    }

    private static Map Utilization(Map flat, string part)
    {
        var (utilization, average) = (flat[Name(part, "AverageUtilization")], flat[Name(part, "AverageValue")]);
        if (part == Target)
            return utilization.IsNullOrUndefined ? Amount(part, "AverageValue", "averageValue", average) : Amount(part, "Utilization", "averageUtilization", utilization);
        var current = new Map();
        Copy(current, "averageValue", average);
        Copy(current, "averageUtilization", utilization);
        return current;
    }

    /// <summary>One amount, which a target names the type of and an observation does not.</summary>
    private static Map Amount(string part, string type, string field, Value amount)
    {
        var result = new Map();
        if (part == Target)
            result.Set("type", type);
        Copy(result, field, amount);
        return result;
    }

    private static Map Metric(string name, Value selector)
    {
        var metric = new Map { { "name", name } };
        Copy(metric, "selector", selector);
        return metric;
    }

    private static Map Reference(Map reference)
    {
        var result = new Map { { "kind", reference.Text("kind") }, { "name", reference.Text("name") } };
        if (reference.Text("apiVersion") is { Length: > 0 } version)
            result.Set("apiVersion", version);
        return result;
    }

    private static string Name(string part, string suffix) => part + suffix;

    private static string LowerFirst(string text) => text.Length == 0 ? text : char.ToLowerInvariant(text[0]) + text[1..];

    private static void Copy(Map to, string key, Value value)
    {
        if (!value.IsNullOrUndefined)
            to.Set(key, value);
    }

    private static Value Or(Value value, string otherwise) => value.IsNullOrUndefined ? otherwise : value;

    private static Value OrNull(Value value) => value.IsUndefined ? Value.Null : value;
}
