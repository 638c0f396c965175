using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Apps;

/// <summary>Rules that several workload kinds share (pkg/apis/apps/validation/validation.go, v1.36).</summary>
internal static class WorkloadSpecValidation
{
    private static readonly string[] OnlyAlways = ["Always"];

    /// <summary>A selector that is given, valid, and selects something in particular.</summary>
    public static void ValidateSelector(FieldErrorList errors, Map spec, FieldPath path, string kind)
    {
        if (spec.GetMap("selector") is not { } selector)
        {
            errors.Required(path.Child("selector"));
            return;
        }

        LabelValidation.ValidateLabelSelector(errors, selector, path.Child("selector"));
        if (LabelSelectorValidation.IsEmpty(selector))
            errors.Invalid(path.Child("selector"), new Map(0), $"empty selector is invalid for {kind}");
    }

    /// <summary>Adds an error when the selector does not select the template's pods.</summary>
    public static void ValidateMatch(FieldErrorList errors, LabelSelector selector, Map spec, FieldPath path)
    {
        var labels = spec.Sub("template").Sub("metadata").GetMap("labels");
        if (!selector.IsEmpty && !selector.Matches(labels))
            errors.Invalid(path.Child("template", "metadata", "labels"), labels is null ? Value.Null : labels, "`selector` does not match template `labels`");
    }

    /// <summary>What keeps pods running restarts them always and has no deadline.</summary>
    public static void ValidateEndless(FieldErrorList errors, Map template, FieldPath path, string kind)
    {
        var spec = template.Sub("spec");
        if (spec.Text("restartPolicy") != "Always")
            errors.NotSupported(path.Child("spec", "restartPolicy"), spec.Text("restartPolicy"), OnlyAlways);
        if (spec.Has("activeDeadlineSeconds"))
            errors.Forbidden(path.Child("spec", "activeDeadlineSeconds"), $"activeDeadlineSeconds in {kind} is not Supported");
    }

    /// <summary>Selector and template of deployments and replica sets (ValidatePodTemplateSpecForReplicaSet).</summary>
    public static void ValidateSelectorAndTemplate(FieldErrorList errors, Map spec, PodValidationOptions options, FieldPath path)
    {
        ValidateSelector(errors, spec, path, "deployment");
        if (!LabelSelector.TryFromMeta(spec.GetMap("selector"), out var selector, out _))
        {
            errors.Invalid(path.Child("selector"), LabelSelectorValidation.Print(spec["selector"]), "invalid label selector");
            return;
        }

        ValidateMatch(errors, selector, spec, path);
        PodTemplateValidation.ValidateSpec(errors, spec.Sub("template"), options, path.Child("template"));
        ValidateEndless(errors, spec.Sub("template"), path.Child("template"), "ReplicaSet");
    }

    /// <summary>ValidatePositiveIntOrPercent.</summary>
    public static void ValidateIntOrPercent(FieldErrorList errors, Map holder, string key, FieldPath path)
    {
        if (holder.GetString(key) is { } text)
            errors.AddInvalid(path.Child(key), text, NameValidation.IsValidPercent(text));
        else
            errors.NonNegative(holder, key, path);
    }

    /// <summary>IsNotMoreThan100Percent.</summary>
    public static void ValidateAtMost100Percent(FieldErrorList errors, Map holder, string key, FieldPath path)
    {
        if (holder.GetString(key) is { } text && NameValidation.IsValidPercent(text).Count == 0 && IntOrPercent(holder, key) > 100)
            errors.Invalid(path.Child(key), text, "must not be greater than 100%");
    }

    /// <summary>The number, or that before the percent sign; zero for what is neither.</summary>
    public static long IntOrPercent(Map holder, string key)
    {
        if (holder.GetString(key) is not { } text)
            return holder.Number(key);
        var digits = NameValidation.IsValidPercent(text).Count == 0 ? text[..^1] : text;
        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return digits != text ? long.MaxValue : 0;
        return value;
    }

    /// <summary>Counters of a status: none negative.</summary>
    public static void ValidateCounters(FieldErrorList errors, Map status, FieldPath path, params ReadOnlySpan<string> counters)
    {
        foreach (var counter in counters)
            errors.NonNegative(status, counter, path);
    }

    /// <summary>Counters of a status that another counter bounds.</summary>
    public static void ValidateAtMost(FieldErrorList errors, Map status, FieldPath path, string bound, string detail, params ReadOnlySpan<string> counters)
    {
        foreach (var counter in counters)
        {
            if (status.Number(counter) > status.Number(bound))
                errors.Invalid(path.Child(counter), status.Number(counter), detail);
        }
    }

    /// <summary>A collision count only grows.</summary>
    public static void ValidateCollisions(FieldErrorList errors, Map obj, Map old)
    {
        if (old.Sub("status").GetInteger("collisionCount") is { } before && (obj.Sub("status").GetInteger("collisionCount") is not { } now || now < before))
            errors.Invalid(MetadataValidation.Status.Child("collisionCount"), obj.Sub("status").Number("collisionCount"), "cannot be decremented");
    }
}
