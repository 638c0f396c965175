using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Namespaces and service accounts (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class NamespaceValidation
{
    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsLabel);
        var finalizers = obj.Sub("spec").List("finalizers");
        for (var i = 0; i < finalizers.Count; i++)
            ValidateFinalizer(errors, finalizers.TextAt(i), MetadataValidation.Spec.Child("finalizers"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        Validate(context, obj, errors);
        MetadataValidation.ValidateUpdate(errors, obj, old);
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var phase = obj.Sub("status").Text("phase");
        var deleted = obj.Sub("metadata").Has("deletionTimestamp");
        if (!deleted && phase != "Active")
            errors.Invalid(MetadataValidation.Status.Child("Phase"), phase, "may only be 'Active' if `deletionTimestamp` is empty");
        else if (deleted && phase != "Terminating")
            errors.Invalid(MetadataValidation.Status.Child("Phase"), phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
    }

    /// <summary>ValidateNamespaceFinalizeUpdate.</summary>
    public static void ValidateFinalize(FieldErrorList errors, Map obj, Map old)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var finalizers = obj.Sub("spec").List("finalizers");
        for (var i = 0; i < finalizers.Count; i++)
            ValidateFinalizer(errors, finalizers.TextAt(i), MetadataValidation.Spec.Child("finalizers").Index(i));
    }

    private static void ValidateFinalizer(FieldErrorList errors, string finalizer, FieldPath path)
    {
        errors.AddInvalid(path, finalizer, NameValidation.IsQualifiedName(finalizer));
        MetadataValidation.ValidateFinalizerName(errors, finalizer, path);
    }
}

/// <summary>Service accounts, of which only the metadata is checked (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class ServiceAccountValidation
{
    public static void Validate(OperationContext context, Map obj, FieldErrorList errors) =>
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        Validate(context, obj, errors);
    }
}
