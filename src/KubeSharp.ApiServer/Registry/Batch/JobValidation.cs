using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>Jobs (pkg/apis/batch/validation/validation.go and the options of pkg/registry/batch/job/strategy.go, v1.36).</summary>
internal static class JobValidation
{
    public static readonly GroupVersionKind Kind = new("batch", "v1", "Job");
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";
    private const string JobName = "batch.kubernetes.io/job-name";
    private const string LegacyControllerUid = "controller-uid";
    private const string LegacyJobName = "job-name";
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors) =>
        ValidateObject(errors, obj, PodValidationOptions.Create, requirePrefixedLabels: true);

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var (before, oldLabels) = (old.Sub("spec"), old.Sub("spec").Sub("template").Sub("metadata").Sub("labels"));
        var options = PodTemplateValidation.OptionsFor(before.GetMap("template"));
        if (LabelValidation.HasInvalidValue(before.GetMap("selector")))
            options = options with { AllowInvalidLabelValueInSelector = true };
        ValidateObject(errors, obj, options, oldLabels.ContainsKey(JobName) && oldLabels.ContainsKey(ControllerUid));
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateSpec(errors, obj.Sub("spec"), options);
        JobSpecChange.Validate(errors, obj.Sub("spec"), old, Spec);
    }

    /// <summary>An error that does not show the value.</summary>
    public static FieldError Omitted(FieldPath path, string detail) => new(FieldErrorType.Invalid, path.ToString(), default, detail, true);

    private static void ValidateObject(FieldErrorList errors, Map obj, PodValidationOptions options, bool requirePrefixedLabels)
    {
        var spec = obj.Sub("spec");
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateGeneratedSelector(errors, obj, requirePrefixedLabels);
        ValidateSpec(errors, spec, options);
        if (spec.Text("completionMode") != "Indexed" || spec.Number("completions") <= 0)
            return;
        var hostname = string.Create(CultureInfo.InvariantCulture, $"{obj.Name()}-{spec.Number("completions") - 1}");
        if (NameValidation.IsDns1123Label(hostname).Count > 0)
            errors.Invalid(MetadataValidation.Path.Child("name"), obj.Name(), $"will not able to create pod with invalid DNS label: {hostname}");
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, PodValidationOptions options)
    {
        JobSpecValidation.Validate(errors, spec, options, Spec);
        if (!spec.Has("selector"))
            errors.Required(Spec.Child("selector"));
        else
            LabelSelectorValidation.Validate(errors, spec, "selector", Spec, options.AllowInvalidLabelValueInSelector);
        if (LabelSelector.TryFromMeta(spec.GetMap("selector"), out var selector, out _))
            Apps.WorkloadSpecValidation.ValidateMatch(errors, selector, spec, Spec);
    }

    /// <summary>Unless the user took the matter over, selector and labels are those that were generated.</summary>
    private static void ValidateGeneratedSelector(FieldErrorList errors, Map obj, bool requirePrefixedLabels)
    {
        var spec = obj.Sub("spec");
        if (spec.Flag("manualSelector") || spec.GetMap("selector") is not { } selector)
            return;
        var (uid, labels) = (obj.Sub("metadata").Text("uid"), spec.Sub("template").Sub("metadata").Sub("labels"));
        if (uid.Length == 0)
            errors.Required(MetadataValidation.Path.Child("uid"));
        var expected = new Map(4);
        RequireLabel(errors, labels, LegacyControllerUid, uid, expected);
        RequireLabel(errors, labels, LegacyJobName, obj.Name(), expected);
        if (requirePrefixedLabels)
        {
            RequireLabel(errors, labels, ControllerUid, uid, expected);
            RequireLabel(errors, labels, JobName, obj.Name(), expected);
        }

        if (LabelSelector.TryFromMeta(selector, out var parsed, out _) && !parsed.Matches(expected))
            errors.Invalid(Spec.Child("selector"), LabelSelectorValidation.Print(selector), "`selector` not auto-generated");
    }

    private static void RequireLabel(FieldErrorList errors, Map labels, string key, string value, Map expected)
    {
        expected.Set(key, value);
        var path = Spec.Child("template", "metadata", "labels").Key(key);
        if (labels.GetString(key) is not { } actual)
            errors.Required(path, $"must be '{value}'");
        else if (actual != value)
            errors.Invalid(path, labels, $"must be '{value}'");
    }
}
