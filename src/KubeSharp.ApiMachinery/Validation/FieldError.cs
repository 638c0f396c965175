using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Validation;

/// <summary>One problem at one field, in upstream's words (apimachinery/pkg/util/validation/field/errors.go, v1.36).
/// <paramref name="Field"/> is the printed path; <paramref name="BadValue"/> what was found (undefined and null print as
/// <c>null</c>), not printed when <paramref name="OmitValue"/> is true.</summary>
public sealed record FieldError(FieldErrorType Type, string Field, Value BadValue, string Detail, bool OmitValue = false)
{
    public static FieldError TypeInvalid(FieldPath? path, Value value, string detail) =>
        new(FieldErrorType.TypeInvalid, Print(path), value, detail);

    /// <summary>A referenced value (a volume's name, say) does not exist.</summary>
    public static FieldError NotFound(FieldPath? path, Value value) => new(FieldErrorType.NotFound, Print(path), value, "");

    public static FieldError Required(FieldPath? path, string detail) => new(FieldErrorType.Required, Print(path), "", detail);

    public static FieldError Duplicate(FieldPath? path, Value value) => new(FieldErrorType.Duplicate, Print(path), value, "");

    public static FieldError Invalid(FieldPath? path, Value value, string detail) =>
        new(FieldErrorType.Invalid, Print(path), value, detail);

    /// <summary>The value is none of an enumeration's. Upstream lists the valid ones sorted where it keeps them as a set;
    /// they are printed in the order given.</summary>
    public static FieldError NotSupported(FieldPath? path, Value value, params IEnumerable<string> validValues)
    {
        var quoted = string.Join(", ", validValues.Select(GoText.Quote));
        return new(FieldErrorType.NotSupported, Print(path), value, quoted.Length == 0 ? "" : "supported values: " + quoted);
    }

    public static FieldError Forbidden(FieldPath? path, string detail) => new(FieldErrorType.Forbidden, Print(path), "", detail);

    /// <summary>Too many bytes; a negative maximum leaves the number out.</summary>
    public static FieldError TooLong(FieldPath? path, int maximumBytes) =>
        new(FieldErrorType.TooLong, Print(path), "<value omitted>", AtMost("may not be more than", maximumBytes, "byte", "value is too long"));

    /// <summary>Too many characters; a negative maximum leaves the number out.</summary>
    public static FieldError TooLongCharacters(FieldPath? path, int maximumCharacters) =>
        new(FieldErrorType.TooLong, Print(path), "<value omitted>", AtMost("may not be more than", maximumCharacters, "character", "value is too long"));

    public static FieldError TooShort(FieldPath? path, Value value, int minimumCharacters) =>
        new(FieldErrorType.TooShort, Print(path), value, AtMost("must be at least", minimumCharacters, "character", "value is too short"));

    /// <summary>Too many items; a negative actual number is not printed.</summary>
    public static FieldError TooMany(FieldPath? path, int actual, int maximum) =>
        new(FieldErrorType.TooMany, Print(path), actual, AtMost("must have at most", maximum, "item", "has too many items"), actual < 0);

    public static FieldError TooFew(FieldPath? path, int actual, int minimum) =>
        new(FieldErrorType.TooFew, Print(path), actual, AtMost("must have at least", minimum, "item", "has too few items"));

    /// <summary>A failure of the server's, not of the input.</summary>
    public static FieldError InternalError(FieldPath? path, string message) =>
        new(FieldErrorType.InternalError, Print(path), default, message);

    /// <summary>The message with the field in front.</summary>
    public string Error() => $"{Field}: {ErrorBody()}";

    /// <summary>The message without the field: the <c>message</c> of a Status cause.</summary>
    public string ErrorBody()
    {
        var title = Type.ToTitle();
        var text = Type switch
        {
            FieldErrorType.Required or FieldErrorType.Forbidden or FieldErrorType.TooLong or FieldErrorType.TooShort
                or FieldErrorType.InternalError => title,
            _ when OmitValue => title,
            _ => $"{title}: {Print(BadValue)}",
        };
        return Detail.Length == 0 ? text : $"{text}: {Detail}";
    }

    public override string ToString() => Error();

    private static string Print(FieldPath? path) => path?.ToString() ?? "<nil>";

    private static string Print(Value value) => value.Kind switch
    {
        ValueKind.String => GoText.Quote(value.AsString!),
        ValueKind.Float => GoText.Float(value.AsDouble!.Value),
        _ => GoText.Json(value),
    };

    private static string AtMost(string words, int limit, string unit, string withoutLimit) =>
        limit < 0 ? withoutLimit : $"{words} {limit} {unit}{(limit == 1 ? "" : "s")}";
}
