using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Policy;

/// <summary>Disruption budgets (pkg/apis/policy/validation/validation.go, v1.36); upstream leaves the metadata to the generic
/// checks.</summary>
internal static class PodDisruptionBudgetValidation
{
    private static readonly string[] EvictionPolicies = ["AlwaysAllow", "IfHealthyBudget"];
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors) => ValidateSpec(errors, obj.Sub("spec"), false);

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) =>
        ValidateSpec(errors, obj.Sub("spec"), LabelSelectorValidation.IsInvalid(old.Sub("spec").GetMap("selector")));

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var (status, path) = (obj.Sub("status"), MetadataValidation.Status);
        ConditionValidation.Validate(errors, status.List("conditions"), path.Child("conditions"));
        foreach (var field in (ReadOnlySpan<string>)["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"])
            errors.NonNegative(status, field, path);
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, bool allowInvalidValues)
    {
        if (spec.Has("minAvailable") && spec.Has("maxUnavailable"))
            errors.Invalid(Spec, InternalForm.Of(spec, new("policy", "v1", "PodDisruptionBudget"), "spec"), "minAvailable and maxUnavailable cannot be both set");
        ValidateAmount(errors, spec, "minAvailable");
        ValidateAmount(errors, spec, "maxUnavailable");
        LabelSelectorValidation.Validate(errors, spec, "selector", Spec, allowInvalidValues);
        if (spec.GetString("unhealthyPodEvictionPolicy") is { } policy)
            errors.OneOf(Spec, "unhealthyPodEvictionPolicy", policy, EvictionPolicies);
    }

    private static void ValidateAmount(FieldErrorList errors, Map spec, string key)
    {
        if (spec[key].AsInteger is { } number && number < 0)
            errors.Invalid(Spec.Child(key), number, ValidationMessages.Negative);
        if (spec[key].AsString is not { } percent)
            return;
        var messages = NameValidation.IsValidPercent(percent);
        errors.AddInvalid(Spec.Child(key), percent, messages);
        if (messages.Count == 0 && double.Parse(percent.AsSpan(0, percent.Length - 1), CultureInfo.InvariantCulture) > 100)
            errors.Invalid(Spec.Child(key), percent, "must not be greater than 100%");
    }
}
