using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.AdmissionRegistration.AdmissionRuleValidation;

namespace KubeSharp.ApiServer.Registry.AdmissionRegistration;

/// <summary>Validating and mutating webhook configurations, which differ in the reinvocation policy only
/// (pkg/apis/admissionregistration/validation/validation.go, v1.36).</summary>
internal static class WebhookConfigurationValidation
{
    private static readonly string[] SideEffects = ["None", "NoneOnDryRun", "Some", "Unknown"];
    private static readonly string[] NoSideEffects = ["None", "NoneOnDryRun"];
    private static readonly FieldPath Path = new("webhooks");

    /// <summary>What is asked of a configuration; an old one that lacks something need not gain it.</summary>
    private readonly record struct Options(
        bool IgnoreMatchConditions, bool RequireNoSideEffects, bool RequireRecognizedVersion, bool RequireUniqueNames, bool AllowInvalidLabelValues);

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors) =>
        ValidateConfiguration(errors, obj, new Options(false, true, true, true, false));

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var (hooks, before) = (obj.List("webhooks"), old.List("webhooks"));
        ValidateConfiguration(errors, obj, new Options(
            HasSameMatchConditions(hooks, before),
            All(before, hook => NoSideEffects.Contains(hook.Text("sideEffects"))),
            All(before, hook => hook.List("admissionReviewVersions") is var versions && (versions.Count == 0 || HasRecognizedVersion(versions))),
            before.Select(hook => hook.AsMap.Text("name")).Distinct(StringComparer.Ordinal).Count() == before.Count,
            !All(before, hook => !LabelSelectorValidation.IsInvalid(hook.GetMap("namespaceSelector")) && !LabelSelectorValidation.IsInvalid(hook.GetMap("objectSelector")))));
    }

    private static bool All(Sequence hooks, Func<Map, bool> predicate)
    {
        for (var i = 0; i < hooks.Count; i++)
        {
            if (!predicate(hooks.At(i)))
                return false;
        }

        return true;
    }

    private static bool HasSameMatchConditions(Sequence hooks, Sequence before)
    {
        if (hooks.Count != before.Count)
            return false;
        for (var i = 0; i < hooks.Count; i++)
        {
            if (!hooks.At(i)["matchConditions"].SemanticallyEquals(before.At(i)["matchConditions"]))
                return false;
        }

        return true;
    }

    private static bool HasRecognizedVersion(Sequence versions) => versions.ContainsText("v1") || versions.ContainsText("v1beta1");

    private static void ValidateConfiguration(FieldErrorList errors, Map obj, Options options)
    {
        MetadataValidation.ValidateGenericCluster(errors, obj, NameRules.DnsSubdomain);
        var hooks = obj.List("webhooks");
        HashSet<string> names = new(StringComparer.Ordinal);
        for (var i = 0; i < hooks.Count; i++)
        {
            var (hook, path) = (hooks.At(i), Path.Index(i));
            ValidateWebhook(errors, hook, path, options);
            ValidateReviewVersions(errors, hook.List("admissionReviewVersions"), path.Child("admissionReviewVersions"), options.RequireRecognizedVersion);
            if (options.RequireUniqueNames && hook.Text("name") is { Length: > 0 } name && !names.Add(name))
                errors.Duplicate(path.Child("name"), name);
        }
    }

    private static void ValidateWebhook(FieldErrorList errors, Map hook, FieldPath path, Options options)
    {
        NameValidation.IsFullyQualifiedName(errors, path.Child("name"), hook.Text("name"));
        var rules = hook.List("rules");
        for (var i = 0; i < rules.Count; i++)
            ValidateRule(errors, rules.At(i), path.Child("rules").Index(i));
        if (hook.GetString("failurePolicy") is { } failure)
            errors.OneOf(path, "failurePolicy", failure, FailurePolicies);
        if (hook.GetString("matchPolicy") is { } match)
            errors.OneOf(path, "matchPolicy", match, MatchPolicies);
        var allowed = options.RequireNoSideEffects ? NoSideEffects : SideEffects;
        if (hook.GetString("sideEffects") is { } effects)
            errors.OneOf(path, "sideEffects", effects, allowed);
        else
            errors.Required(path.Child("sideEffects"), "must specify one of " + string.Join(", ", allowed));
        if (hook.GetInteger("timeoutSeconds") is { } timeout and (> 30 or < 1))
            errors.Invalid(path.Child("timeoutSeconds"), timeout, "the timeout value must be between 1 and 30 seconds");
        LabelSelectorValidation.Validate(errors, hook, "namespaceSelector", path, options.AllowInvalidLabelValues);
        LabelSelectorValidation.Validate(errors, hook, "objectSelector", path, options.AllowInvalidLabelValues);
        if (hook.GetString("reinvocationPolicy") is { } reinvocation)
            errors.OneOf(path, "reinvocationPolicy", reinvocation, ReinvocationPolicies);
        WebhookClientValidation.Validate(errors, hook.Sub("clientConfig"), path.Child("clientConfig"));
        if (!options.IgnoreMatchConditions)
            ValidateMatchConditions(errors, hook.List("matchConditions"), path.Child("matchConditions"));
    }

    private static void ValidateReviewVersions(FieldErrorList errors, Sequence versions, FieldPath path, bool requireRecognized)
    {
        if (versions.Count == 0)
        {
            errors.Required(path, "must specify one of v1, v1beta1");
            return;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < versions.Count; i++)
        {
            if (!seen.Add(versions.TextAt(i)))
                errors.Invalid(path.Index(i), versions[i], "duplicate version");
            else
                errors.AddInvalid(path.Index(i), versions[i], NameValidation.IsDns1035Label(versions.TextAt(i)));
        }

        if (requireRecognized && !HasRecognizedVersion(versions))
            errors.Invalid(path, versions, "must include at least one of v1, v1beta1");
    }
}
