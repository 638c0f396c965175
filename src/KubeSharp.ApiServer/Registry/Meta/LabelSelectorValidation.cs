using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry.Meta;

/// <summary>Label selectors as a field of a kind (apimachinery/pkg/apis/meta/v1/validation); the rules themselves are
/// <see cref="LabelValidation"/>'s.</summary>
internal static class LabelSelectorValidation
{
    /// <summary>Checks the selector under <paramref name="key"/>; an absent one has nothing to check.</summary>
    public static void Validate(FieldErrorList errors, Map parent, string key, FieldPath path, bool allowInvalidValues = false)
    {
        if (parent.GetMap(key) is { } selector)
            LabelValidation.ValidateLabelSelector(errors, selector, path.Child(key), allowInvalidValues);
    }

    /// <summary>Whether a stored selector is in any way invalid, which loosens the check of its successor.</summary>
    public static bool IsInvalid(Map? selector)
    {
        if (selector is null)
            return false;
        var errors = new FieldErrorList();
        LabelValidation.ValidateLabelSelector(errors, selector, MetadataValidation.Path);
        return errors.Count > 0;
    }

    /// <summary>The selector as errors print it: it has JSON names inside the server too, so that what is empty is left out.
    /// Null when there is none.</summary>
    public static Value Print(Value selector)
    {
        if (selector.AsMap is not { } map)
            return Value.Null;
        var printed = map.DeepClone();
        NormalForm.Apply(printed, BuiltInSchema.Get("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"), Empties.AsPrinted);
        return printed;
    }

    /// <summary>ValidateImmutableField of a selector.</summary>
    public static void Immutable(FieldErrorList errors, Value selector, Value old, FieldPath path)
    {
        if (!selector.SemanticallyEquals(old) || selector.IsNullOrUndefined != old.IsNullOrUndefined)
            errors.Invalid(path, Print(selector), ValidationMessages.FieldImmutable);
    }

    /// <summary>Whether the selector selects nothing in particular: no labels and no expressions.</summary>
    public static bool IsEmpty(Map? selector) => selector.Sub("matchLabels").Count == 0 && selector.List("matchExpressions").Count == 0;
}
