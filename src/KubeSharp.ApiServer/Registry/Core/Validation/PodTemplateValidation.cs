using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Pod templates within other kinds (ValidatePodTemplateSpec in pkg/apis/core/validation/validation.go, v1.36), and the
/// kind PodTemplate.</summary>
internal static class PodTemplateValidation
{
    private static readonly FieldPath Template = new("template");

    public static void ValidateSpec(FieldErrorList errors, Map template, PodValidationOptions options, FieldPath path)
    {
        var (metadata, spec) = (template.Sub("metadata"), template.Sub("spec"));
        var (annotations, annotationsPath) = (metadata.Sub("annotations"), path.Child("annotations"));
        LabelValidation.ValidateLabels(errors, metadata.GetMap("labels"), path.Child("labels"));
        ObjectMetaValidation.ValidateAnnotations(errors, annotations, annotationsPath);
        PodAnnotationValidation.Validate(errors, annotations, spec, options, annotationsPath);
        PodSpecValidation.Validate(errors, spec, null, options, path.Child("spec"));
        PodAnnotationValidation.ValidateProfiles(errors, annotations, spec, path.Child("spec"));
        if (spec.List("ephemeralContainers").Count > 0)
            errors.Forbidden(path.Child("spec", "ephemeralContainers"), "ephemeral containers not allowed in pod template");
    }

    /// <summary>Options for a template whose predecessor is given; null on creation.</summary>
    public static PodValidationOptions OptionsFor(Map? oldTemplate) =>
        PodValidationOptions.For(oldTemplate?.GetMap("spec"), oldTemplate?.GetMap("metadata"), resourceIsPod: false);

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("template"), PodValidationOptions.Create, Template);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateSpec(errors, obj.Sub("template"), OptionsFor(old.GetMap("template")), Template);
    }
}
