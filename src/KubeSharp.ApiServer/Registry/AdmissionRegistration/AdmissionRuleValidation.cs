using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.AdmissionRegistration;

/// <summary>What requests a webhook or policy is for: rules, match resources, match conditions
/// (pkg/apis/admissionregistration/validation/validation.go, v1.36).</summary>
internal static class AdmissionRuleValidation
{
    private const int MaxMatchConditions = 64;
    private static readonly string[] Scopes = ["*", "Cluster", "Namespaced"];
    private static readonly string[] Operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
    private static readonly string[] MutatingOperations = ["*", "CONNECT", "CREATE", "UPDATE"];
    public static readonly string[] FailurePolicies = ["Fail", "Ignore"];
    public static readonly string[] MatchPolicies = ["Equivalent", "Exact"];
    public static readonly string[] ReinvocationPolicies = ["IfNeeded", "Never"];

    /// <summary>validateRuleWithOperations.</summary>
    public static void ValidateRule(FieldErrorList errors, Map rule, FieldPath path)
    {
        var operations = rule.List("operations");
        if (operations.Count == 0)
            errors.Required(path.Child("operations"));
        if (operations.Count > 1 && operations.ContainsText("*"))
            errors.Invalid(path.Child("operations"), operations, "if '*' is present, must not specify other operations");
        for (var i = 0; i < operations.Count; i++)
        {
            if (!Operations.Contains(operations.TextAt(i)))
                errors.NotSupported(path.Child("operations").Index(i), operations[i], Operations);
        }

        ValidateAlone(errors, rule.List("apiGroups"), path.Child("apiGroups"), "API groups");
        var versions = rule.List("apiVersions");
        ValidateAlone(errors, versions, path.Child("apiVersions"), "API versions");
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions.TextAt(i).Length == 0)
                errors.Required(path.Child("apiVersions").Index(i));
        }

        ValidateResources(errors, rule.List("resources"), path.Child("resources"));
        if (rule.GetString("scope") is { } scope)
            errors.OneOf(path, "scope", scope, Scopes);
    }

    private static void ValidateAlone(FieldErrorList errors, Sequence list, FieldPath path, string what)
    {
        if (list.Count == 0)
            errors.Required(path);
        if (list.Count > 1 && list.ContainsText("*"))
            errors.Invalid(path, list, $"if '*' is present, must not specify other {what}");
    }

    private static void ValidateResources(FieldErrorList errors, Sequence resources, FieldPath path)
    {
        if (resources.Count == 0)
            errors.Required(path);
        HashSet<string> wholes = new(StringComparer.Ordinal), subresources = new(StringComparer.Ordinal);
        var (doubleWildcard, wildcard, plain) = (false, false, false);
        for (var i = 0; i < resources.Count; i++)
        {
            var resource = resources.TextAt(i);
            if (resource.Length == 0)
            {
                errors.Required(path.Index(i));
                continue;
            }

            doubleWildcard |= resource == "*/*";
            wildcard |= resource == "*";
            var slash = resource.IndexOf('/');
            if (slash < 0)
            {
                plain = resource != "*";
                continue;
            }

            var (main, sub) = (resource[..slash], resource[(slash + 1)..]);
            if (wholes.Contains(main))
                errors.Invalid(path.Index(i), resource, $"if '{main}/*' is present, must not specify {resource}");
            if (subresources.Contains(sub))
                errors.Invalid(path.Index(i), resource, $"if '*/{sub}' is present, must not specify {resource}");
            if (sub == "*")
                wholes.Add(main);
            if (main == "*")
                subresources.Add(sub);
        }

        if (resources.Count > 1 && doubleWildcard)
            errors.Invalid(path, resources, "if '*/*' is present, must not specify other resources");
        if (wildcard && plain)
            errors.Invalid(path, resources, "if '*' is present, must not specify other resources without subresources");
    }

    /// <summary>validateMatchResources.</summary>
    public static void ValidateMatchResources(FieldErrorList errors, Map match, FieldPath path)
    {
        if (match.Has("matchPolicy"))
            errors.OneOf(path, "matchPolicy", match.Text("matchPolicy"), MatchPolicies);
        else
            errors.Required(path.Child("matchPolicy"));
        foreach (var selector in (ReadOnlySpan<string>)["namespaceSelector", "objectSelector"])
        {
            if (match.Has(selector))
                LabelSelectorValidation.Validate(errors, match, selector, path);
            else
                errors.Required(path.Child(selector));
        }

        foreach (var rules in (ReadOnlySpan<string>)["resourceRules", "excludeResourceRules"])
        {
            var list = match.List(rules);
            for (var i = 0; i < list.Count; i++)
                ValidateNamedRule(errors, list.At(i), path.Child(rules).Index(i));
        }
    }

    private static void ValidateNamedRule(FieldErrorList errors, Map rule, FieldPath path)
    {
        var names = rule.List("resourceNames");
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            errors.AddInvalid(path.Child("resourceNames").Index(i), names[i], NameValidation.IsPathSegmentName(names.TextAt(i)));
            if (!seen.Add(names.TextAt(i)))
                errors.Duplicate(path.Child("resourceNames").Index(i), names[i]);
        }

        ValidateRule(errors, rule, path);
    }

    /// <summary>Mutating policies are not for deletions.</summary>
    public static void ValidateMutatingOperations(FieldErrorList errors, Map match, FieldPath path)
    {
        foreach (var rule in match.List("resourceRules"))
        {
            foreach (var operation in rule.AsMap.List("operations"))
            {
                if (!MutatingOperations.Contains(operation.AsString ?? ""))
                    errors.NotSupported(path.Child("resourceRules", "operations"), operation, MutatingOperations);
            }
        }
    }

    /// <summary>validateMatchConditions, but for what needs an expression compiled.</summary>
    public static void ValidateMatchConditions(FieldErrorList errors, Sequence conditions, FieldPath path, ExpressionCheck? check = null)
    {
        if (conditions.Count > MaxMatchConditions)
            errors.Add(FieldError.TooMany(path, conditions.Count, MaxMatchConditions));
        HashSet<string> names = new(StringComparer.Ordinal);
        for (var i = 0; i < conditions.Count; i++)
        {
            var condition = conditions.At(i);
            var name = condition.Text("name");
            var expression = condition.Text("expression").Trim();
            if (expression.Length == 0)
                errors.Required(path.Index(i).Child("expression"));
            else
                check?.Invoke(errors, expression, path.Index(i).Child("expression"));
            if (name.Length == 0)
                errors.Required(path.Index(i).Child("name"));
            else
                errors.AddInvalid(path.Index(i).Child("name"), name, NameValidation.IsQualifiedName(name));
            if (name.Length > 0 && !names.Add(name))
                errors.Duplicate(path.Index(i).Child("name"), name);
        }
    }
}

/// <summary>Adds what is wrong with a CEL expression.</summary>
internal delegate void ExpressionCheck(FieldErrorList errors, string expression, FieldPath path);
