using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Apps;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Replication controllers (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class ReplicationControllerValidation
{
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, LongName);
        ValidateSpec(errors, obj.Sub("spec"), PodValidationOptions.Create);
    }

    /// <summary>The rule of declarative validation, which counts in bytes.</summary>
    private static IReadOnlyList<string> LongName(string name, bool prefix)
    {
        var messages = NameRules.DnsSubdomain(name, prefix);
        return messages.Count == 0 || name.Length <= NameValidation.Dns1123SubdomainMaxLength ? messages
            : [ValidationMessages.MaxBytes(NameValidation.Dns1123SubdomainMaxLength), .. messages.Skip(1)];
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateSpec(errors, obj.Sub("spec"), PodTemplateValidation.OptionsFor(old.Sub("spec").GetMap("template")));
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, PodValidationOptions options)
    {
        errors.NonNegative(spec, "minReadySeconds", Spec);
        if (spec.Sub("selector").Count == 0)
            errors.Required(Spec.Child("selector"));
        if (!spec.Has("replicas"))
            errors.Required(Spec.Child("replicas"));
        else
            errors.NonNegative(spec, "replicas", Spec);
        if (spec.GetMap("template") is not { } template)
        {
            errors.Required(Spec.Child("template"));
            return;
        }

        WorkloadSpecValidation.ValidateMatch(errors, LabelSelector.FromSet(spec.GetMap("selector")), spec, Spec);
        PodTemplateValidation.ValidateSpec(errors, template, options, Spec.Child("template"));
        WorkloadSpecValidation.ValidateEndless(errors, template, Spec.Child("template"), "ReplicationController");
    }
}
