using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.Apps.WorkloadSpecValidation;

namespace KubeSharp.ApiServer.Registry.Apps;

/// <summary>Daemon sets (pkg/apis/apps/validation/validation.go, v1.36). The generation of the template is not the
/// client's to set, so that there is nothing to check of it.</summary>
internal static class DaemonSetValidation
{
    private static readonly string[] StrategyTypes = ["RollingUpdate", "OnDelete"];
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("spec"), PodValidationOptions.Create);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var (spec, before) = (obj.Sub("spec"), old.Sub("spec"));
        var options = PodTemplateValidation.OptionsFor(before.GetMap("template"));
        if (LabelValidation.HasInvalidValue(before.GetMap("selector")))
            options = options with { AllowInvalidLabelValueInSelector = true };
        MetadataValidation.ValidateUpdate(errors, obj, old);
        LabelSelectorValidation.Immutable(errors, spec["selector"], before["selector"], Spec.Child("selector"));
        ValidateSpec(errors, spec, options);
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateCounters(errors, obj.Sub("status"), MetadataValidation.Status, "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled",
            "numberReady", "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount");
        ValidateCollisions(errors, obj, old);
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, PodValidationOptions options)
    {
        var selector = spec.GetMap("selector");
        LabelSelectorValidation.Validate(errors, spec, "selector", Spec, options.AllowInvalidLabelValueInSelector);
        if (LabelSelector.TryFromMeta(selector, out var parsed, out _))
            ValidateMatch(errors, parsed, spec, Spec);
        if (selector is not null && LabelSelectorValidation.IsEmpty(selector))
            errors.Invalid(Spec.Child("selector"), new Map(0), "empty selector is invalid for daemonset");
        PodTemplateValidation.ValidateSpec(errors, spec.Sub("template"), options, Spec.Child("template"));
        ValidateEndless(errors, spec.Sub("template"), Spec.Child("template"), "DaemonSet");
        errors.NonNegative(spec, "minReadySeconds", Spec);
        ValidateStrategy(errors, spec.Sub("updateStrategy"), Spec.Child("updateStrategy"));
        errors.NonNegative(spec, "revisionHistoryLimit", Spec);
    }

    private static void ValidateStrategy(FieldErrorList errors, Map strategy, FieldPath path)
    {
        if (strategy.Text("type") == "OnDelete")
            return;
        if (strategy.Text("type") != "RollingUpdate")
        {
            errors.NotSupported(path, InternalForm.Of(strategy, new("apps", "v1", "DaemonSet"), "spec", "updateStrategy"), StrategyTypes);
            return;
        }

        path = path.Child("rollingUpdate");
        if (strategy.GetMap("rollingUpdate") is not { } rolling)
        {
            errors.Required(path);
            return;
        }

        ValidateIntOrPercent(errors, rolling, "maxUnavailable", path);
        ValidateIntOrPercent(errors, rolling, "maxSurge", path);
        ValidateAtMost100Percent(errors, rolling, "maxUnavailable", path);
        ValidateAtMost100Percent(errors, rolling, "maxSurge", path);
        var (unavailable, surge) = (IntOrPercent(rolling, "maxUnavailable") != 0, IntOrPercent(rolling, "maxSurge") != 0);
        if (unavailable && surge)
            errors.Invalid(path.Child("maxSurge"), rolling["maxSurge"], "may not be set when maxUnavailable is non-zero");
        else if (!unavailable && !surge)
            errors.Required(path.Child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
    }
}
