using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Autoscaling;

/// <summary>Autoscalers (pkg/apis/autoscaling/validation/validation.go, v1.36); scaling to zero is an alpha feature and off.</summary>
internal static class HorizontalPodAutoscalerValidation
{
    private const int MaxPeriodSeconds = 1800;
    private const int MaxStabilizationWindowSeconds = 3600;
    private static readonly string[] SelectPolicies = ["Disabled", "Max", "Min"];
    private static readonly string[] PolicyTypes = ["Percent", "Pods"];
    private static readonly string[] MetricTypes = ["ContainerResource", "External", "Object", "Pods", "Resource"];
    private static readonly string[] Sources = ["object", "external", "pods", "resource", "containerResource"];

    private readonly record struct Options(int MinReplicasLowerBound, ReferenceOptions Target, ReferenceOptions Objects);

    private readonly record struct ReferenceOptions(bool AllowEmptyGroup, bool AllowInvalidVersion);

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("spec"), MetadataValidation.Spec, OptionsFor(obj, null));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateSpec(errors, obj.Sub("spec"), MetadataValidation.Spec, OptionsFor(obj, old));
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        errors.NonNegative(obj.Sub("status"), "currentReplicas", MetadataValidation.Status);
        errors.NonNegative(obj.Sub("status"), "desiredReplicas", MetadataValidation.Status);
    }

    private static Options OptionsFor(Map obj, Map? old)
    {
        var objects = new ReferenceOptions(true, false);
        var target = obj.Sub("spec").Sub("scaleTargetRef");
        if (old is null)
            return new Options(1, new ReferenceOptions(target.Text("kind") == "ReplicationController", false), objects);
        var oldSpec = old.Sub("spec");
        var oldTarget = oldSpec.Sub("scaleTargetRef");
        var same = oldTarget.Text("apiVersion") == target.Text("apiVersion") && oldTarget.Text("kind") == target.Text("kind");
        var metrics = oldSpec.List("metrics");
        for (var i = 0; i < metrics.Count; i++)
        {
            if (metrics.At(i).Text("type") == "Object" && metrics.At(i).GetMap("object") is { } source
                && WrongApiVersion(source.Sub("describedObject"), objects) is not null)
                objects = objects with { AllowInvalidVersion = true };
        }

        return new Options(
            oldSpec.GetInteger("minReplicas") == 0 ? 0 : 1,
            new ReferenceOptions(!same && target.Text("kind") == "ReplicationController", same), objects);
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, FieldPath path, Options options)
    {
        var minimum = spec.GetInteger("minReplicas");
        var maximum = spec.Number("maxReplicas");
        if (minimum < options.MinReplicasLowerBound)
            errors.Invalid(path.Child("minReplicas"), minimum.Value, $"must be greater than or equal to {options.MinReplicasLowerBound}");
        if (maximum == 0)
            errors.Required(path.Child("maxReplicas"), "must be set and greater than 0");
        else if (maximum < 0)
            errors.Invalid(path.Child("maxReplicas"), maximum, "must be greater than or equal to 1");
        if (maximum < minimum)
            errors.Invalid(path.Child("maxReplicas"), maximum, "must be greater than or equal to `minReplicas`");
        ValidateReference(errors, spec.Sub("scaleTargetRef"), path.Child("scaleTargetRef"), options.Target);
        ValidateMetrics(errors, spec.List("metrics"), path.Child("metrics"), minimum, options.Objects);
        if (spec.GetMap("behavior") is { } behavior)
        {
            ValidateRules(errors, behavior.GetMap("scaleUp"), path.Child("behavior", "scaleUp"));
            ValidateRules(errors, behavior.GetMap("scaleDown"), path.Child("behavior", "scaleDown"));
        }
    }

    private static void ValidateReference(FieldErrorList errors, Map reference, FieldPath path, ReferenceOptions options)
    {
        MetadataValidation.RequiredSegment(errors, reference, "kind", path);
        MetadataValidation.RequiredSegment(errors, reference, "name", path);
        if (WrongApiVersion(reference, options) is { } detail)
            errors.Invalid(path.Child("apiVersion"), reference.Text("apiVersion"), detail);
    }

    private static string? WrongApiVersion(Map reference, ReferenceOptions options)
    {
        if (options.AllowInvalidVersion)
            return null;
        var version = reference.Text("apiVersion");
        if (version.AsSpan().Count('/') > 1)
            return $"unexpected GroupVersion string: {version}";
        return !options.AllowEmptyGroup && version.IndexOf('/') <= 0 ? "apiVersion must specify API group" : null;
    }

    private static void ValidateMetrics(FieldErrorList errors, Sequence metrics, FieldPath path, long? minimum, ReferenceOptions options)
    {
        var scalesFromZero = false;
        for (var i = 0; i < metrics.Count; i++)
        {
            ValidateMetric(errors, metrics.At(i), path.Index(i), options);
            scalesFromZero |= metrics.At(i).Text("type") is "Object" or "External";
        }

        if (minimum == 0 && !scalesFromZero)
            errors.Forbidden(path, "must specify at least one Object or External metric to support scaling to zero replicas");
    }

    private static void ValidateMetric(FieldErrorList errors, Map metric, FieldPath path, ReferenceOptions options)
    {
        var type = metric.Text("type");
        if (type.Length == 0)
            errors.Required(path.Child("type"), "must specify a metric source type");
        errors.OneOf(path, "type", type, MetricTypes);
        var present = 0;
        foreach (var source in Sources)
        {
            // Only the first source that is there is looked into.
            if (metric.GetMap(source) is { } map && ++present == 1)
                ValidateSource(errors, source, map, path.Child(source), options);
        }

        var expected = type switch
        {
            "Object" => "object",
            "Pods" => "pods",
            "Resource" => "resource",
            "External" => "external",
            "ContainerResource" => "containerResource",
            _ => "",
        };
        if (expected.Length == 0)
            errors.NotSupported(path.Child("type"), type, MetricTypes);
        else if (!metric.Has(expected))
            errors.Required(path.Child(expected), "must populate information for the given metric source");
        if (present == 1)
            return;
        foreach (var source in Sources)
        {
            if (source != expected && metric.Has(source))
                errors.Forbidden(path.Child(source), "must populate the given metric source only");
        }
    }

    private static void ValidateSource(FieldErrorList errors, string kind, Map source, FieldPath path, ReferenceOptions options)
    {
        var target = source.Sub("target");
        var at = path.Child("target");
        switch (kind)
        {
            case "object":
                ValidateReference(errors, source.Sub("describedObject"), path.Child("describedObject"), options);
                ValidateIdentifierAndTarget(errors, source, path);
                if (!target.Has("value") && !target.Has("averageValue"))
                    errors.Required(at.Child("averageValue"), "must set either a target value or averageValue");
                break;
            case "external":
                ValidateIdentifierAndTarget(errors, source, path);
                if (!target.Has("value") && !target.Has("averageValue"))
                    errors.Required(at.Child("averageValue"), "must set either a target value for metric or a per-pod target");
                if (target.Has("value") && target.Has("averageValue"))
                    errors.Forbidden(at.Child("value"), "may not set both a target value for metric and a per-pod target");
                break;
            case "pods":
                ValidateIdentifierAndTarget(errors, source, path);
                if (!target.Has("averageValue"))
                    errors.Required(at.Child("averageValue"), "must specify a positive target averageValue");
                break;
            default:
                ValidateResource(errors, source, path, kind == "containerResource");
                break;
        }
    }

    private static void ValidateResource(FieldErrorList errors, Map source, FieldPath path, bool ofContainer)
    {
        var name = source.Text("name");
        if (name.Length == 0)
            errors.Required(path.Child("name"), "must specify a resource name");
        else if (ofContainer)
            Core.ResourceNames.ValidateContainer(errors, name, path.Child("name"));
        if (ofContainer)
        {
            var container = source.Text("container");
            if (container.Length == 0)
                errors.Required(path.Child("container"), "must specify a container");
            else
                errors.AddInvalid(path.Child("container"), container, NameValidation.IsDns1123Label(container));
        }

        var target = source.Sub("target");
        var at = path.Child("target");
        ValidateTarget(errors, target, at);
        if (!target.Has("averageUtilization") && !target.Has("averageValue"))
            errors.Required(at.Child("averageUtilization"), "must set either a target raw value or a target utilization");
        if (target.Has("averageUtilization") && target.Has("averageValue"))
            errors.Forbidden(at.Child("averageValue"), "may not set both a target raw value and a target utilization");
    }

    private static void ValidateIdentifierAndTarget(FieldErrorList errors, Map source, FieldPath path)
    {
        var name = source.Sub("metric").Text("name");
        if (name.Length == 0)
            errors.Required(path.Child("metric", "name"), "must specify a metric name");
        else
            errors.AddInvalid(path.Child("metric", "name"), name, NameValidation.IsPathSegmentName(name));
        ValidateTarget(errors, source.Sub("target"), path.Child("target"));
    }

    private static void ValidateTarget(FieldErrorList errors, Map target, FieldPath path)
    {
        var type = target.Text("type");
        if (type.Length == 0)
            errors.Required(path.Child("type"), "must specify a metric target type");
        if (type is not ("Utilization" or "Value" or "AverageValue"))
            errors.Invalid(path.Child("type"), type, "must be either Utilization, Value, or AverageValue");
        ValidatePositive(errors, target, "value", path);
        ValidatePositive(errors, target, "averageValue", path);
        if (target.GetInteger("averageUtilization") is { } utilization and < 1)
            errors.Invalid(path.Child("averageUtilization"), utilization, "must be greater than 0");
    }

    private static void ValidatePositive(FieldErrorList errors, Map target, string key, FieldPath path)
    {
        if (target.Has(key) && target.Amount(key) is { Sign: not 1 } amount)
            errors.Invalid(path.Child(key), amount.ToString(), "must be positive");
    }

    private static void ValidateRules(FieldErrorList errors, Map? rules, FieldPath path)
    {
        if (rules is null)
            return;
        var window = rules.Number("stabilizationWindowSeconds");
        if (window < 0)
            errors.Invalid(path.Child("stabilizationWindowSeconds"), window, "must be greater than or equal to zero");
        if (window > MaxStabilizationWindowSeconds)
            errors.Invalid(path.Child("stabilizationWindowSeconds"), window, $"must be less than or equal to {MaxStabilizationWindowSeconds}");
        if (rules.Has("selectPolicy"))
            errors.OneOf(path, "selectPolicy", rules.Text("selectPolicy"), SelectPolicies);
        var policies = rules.List("policies");
        if (policies.Count == 0)
            errors.Required(path.Child("policies"), "must specify at least one Policy");
        for (var i = 0; i < policies.Count; i++)
            ValidatePolicy(errors, policies.At(i), path.Child("policies").Index(i));
        if (rules.Has("tolerance"))
            MetadataValidation.NonNegativeQuantity(errors, rules["tolerance"], path.Child("tolerance"));
    }

    private static void ValidatePolicy(FieldErrorList errors, Map policy, FieldPath path)
    {
        errors.OneOf(path, "type", policy.Text("type"), PolicyTypes);
        var (value, period) = (policy.Number("value"), policy.Number("periodSeconds"));
        if (value <= 0)
            errors.Invalid(path.Child("value"), value, "must be greater than zero");
        if (period <= 0)
            errors.Invalid(path.Child("periodSeconds"), period, "must be greater than zero");
        if (period > MaxPeriodSeconds)
            errors.Invalid(path.Child("periodSeconds"), period, $"must be less than or equal to {MaxPeriodSeconds}");
    }
}
