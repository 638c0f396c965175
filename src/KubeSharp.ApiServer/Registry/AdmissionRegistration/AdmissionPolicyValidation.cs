using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.AdmissionRegistration;

/// <summary>What validating and mutating admission policies and their bindings share
/// (pkg/apis/admissionregistration/validation/validation.go, v1.36). Expressions are not compiled yet.</summary>
internal static class AdmissionPolicyValidation
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
        "loop", "package", "namespace", "return", "var", "void", "while",
    };

    public static void ValidateFailurePolicy(FieldErrorList errors, Map spec, FieldPath path)
    {
        if (spec.Has("failurePolicy"))
            errors.OneOf(path, "failurePolicy", spec.Text("failurePolicy"), AdmissionRuleValidation.FailurePolicies);
        else
            errors.Required(path.Child("failurePolicy"));
    }

    public static void ValidateParamKind(FieldErrorList errors, Map kind, FieldPath path)
    {
        var version = kind.Text("apiVersion");
        if (version.Length == 0)
            errors.Required(path.Child("apiVersion"));
        else if (version.AsSpan().Count('/') > 1)
            errors.Invalid(path.Child("apiVersion"), version, $"unexpected GroupVersion string: {version}");
        else
            ValidateGroupVersion(errors, version, path.Child("apiVersion"));
        var name = kind.Text("kind");
        if (name.Length == 0)
            errors.Required(path.Child("kind"));
        else if (NameValidation.IsDns1035Label(name.ToLowerInvariant()) is { Count: > 0 } messages)
            errors.Invalid(path.Child("kind"), name, "may have mixed case, but should otherwise match: " + string.Join(",", messages));
    }

    private static void ValidateGroupVersion(FieldErrorList errors, string text, FieldPath path)
    {
        var slash = text.IndexOf('/');
        var (group, version) = text == "/" ? ("", "") : slash < 0 ? ("", text) : (text[..slash], text[(slash + 1)..]);
        if (group.Length > 0 && NameValidation.IsDns1123Subdomain(group) is { Count: > 0 } wrong)
            errors.Invalid(path, group, string.Join(",", wrong));
        if (version.Length == 0)
            errors.Invalid(path, text, "version must be specified");
        else if (NameValidation.IsDns1035Label(version) is { Count: > 0 } messages)
            errors.Invalid(path, version, string.Join(",", messages));
    }

    public static void ValidateMatchConstraints(FieldErrorList errors, Map spec, FieldPath path)
    {
        if (spec.GetMap("matchConstraints") is not { } match)
        {
            errors.Required(path.Child("matchConstraints"));
            return;
        }

        AdmissionRuleValidation.ValidateMatchResources(errors, match, path.Child("matchConstraints"));
        if (match.List("resourceRules").Count == 0)
            errors.Required(path.Child("matchConstraints", "resourceRules"));
    }

    public static void ValidateVariables(FieldErrorList errors, Sequence variables, FieldPath path)
    {
        for (var i = 0; i < variables.Count; i++)
        {
            var (variable, at) = (variables.At(i), path.Index(i));
            var name = variable.Text("name");
            if (name.Trim().Length == 0)
                errors.Required(at.Child("name"), "name is not specified");
            else if (!IsIdentifier(name))
                errors.Invalid(at.Child("name"), name, "must be a valid CEL identifier");
            if (variable.Text("expression").Trim().Length == 0)
                errors.Required(at.Child("expression"), "expression is not specified");
        }
    }

    /// <summary>A match of the same conditions with the same parameters was accepted before.</summary>
    public static bool HasSameMatchConditions(Map spec, Map oldSpec) =>
        spec["paramKind"].SemanticallyEquals(oldSpec["paramKind"]) && spec["matchConditions"].SemanticallyEquals(oldSpec["matchConditions"]);

    public static void ValidateParamRef(FieldErrorList errors, Map reference, FieldPath path)
    {
        var name = reference.Text("name");
        if (name.Length > 0)
        {
            errors.AddInvalid(path.Child("name"), name, NameValidation.IsPathSegmentName(name));
            if (reference.Has("selector"))
                errors.Forbidden(path.Child("name"), "name and selector are mutually exclusive");
        }

        if (reference.Has("selector"))
        {
            LabelSelectorValidation.Validate(errors, reference, "selector", path);
            if (name.Length > 0)
                errors.Forbidden(path.Child("selector"), "name and selector are mutually exclusive");
        }
        else if (name.Length == 0)
        {
            errors.Required(path, "one of name or selector must be specified");
        }

        var action = reference.Text("parameterNotFoundAction");
        if (action.Length == 0)
            errors.Required(path.Child("parameterNotFoundAction"));
        else
            errors.OneOf(path, "parameterNotFoundAction", action, ["Deny", "Allow"]);
    }

    /// <summary>The part of a binding's spec that both sorts have.</summary>
    public static void ValidateBinding(FieldErrorList errors, Map spec, FieldPath path)
    {
        var policy = spec.Text("policyName");
        if (policy.Length == 0)
            errors.Required(path.Child("policyName"));
        else
            MetadataValidation.Name(errors, policy, NameRules.DnsSubdomain, path.Child("policyName"));
        if (spec.GetMap("paramRef") is { } reference)
            ValidateParamRef(errors, reference, path.Child("paramRef"));
        if (spec.GetMap("matchResources") is { } match)
            AdmissionRuleValidation.ValidateMatchResources(errors, match, path.Child("matchResources"));
    }

    private static bool IsIdentifier(string name)
    {
        if (Reserved.Contains(name) || char.IsAsciiDigit(name[0]))
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return false;
        }

        return true;
    }
}
