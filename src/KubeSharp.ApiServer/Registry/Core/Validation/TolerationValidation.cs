using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Tolerations (ValidateTolerations in pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class TolerationValidation
{
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    private static readonly string[] Operators = ["Equal", "Exists"];
    private static readonly string[] ComparingOperators = ["Equal", "Exists", "Lt", "Gt"];

    public static void Validate(FieldErrorList errors, Sequence tolerations, PodValidationOptions options, FieldPath path)
    {
        for (var i = 0; i < tolerations.Count; i++)
        {
            var (toleration, at) = (tolerations.At(i), path.Index(i));
            var (key, op, value, effect) = (toleration.Text("key"), toleration.Text("operator"), toleration.Text("value"), toleration.Text("effect"));
            if (key.Length > 0)
                LabelValidation.ValidateLabelName(errors, key, at.Child("key"));
            else if (op != "Exists")
                errors.Invalid(at.Child("operator"), op, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            if (toleration.Has("tolerationSeconds") && effect != "NoExecute")
                errors.Invalid(at.Child("effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
            ValidateOperator(errors, op, value, options, at);
            if (effect.Length > 0)
                errors.OneOf(at, "effect", effect, Effects);
        }
    }

    /// <summary>validateOnlyAddedTolerations: stored ones stay, but for their seconds.</summary>
    public static void ValidateOnlyAdded(FieldErrorList errors, Sequence tolerations, Sequence old, PodValidationOptions options, FieldPath path)
    {
        foreach (var before in old)
        {
            if (IsKept(before.AsMap, tolerations))
                continue;
            errors.Forbidden(path, "existing toleration can not be modified except its tolerationSeconds");
            return;
        }

        Validate(errors, tolerations, options, path);
    }

    private static bool IsKept(Map? before, Sequence tolerations)
    {
        for (var i = 0; i < tolerations.Count; i++)
        {
            var now = tolerations.At(i);
            if (now.Text("key") == before.Text("key") && now.Text("operator") == before.Text("operator")
                && now.Text("value") == before.Text("value") && now.Text("effect") == before.Text("effect"))
                return true;
        }

        return false;
    }

    private static void ValidateOperator(FieldErrorList errors, string op, string value, PodValidationOptions options, FieldPath path)
    {
        switch (op)
        {
            case "Equal" or "":
                if (NameValidation.IsLabelValue(value) is { Count: > 0 } messages)
                    errors.Invalid(path.Child("operator"), value, string.Join(";", messages));
                break;
            case "Exists":
                if (value.Length > 0)
                    errors.Invalid(path.Child("operator"), value, "value must be empty when `operator` is 'Exists'");
                break;
            case "Lt" or "Gt" when options.AllowTolerationComparison:
                if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
                    errors.Invalid(path.Child("value"), value, "must be a valid decimal integer in canonical form");
                break;
            case "Lt" or "Gt":
                errors.NotSupported(path.Child("operator"), op, ComparingOperators);
                break;
            default:
                errors.NotSupported(path.Child("operator"), op, Operators);
                break;
        }
    }
}
