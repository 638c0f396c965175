using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.Apps.WorkloadSpecValidation;

namespace KubeSharp.ApiServer.Registry.Apps;

/// <summary>Deployments (pkg/apis/apps/validation/validation.go, v1.36).</summary>
internal static class DeploymentValidation
{
    private static readonly string[] StrategyTypes = ["Recreate", "RollingUpdate"];
    private static readonly FieldPath Spec = MetadataValidation.Spec;
    private static readonly FieldPath Status = MetadataValidation.Status;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("spec"), PodValidationOptions.Create);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateSpec(errors, obj.Sub("spec"), PodTemplateValidation.OptionsFor(old.Sub("spec").GetMap("template")));
        LabelSelectorValidation.Immutable(errors, obj.Sub("spec")["selector"], old.Sub("spec")["selector"], Spec.Child("selector"));
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var status = obj.Sub("status");
        ValidateCounters(errors, status, Status, "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas",
            "unavailableReplicas", "terminatingReplicas", "collisionCount");
        ValidateAtMost(errors, status, Status, "replicas", "cannot be greater than status.replicas", "updatedReplicas", "readyReplicas", "availableReplicas");
        ValidateAtMost(errors, status, Status, "readyReplicas", "cannot be greater than readyReplicas", "availableReplicas");
        ValidateCollisions(errors, obj, old);
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, PodValidationOptions options)
    {
        errors.NonNegative(spec, "replicas", Spec);
        ValidateSelectorAndTemplate(errors, spec, options, Spec);
        ValidateStrategy(errors, spec.Sub("strategy"), Spec.Child("strategy"));
        errors.NonNegative(spec, "minReadySeconds", Spec);
        errors.NonNegative(spec, "revisionHistoryLimit", Spec);
        if (spec.GetInteger("progressDeadlineSeconds") is not { } deadline)
            return;
        errors.NonNegative(spec, "progressDeadlineSeconds", Spec);
        if (deadline <= spec.Number("minReadySeconds"))
            errors.Invalid(Spec.Child("progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds");
    }

    private static void ValidateStrategy(FieldErrorList errors, Map strategy, FieldPath path)
    {
        switch (strategy.Text("type"))
        {
            case "Recreate":
                if (strategy.Has("rollingUpdate"))
                    errors.Forbidden(path.Child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'");
                break;
            case "RollingUpdate":
                ValidateRolling(errors, strategy.Sub("rollingUpdate"), path.Child("rollingUpdate"));
                break;
            default:
                errors.NotSupported(path, InternalForm.Of(strategy, new("apps", "v1", "Deployment"), "spec", "strategy"), StrategyTypes);
                break;
        }
    }

    private static void ValidateRolling(FieldErrorList errors, Map rolling, FieldPath path)
    {
        ValidateIntOrPercent(errors, rolling, "maxUnavailable", path);
        ValidateIntOrPercent(errors, rolling, "maxSurge", path);
        if (IntOrPercent(rolling, "maxUnavailable") == 0 && IntOrPercent(rolling, "maxSurge") == 0)
            errors.Invalid(path.Child("maxUnavailable"), rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
        ValidateAtMost100Percent(errors, rolling, "maxUnavailable", path);
    }
}
