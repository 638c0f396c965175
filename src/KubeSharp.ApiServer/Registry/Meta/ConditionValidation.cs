using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry.Meta;

/// <summary>Lists of conditions: those of meta/v1, and the older ones whose kinds only ask for distinct types.</summary>
internal static class ConditionValidation
{
    private const int MaxReasonLength = 1024;
    private const int MaxMessageLength = 32 * 1024;
    private static readonly string[] Statuses = ["False", "True", "Unknown"];

    /// <summary>status.conditions: types given, and each once (pkg/apis/flowcontrol/validation).</summary>
    public static void ValidateTypes(FieldErrorList errors, Map obj)
    {
        var conditions = obj.Sub("status").List("conditions");
        HashSet<string>? seen = null;
        for (var i = 0; i < conditions.Count; i++)
        {
            var type = conditions.At(i).Text("type");
            var path = MetadataValidation.Status.Child("conditions").Index(i).Child("type");
            if (!(seen ??= []).Add(type))
                errors.Duplicate(path, type);
            if (type.Length == 0)
                errors.Required(path);
        }
    }

    /// <summary>apimachinery/pkg/apis/meta/v1/validation ValidateConditions.</summary>
    public static void Validate(FieldErrorList errors, Sequence conditions, FieldPath path)
    {
        Dictionary<string, int>? first = null;
        for (var i = 0; i < conditions.Count; i++)
        {
            var (condition, at) = (conditions.At(i), path.Index(i));
            var type = condition.Text("type");
            if (!(first ??= new(StringComparer.Ordinal)).TryAdd(type, i))
                errors.Duplicate(at.Child("type"), type);
            ValidateOne(errors, condition, at);
        }
    }

    private static void ValidateOne(FieldErrorList errors, Map condition, FieldPath path)
    {
        errors.AddInvalid(path.Child("type"), condition.Text("type"), NameValidation.IsQualifiedName(condition.Text("type")));
        errors.OneOf(path, "status", condition.Text("status"), Statuses);
        if (condition.Number("observedGeneration") < 0)
            errors.Invalid(path.Child("observedGeneration"), condition.Number("observedGeneration"), "must be greater than or equal to zero");
        if (!condition.Has("lastTransitionTime"))
            errors.Required(path.Child("lastTransitionTime"));
        var reason = condition.Text("reason");
        if (reason.Length == 0)
        {
            errors.Required(path.Child("reason"));
        }
        else
        {
            foreach (var message in IsConditionReason(reason))
                errors.Invalid(path.Child("reason"), reason, message);
            if (reason.Length > MaxReasonLength)
                errors.Add(FieldError.TooLong(path.Child("reason"), MaxReasonLength));
        }

        if (condition.Text("message").Length > MaxMessageLength)
            errors.Add(FieldError.TooLong(path.Child("message"), MaxMessageLength));
    }

    private static string[] IsConditionReason(string reason)
    {
        var valid = char.IsAsciiLetter(reason[0]) && (char.IsAsciiLetterOrDigit(reason[^1]) || reason[^1] == '_');
        for (var i = 0; valid && i < reason.Length; i++)
            valid = char.IsAsciiLetterOrDigit(reason[i]) || reason[i] is '_' or ',' or ':';
        return valid ? [] :
        [
            ValidationMessages.Regex(
                "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
                "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?", "my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"),
        ];
    }
}
