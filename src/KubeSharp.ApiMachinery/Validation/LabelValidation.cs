using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Validation;

/// <summary>Checks of labels and of <c>meta/v1 LabelSelector</c> (apimachinery/pkg/apis/meta/v1/validation/validation.go).</summary>
public static class LabelValidation
{
    public static void ValidateLabels(FieldErrorList errors, Map? labels, FieldPath path)
    {
        foreach (var (key, value) in labels ?? Map.Empty)
        {
            ValidateLabelName(errors, key, path);
            var text = value.AsString ?? "";
            errors.AddInvalid(path, text, NameValidation.IsLabelValue(text));
        }
    }

    public static void ValidateLabelName(FieldErrorList errors, string name, FieldPath path) =>
        errors.AddInvalid(path, name, NameValidation.IsQualifiedName(name));

    /// <summary>Checks a selector; <paramref name="allowInvalidValues"/> is true on an update of an object whose selector already
    /// has an invalid value (<see cref="HasInvalidValue"/>).</summary>
    public static void ValidateLabelSelector(FieldErrorList errors, Map? selector, FieldPath path, bool allowInvalidValues = false)
    {
        if (selector is null)
            return;
        ValidateLabels(errors, selector.GetMap("matchLabels"), path.Child("matchLabels"));
        var expressions = selector.GetSequence("matchExpressions") ?? Sequence.Empty;
        for (var i = 0; i < expressions.Count; i++)
            ValidateRequirement(errors, expressions[i].AsMap ?? Map.Empty, path.Child("matchExpressions").Index(i), allowInvalidValues);
    }

    /// <summary>True when a match expression holds a value that is no valid label value.</summary>
    public static bool HasInvalidValue(Map? selector) =>
        selector?.GetSequence("matchExpressions")?.Any(expression =>
            expression.AsMap?.GetSequence("values")?.Any(value => NameValidation.IsLabelValue(value.AsString ?? "").Count > 0) ?? false) ?? false;

    private static void ValidateRequirement(FieldErrorList errors, Map requirement, FieldPath path, bool allowInvalidValues)
    {
        var values = requirement.GetSequence("values") ?? Sequence.Empty;
        var op = requirement.GetString("operator") ?? "";
        switch (op)
        {
            case "In" or "NotIn":
                if (values.Count == 0)
                    errors.Add(FieldError.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'"));
                break;
            case "Exists" or "DoesNotExist":
                if (values.Count > 0)
                    errors.Add(FieldError.Forbidden(path.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
                break;
            default:
                errors.Add(FieldError.Invalid(path.Child("operator"), op, "not a valid selector operator"));
                break;
        }

        ValidateLabelName(errors, requirement.GetString("key") ?? "", path.Child("key"));
        for (var i = 0; i < values.Count && !allowInvalidValues; i++)
        {
            var value = values[i].AsString ?? "";
            errors.AddInvalid(path.Child("values").Index(i), value, NameValidation.IsLabelValue(value));
        }
    }
}
