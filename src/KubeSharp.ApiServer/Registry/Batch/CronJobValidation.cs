using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>Cron jobs (pkg/apis/batch/validation/validation.go, v1.36).</summary>
internal static class CronJobValidation
{
    private const int MaxNameLength = 52;
    private static readonly string[] ConcurrencyPolicies = ["Allow", "Forbid", "Replace"];
    private static readonly string[] NoManualSelector = ["nil", "false"];
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("spec"), null, PodValidationOptions.Create);
        if (obj.Name().Length > MaxNameLength)
            errors.Invalid(MetadataValidation.Path.Child("name"), obj.Name(), "must be no more than 52 characters");
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var template = old.Sub("spec").Sub("jobTemplate").Sub("spec").GetMap("template");
        ValidateSpec(errors, obj.Sub("spec"), old.Sub("spec"), PodTemplateValidation.OptionsFor(template));
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, Map? old, PodValidationOptions options)
    {
        var schedule = spec.Text("schedule");
        if (schedule.Length == 0)
            errors.Required(Spec.Child("schedule"));
        else
            ValidateSchedule(errors, schedule, old.Text("schedule").Contains("TZ", StringComparison.Ordinal), spec.Has("timeZone"));
        errors.NonNegative(spec, "startingDeadlineSeconds", Spec);
        if (spec.GetString("timeZone") is { } zone && zone != old?.GetString("timeZone"))
            ValidateTimeZone(errors, zone, Spec.Child("timeZone"));
        var policy = spec.Text("concurrencyPolicy");
        if (policy.Length == 0)
            errors.Required(Spec.Child("concurrencyPolicy"));
        else
            errors.OneOf(Spec, "concurrencyPolicy", policy, ConcurrencyPolicies);
        ValidateTemplate(errors, spec.Sub("jobTemplate").Sub("spec"), options, Spec.Child("jobTemplate", "spec"));
        errors.NonNegative(spec, "successfulJobsHistoryLimit", Spec);
        errors.NonNegative(spec, "failedJobsHistoryLimit", Spec);
    }

    private static void ValidateTemplate(FieldErrorList errors, Map spec, PodValidationOptions options, FieldPath path)
    {
        JobSpecValidation.Validate(errors, spec, options, path);
        if (spec.GetMap("selector") is { } selector)
            errors.Invalid(path.Child("selector"), LabelSelectorValidation.Print(selector), "`selector` will be auto-generated");
        if (spec.Flag("manualSelector"))
            errors.NotSupported(path.Child("manualSelector"), true, NoManualSelector);
    }

    /// <summary>A zone within the schedule is tolerated only where one was before.</summary>
    private static void ValidateSchedule(FieldErrorList errors, string schedule, bool allowZone, bool hasZone)
    {
        var path = Spec.Child("schedule");
        if (CronSchedule.Problem(schedule) is { } problem)
            errors.Invalid(path, schedule, problem);
        if (!schedule.Contains("TZ", StringComparison.Ordinal))
            return;
        if (!allowZone)
            errors.Invalid(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        else if (hasZone)
            errors.Invalid(path, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
    }

    private static void ValidateTimeZone(FieldErrorList errors, string zone, FieldPath path)
    {
        if (zone.Length == 0)
        {
            errors.Invalid(path, zone, "timeZone must be nil or non-empty string");
            return;
        }

        foreach (var part in zone.Split('/'))
        {
            if (IsZonePart(part))
                continue;
            errors.Invalid(path, zone, $"unknown time zone {zone}");
            return;
        }

        if (string.Equals(zone, "Local", StringComparison.OrdinalIgnoreCase))
            errors.Invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        if (TimeZones.Problem(zone) is { } problem)
            errors.Invalid(path, zone, problem);
    }

    private static bool IsZonePart(string part)
    {
        if (part.Length is 0 or > 14 || part is "." or ".." || part[0] == '-')
            return false;
        foreach (var character in part)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '-' or '_' or '+'))
                return false;
        }

        return true;
    }
}
