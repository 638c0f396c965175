using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>A job's policy on failed pods (validatePodFailurePolicy in pkg/apis/batch/validation/validation.go, v1.36).</summary>
internal static class PodFailurePolicyValidation
{
    private const int MaxRules = 20;
    private const int MaxPatterns = 20;
    private const int MaxValues = 255;
    private static readonly string[] Actions = ["Count", "FailIndex", "FailJob", "Ignore"];
    private static readonly string[] Operators = ["In", "NotIn"];
    private static readonly string[] Statuses = ["False", "True", "Unknown"];

    public static void Validate(FieldErrorList errors, Map policy, Map spec, FieldPath path)
    {
        path = path.Child("rules");
        var rules = policy.List("rules");
        if (rules.Count > MaxRules)
            errors.Add(FieldError.TooMany(path, rules.Count, MaxRules));
        for (var i = 0; i < rules.Count; i++)
            ValidateRule(errors, rules.At(i), spec, path.Index(i));
    }

    private static void ValidateRule(FieldErrorList errors, Map rule, Map spec, FieldPath path)
    {
        var action = rule.Text("action");
        if (action.Length == 0)
            errors.Required(path.Child("action"), "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
        else if (action == "FailIndex" && !spec.Has("backoffLimitPerIndex"))
            errors.Invalid(path.Child("action"), action, "requires the backoffLimitPerIndex to be set");
        else
            errors.OneOf(path, "action", action, Actions);
        var (exitCodes, conditions) = (rule.GetMap("onExitCodes"), rule.List("onPodConditions"));
        if (exitCodes is not null)
            ValidateExitCodes(errors, exitCodes, spec.Sub("template").Sub("spec"), path.Child("onExitCodes"));
        ValidateConditions(errors, conditions, path.Child("onPodConditions"));
        if (exitCodes is not null && conditions.Count > 0)
            errors.Add(JobValidation.Omitted(path, "specifying both OnExitCodes and OnPodConditions is not supported"));
        if (exitCodes is null && conditions.Count == 0)
            errors.Add(JobValidation.Omitted(path, "specifying one of OnExitCodes and OnPodConditions is required"));
    }

    private static void ValidateConditions(FieldErrorList errors, Sequence conditions, FieldPath path)
    {
        if (conditions.Count > MaxPatterns)
            errors.Add(FieldError.TooMany(path, conditions.Count, MaxPatterns));
        for (var i = 0; i < conditions.Count; i++)
        {
            var (type, status) = (conditions.At(i).Text("type"), conditions.At(i).Text("status"));
            errors.AddInvalid(path.Index(i).Child("type"), type, NameValidation.IsQualifiedName(type));
            if (status.Length == 0)
                errors.Required(path.Index(i).Child("status"), "valid values: [\"False\" \"True\" \"Unknown\"]");
            else
                errors.OneOf(path.Index(i), "status", status, Statuses);
        }
    }

    private static void ValidateExitCodes(FieldErrorList errors, Map codes, Map podSpec, FieldPath path)
    {
        var (op, values) = (codes.Text("operator"), codes.List("values"));
        if (op.Length == 0)
            errors.Required(path.Child("operator"), "valid values: [\"In\" \"NotIn\"]");
        else
            errors.OneOf(path, "operator", op, Operators);
        if (codes.GetString("containerName") is { } name && !HasContainer(podSpec, name))
            errors.Invalid(path.Child("containerName"), name, "must be one of the container or initContainer names in the pod template");
        if (values.Count == 0)
            errors.Invalid(path.Child("values"), codes.Has("values") ? values : Value.Null, "at least one value is required");
        else if (values.Count > MaxValues)
            errors.Add(FieldError.TooMany(path.Child("values"), values.Count, MaxValues));
        var (ordered, seen) = (true, new HashSet<long>());
        for (var i = 0; i < values.Count; i++)
        {
            var value = values[i].AsInteger ?? 0;
            if (op == "In" && value == 0)
                errors.Invalid(path.Child("values").Index(i), value, "must not be 0 for the In operator");
            if (!seen.Add(value))
                errors.Duplicate(path.Child("values").Index(i), value);
            ordered &= i == 0 || (values[i - 1].AsInteger ?? 0) <= value;
        }

        if (!ordered)
            errors.Invalid(path.Child("values"), values, "must be ordered");
    }

    private static bool HasContainer(Map podSpec, string name)
    {
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var container in podSpec.List(list))
            {
                if (container.AsMap.Text("name") == name)
                    return true;
            }
        }

        return false;
    }
}
