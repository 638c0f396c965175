using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.Apps.WorkloadSpecValidation;

namespace KubeSharp.ApiServer.Registry.Apps;

/// <summary>Replica sets.</summary>
internal static class ReplicaSetValidation
{
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

    /// <summary>Also for replication controllers, whose status is the same but for the terminating pods.</summary>
    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var status = obj.Sub("status");
        ValidateCounters(errors, status, Status, "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration", "terminatingReplicas");
        ValidateAtMost(errors, status, Status, "replicas", "cannot be greater than status.replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas");
        ValidateAtMost(errors, status, Status, "readyReplicas", "cannot be greater than readyReplicas", "availableReplicas");
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, PodValidationOptions options)
    {
        errors.NonNegative(spec, "replicas", Spec);
        errors.NonNegative(spec, "minReadySeconds", Spec);
        ValidateSelectorAndTemplate(errors, spec, options, Spec);
    }
}
