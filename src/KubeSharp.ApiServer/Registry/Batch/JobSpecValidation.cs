using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>What jobs and the templates of cron jobs share (validateJobSpec in pkg/apis/batch/validation/validation.go, v1.36).</summary>
internal static class JobSpecValidation
{
    private const int MaxParallelismWhenIndexed = 100_000;
    private const int MaxFailedIndexes = 100_000;
    private const int HighCompletions = 100_000;
    private const int LimitForHighCompletions = 10_000;
    private const int MaxManagedByLength = 63;
    private static readonly string[] CompletionModes = ["NonIndexed", "Indexed"];
    private static readonly string[] ReplacementPolicies = ["Failed", "TerminatingOrFailed"];
    private static readonly string[] OnlyFailed = ["Failed"];
    private static readonly string[] RestartPolicies = ["OnFailure", "Never"];

    public static void Validate(FieldErrorList errors, Map spec, PodValidationOptions options, FieldPath path)
    {
        foreach (var field in (ReadOnlySpan<string>)["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex"])
            errors.NonNegative(spec, field, path);
        if (spec.Has("maxFailedIndexes"))
        {
            errors.NonNegative(spec, "maxFailedIndexes", path);
            if (!spec.Has("backoffLimitPerIndex"))
                errors.Required(path.Child("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
        }

        if (spec.GetString("managedBy") is { } manager)
        {
            NameValidation.IsDomainPrefixedPath(errors, path.Child("managedBy"), manager);
            if (Encoding.UTF8.GetByteCount(manager) > MaxManagedByLength)
                errors.Add(FieldError.TooLong(path.Child("managedBy"), MaxManagedByLength));
        }

        ValidateCompletionMode(errors, spec, path);
        if (spec.GetMap("podFailurePolicy") is { } failure)
            PodFailurePolicyValidation.Validate(errors, failure, spec, path.Child("podFailurePolicy"));
        if (spec.GetMap("successPolicy") is { } success)
            ValidateSuccessPolicy(errors, success, spec, path.Child("successPolicy"));
        if (spec.GetString("podReplacementPolicy") is { } replacement)
            errors.OneOf(path, "podReplacementPolicy", replacement, spec.Has("podFailurePolicy") ? OnlyFailed : ReplacementPolicies);
        PodTemplateValidation.ValidateSpec(errors, spec.Sub("template"), options, path.Child("template"));
        ValidateRestartPolicy(errors, spec, path.Child("template", "spec", "restartPolicy"));
    }

    private static void ValidateRestartPolicy(FieldErrorList errors, Map spec, FieldPath path)
    {
        var policy = spec.Sub("template").Sub("spec").Text("restartPolicy");
        if (policy is "Always" or "")
            errors.Required(path, "valid values: \"OnFailure\", \"Never\"");
        else if (Array.IndexOf(RestartPolicies, policy) < 0)
            errors.NotSupported(path, policy, RestartPolicies);
        else if (spec.Has("podFailurePolicy") && policy != "Never")
            errors.Invalid(path, policy, "only \"Never\" is supported when podFailurePolicy is specified");
    }

    private static void ValidateCompletionMode(FieldErrorList errors, Map spec, FieldPath path)
    {
        var mode = spec.GetString("completionMode");
        if (mode is not null && Array.IndexOf(CompletionModes, mode) < 0)
            errors.NotSupported(path.Child("completionMode"), mode, CompletionModes);
        if (mode == "Indexed")
            ValidateIndexed(errors, spec, path);
        if (mode is not (null or "NonIndexed"))
            return;
        foreach (var field in (ReadOnlySpan<string>)["backoffLimitPerIndex", "maxFailedIndexes"])
        {
            if (spec.GetInteger(field) is { } value)
                errors.Invalid(path.Child(field), value, "requires indexed completion mode");
        }
    }

    private static void ValidateIndexed(FieldErrorList errors, Map spec, FieldPath path)
    {
        var (completions, parallelism, maxFailed) = (spec.GetInteger("completions"), spec.GetInteger("parallelism"), spec.GetInteger("maxFailedIndexes"));
        var (parallelismPath, maxFailedPath) = (path.Child("parallelism"), path.Child("maxFailedIndexes"));
        if (completions is null)
            errors.Required(path.Child("completions"), "when completion mode is Indexed");
        if (parallelism > MaxParallelismWhenIndexed)
            errors.Invalid(parallelismPath, parallelism.Value, "must be less than or equal to 100000 when completion mode is Indexed");
        if (maxFailed > completions)
            errors.Invalid(maxFailedPath, maxFailed.Value, "must be less than or equal to completions");
        if (maxFailed > MaxFailedIndexes)
            errors.Invalid(maxFailedPath, maxFailed.Value, "must be less than or equal to 100000");
        if (!(completions > HighCompletions) || !spec.Has("backoffLimitPerIndex"))
            return;
        const string Detail = "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index";
        if (maxFailed is null)
            errors.Required(maxFailedPath, "must be specified when completions is above 100000");
        if (parallelism > LimitForHighCompletions)
            errors.Invalid(parallelismPath, parallelism.Value, Detail);
        if (maxFailed > LimitForHighCompletions)
            errors.Invalid(maxFailedPath, maxFailed.Value, Detail);
    }

    private static void ValidateSuccessPolicy(FieldErrorList errors, Map policy, Map spec, FieldPath path)
    {
        if (spec.Text("completionMode") != "Indexed")
        {
            errors.Invalid(path, InternalForm.Of(policy, JobValidation.Kind, "spec", "successPolicy"), "requires indexed completion mode");
            return;
        }

        var rules = policy.List("rules");
        if (rules.Count == 0)
            errors.Required(path.Child("rules"), "at least one rules must be specified when the successPolicy is specified");
        if (rules.Count > 20)
            errors.Add(FieldError.TooMany(path.Child("rules"), rules.Count, 20));
        for (var i = 0; i < rules.Count; i++)
            ValidateSuccessRule(errors, rules.At(i), spec.Number("completions"), path.Child("rules").Index(i));
    }

    private static void ValidateSuccessRule(FieldErrorList errors, Map rule, long completions, FieldPath path)
    {
        var (indexes, count) = (rule.GetString("succeededIndexes"), rule.GetInteger("succeededCount"));
        if (indexes is null && count is null)
            errors.Required(path, "at least one of succeededCount or succeededIndexes must be specified");
        long total = 0;
        if (indexes is not null)
        {
            if (indexes.Length > 64 * 1024)
                errors.Add(FieldError.TooLong(path.Child("succeededIndexes"), 64 * 1024));
            total = JobIndexes.Count(indexes, completions, out var problem) ?? 0;
            if (problem is not null)
                errors.Invalid(path.Child("succeededIndexes"), indexes, $"error parsing succeededIndexes: {problem}");
        }

        if (count is null)
            return;
        errors.NonNegative(rule, "succeededCount", path);
        if (count > completions)
            errors.Invalid(path.Child("succeededCount"), count.Value, string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {completions} (the number of specified completions)"));
        if (indexes is not null && count > total)
            errors.Invalid(path.Child("succeededCount"), count.Value, string.Create(CultureInfo.InvariantCulture, $"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"));
    }
}
