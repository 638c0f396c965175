using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry.Meta;

/// <summary>The checks that nearly every kind begins with, and some that many share.</summary>
internal static class MetadataValidation
{
    public static readonly FieldPath Path = new("metadata");
    public static readonly FieldPath Spec = new("spec");
    public static readonly FieldPath Status = new("status");

    /// <summary>ValidateObjectMeta for a namespaced kind.</summary>
    public static void ValidateNamespaced(FieldErrorList errors, Map obj, ValidateName rule)
    {
        ObjectMetaValidation.Validate(errors, obj.Sub("metadata"), true, rule, Path);
        ValidateFinalizers(errors, obj);
    }

    /// <summary>ValidateObjectMeta for a cluster-scoped kind.</summary>
    public static void ValidateCluster(FieldErrorList errors, Map obj, ValidateName rule)
    {
        ObjectMetaValidation.Validate(errors, obj.Sub("metadata"), false, rule, Path);
        ValidateFinalizers(errors, obj);
    }

    /// <summary>apimachinery's ValidateObjectMeta, which lets any finalizer pass.</summary>
    public static void ValidateGenericCluster(FieldErrorList errors, Map obj, ValidateName rule) =>
        ObjectMetaValidation.Validate(errors, obj.Sub("metadata"), false, rule, Path);

    /// <summary>ValidateObjectMetaUpdate.</summary>
    public static void ValidateUpdate(FieldErrorList errors, Map obj, Map old)
    {
        ObjectMetaValidation.ValidateUpdate(errors, obj.Sub("metadata"), old.Sub("metadata"), Path);
        ValidateFinalizers(errors, obj);
    }

    /// <summary>A finalizer without a domain must be one of Kubernetes' own (pkg/apis/core/validation).</summary>
    public static void ValidateFinalizerName(FieldErrorList errors, string finalizer, FieldPath path)
    {
        if (!finalizer.Contains('/') && finalizer is not ("kubernetes" or "orphan" or "foregroundDeletion"))
            errors.Invalid(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified");
    }

    private static void ValidateFinalizers(FieldErrorList errors, Map obj)
    {
        var finalizers = obj.Sub("metadata").List("finalizers");
        for (var i = 0; i < finalizers.Count; i++)
        {
            if (!finalizers.TextAt(i).Contains('/'))
                ValidateFinalizerName(errors, finalizers.TextAt(i), Path.Child("finalizers").Index(i));
        }
    }

    /// <summary>A status update whose only rules are those of the metadata.</summary>
    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) => ValidateUpdate(errors, obj, old);

    public static void NonNegativeQuantity(FieldErrorList errors, Value value, FieldPath path)
    {
        var amount = Quantity.FromValue(value);
        if (amount.Sign < 0)
            errors.Invalid(path, amount.ToString(), ValidationMessages.Negative);
    }

    /// <summary>One error for each message about the name of another object.</summary>
    public static void Name(FieldErrorList errors, string name, ValidateName rule, FieldPath path) => errors.AddInvalid(path, name, rule(name, false));

    /// <summary>Required, and no path separator (content.IsPathSegmentName).</summary>
    public static void RequiredSegment(FieldErrorList errors, Map map, string key, FieldPath parent)
    {
        var value = map.Text(key);
        if (value.Length == 0)
            errors.Required(parent.Child(key));
        else
            errors.AddInvalid(parent.Child(key), value, NameValidation.IsPathSegmentName(value));
    }
}
