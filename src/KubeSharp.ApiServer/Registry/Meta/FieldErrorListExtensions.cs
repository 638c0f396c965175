using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry.Meta;

/// <summary>One call for each sort of error, so that a rule reads as one line.</summary>
internal static class FieldErrorListExtensions
{
    public static void Required(this FieldErrorList errors, FieldPath path, string detail = "") => errors.Add(FieldError.Required(path, detail));

    public static void Invalid(this FieldErrorList errors, FieldPath path, Value value, string detail) => errors.Add(FieldError.Invalid(path, value, detail));

    public static void Forbidden(this FieldErrorList errors, FieldPath path, string detail) => errors.Add(FieldError.Forbidden(path, detail));

    public static void Duplicate(this FieldErrorList errors, FieldPath path, Value value) => errors.Add(FieldError.Duplicate(path, value));

    /// <summary>The supported values are printed in the order given.</summary>
    public static void NotSupported(this FieldErrorList errors, FieldPath path, Value value, string[] supported) =>
        errors.Add(FieldError.NotSupported(path, value, supported));

    /// <summary>NotSupported unless the value is among the supported ones.</summary>
    public static void OneOf(this FieldErrorList errors, FieldPath parent, string key, string value, string[] supported)
    {
        if (Array.IndexOf(supported, value) < 0)
            errors.Add(FieldError.NotSupported(parent.Child(key), value, supported));
    }

    /// <summary>apimachinery's ValidateNonnegativeField.</summary>
    public static void NonNegative(this FieldErrorList errors, Map map, string key, FieldPath parent)
    {
        if (map.Number(key) < 0)
            errors.Add(FieldError.Invalid(parent.Child(key), map.Number(key), ValidationMessages.Negative));
    }

    /// <summary>ValidateImmutableField: deeply equal, where absent and empty are the same.</summary>
    public static void Immutable(this FieldErrorList errors, Value value, Value old, FieldPath path)
    {
        if (!value.SemanticallyEquals(old))
            errors.Add(FieldError.Invalid(path, value, ValidationMessages.FieldImmutable));
    }

    /// <summary>As <see cref="Immutable(FieldErrorList, Value, Value, FieldPath)"/>, for a string, whose absence is the empty one.</summary>
    public static void ImmutableText(this FieldErrorList errors, Map map, Map old, string key, FieldPath parent)
    {
        if (map.Text(key) != old.Text(key))
            errors.Add(FieldError.Invalid(parent.Child(key), map.Text(key), ValidationMessages.FieldImmutable));
    }
}
