using System.Text;

namespace KubeSharp.ApiMachinery.Validation;

/// <summary>The phrases that format checks share (apimachinery/pkg/util/validation/validation.go). Lengths are of UTF-8 bytes,
/// though the older texts say characters.</summary>
public static class ValidationMessages
{
    public const string Empty = "must be non-empty";

    /// <summary>apimachinery/pkg/api/validation/objectmeta.go: FieldImmutableErrorMsg.</summary>
    public const string FieldImmutable = "field is immutable";

    /// <summary>apimachinery/pkg/api/validation/generic.go: IsNegativeErrorMsg.</summary>
    public const string Negative = "must be greater than or equal to 0";

    public static string MaxLength(int length) => $"must be no more than {length} characters";

    /// <summary>The newer wording of api/validate/content, used for label keys and values.</summary>
    public static string MaxBytes(int length) => $"must be no more than {length} bytes";

    public static string Between(long low, long high) => $"must be between {low} and {high}, inclusive";

    public static string Regex(string message, string pattern, params ReadOnlySpan<string> examples)
    {
        var builder = new StringBuilder(message);
        if (examples.Length == 0)
            return builder.Append(" (regex used for validation is '").Append(pattern).Append("')").ToString();
        builder.Append(" (e.g. ");
        for (var i = 0; i < examples.Length; i++)
            builder.Append(i > 0 ? " or " : "").Append('\'').Append(examples[i]).Append("', ");
        return builder.Append("regex used for validation is '").Append(pattern).Append("')").ToString();
    }
}
