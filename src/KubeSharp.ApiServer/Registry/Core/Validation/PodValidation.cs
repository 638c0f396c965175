using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Pods on creation and on update of all but their status (ValidatePodCreate and ValidatePodUpdate in
/// pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class PodValidation
{
    private static readonly FieldPath Spec = MetadataValidation.Spec;
    private static readonly FieldPath Annotations = MetadataValidation.Path.Child("annotations");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        ValidateMetadataAndSpec(errors, obj, PodValidationOptions.CreatePod);
        var spec = obj.Sub("spec");
        if (spec.List("ephemeralContainers").Count > 0)
            errors.Forbidden(Spec.Child("ephemeralContainers"), "cannot be set on create");
        if (spec.Text("nodeName").Length > 0 && spec.List("schedulingGates").Count > 0)
            errors.Forbidden(Spec.Child("nodeName"), "cannot be set until all schedulingGates have been cleared");
        PodAnnotationValidation.ValidateProfiles(errors, obj.Sub("metadata").Sub("annotations"), spec, Spec);
    }

    /// <summary>Options for a change of a stored pod.</summary>
    public static PodValidationOptions OptionsFor(Map old) => PodValidationOptions.For(old.Sub("spec"), old.Sub("metadata"), resourceIsPod: true);

    public static void ValidateMetadataAndSpec(FieldErrorList errors, Map obj, PodValidationOptions options)
    {
        var (metadata, spec) = (obj.Sub("metadata"), obj.Sub("spec"));
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        PodAnnotationValidation.Validate(errors, metadata.Sub("annotations"), spec, options, Annotations);
        PodSpecValidation.Validate(errors, spec, metadata, options, Spec);
        if (spec.Text("serviceAccountName").Length == 0)
            ForbidTokens(errors, spec.List("volumes"));
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            var containers = spec.List(list);
            for (var i = 0; i < containers.Count; i++)
                ContainerValidation.ValidateImageOfPod(errors, containers.At(i), Spec.Child(list).Index(i));
        }
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var options = OptionsFor(old);
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateMetadataAndSpec(errors, obj, options);
        PodAnnotationValidation.ValidateUpdate(errors, obj.Sub("metadata").Sub("annotations"), old.Sub("metadata").Sub("annotations"), Annotations);
        var (spec, before) = (obj.Sub("spec"), old.Sub("spec"));
        if (!ValidateContainers(errors, spec, before, "containers") || !ValidateContainers(errors, spec, before, "initContainers")
            || !ValidateDeadline(errors, spec, before))
            return;
        TolerationValidation.ValidateOnlyAdded(errors, spec.List("tolerations"), before.List("tolerations"), options, Spec.Child("tolerations"));
        PodSpecChange.ValidateGates(errors, spec.List("schedulingGates"), before.List("schedulingGates"), Spec.Child("schedulingGates"));
        PodSpecChange.ValidateRest(errors, spec, before, Spec);
    }

    private static void ForbidTokens(FieldErrorList errors, Sequence volumes)
    {
        for (var i = 0; i < volumes.Count; i++)
        {
            var sources = volumes.At(i).Sub("projected").List("sources");
            for (var j = 0; j < sources.Count; j++)
            {
                if (sources.At(j).Has("serviceAccountToken"))
                    errors.Forbidden(Spec.Child("volumes").Index(i).Child("projected", "sources").Index(j).Child("serviceAccountToken"), "must not be specified when serviceAccountName is not set");
            }
        }
    }

    /// <summary>ValidateContainerUpdates; false when nothing further is worth looking at.</summary>
    private static bool ValidateContainers(FieldErrorList errors, Map spec, Map old, string list)
    {
        var (containers, path) = (spec.List(list), Spec.Child(list));
        if (containers.Count != old.List(list).Count)
        {
            errors.Forbidden(path, "pod updates may not add or remove containers");
            return false;
        }

        for (var i = 0; i < containers.Count; i++)
        {
            if (containers.At(i).Text("image").Length == 0)
                errors.Required(path.Index(i).Child("image"));
            ContainerValidation.ValidateImageOfPod(errors, containers.At(i), path.Index(i));
        }

        return true;
    }

    /// <summary>A deadline may be set and brought forward, not put off or taken away.</summary>
    private static bool ValidateDeadline(FieldErrorList errors, Map spec, Map old)
    {
        var (now, before, path) = (spec.GetInteger("activeDeadlineSeconds"), old.GetInteger("activeDeadlineSeconds"), Spec.Child("activeDeadlineSeconds"));
        if (now is < 0 or > int.MaxValue)
        {
            errors.Invalid(path, now.Value, ValidationMessages.Between(0, int.MaxValue));
            return false;
        }

        if (now > before)
        {
            errors.Invalid(path, now.Value, "must be less than or equal to previous value");
            return false;
        }

        if (now is null && before is not null)
            errors.Invalid(path, Value.Null, "must not update from a positive integer to nil value");
        return true;
    }
}
