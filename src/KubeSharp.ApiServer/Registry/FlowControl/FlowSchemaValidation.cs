using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.FlowControl;

/// <summary>Flow schemas (pkg/apis/flowcontrol/validation/validation.go, v1.36).</summary>
internal static class FlowSchemaValidation
{
    private const int MaxMatchingPrecedence = 10000;
    private static readonly string[] Distinguishers = ["ByNamespace", "ByUser"];
    private static readonly string[] SubjectKinds = ["Group", "ServiceAccount", "User"];
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Name(), obj.Sub("spec"), MetadataValidation.Spec);
        if (MandatoryFlowControl.FlowSchema(obj.Name()) is { } fixedSpec && !((Value)obj.Sub("spec")).SemanticallyEquals(fixedSpec))
            errors.Invalid(MetadataValidation.Spec, obj.Sub("spec"), $"spec of '{obj.Name()}' must equal the fixed value");
        ConditionValidation.ValidateTypes(errors, obj);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) => Validate(context, obj, errors);

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) => ConditionValidation.ValidateTypes(errors, obj);

    private static void ValidateSpec(FieldErrorList errors, string name, Map spec, FieldPath path)
    {
        var precedence = spec.Number("matchingPrecedence");
        if (precedence <= 0)
            errors.Invalid(path.Child("matchingPrecedence"), precedence, "must be a positive value");
        if (precedence > MaxMatchingPrecedence)
            errors.Invalid(path.Child("matchingPrecedence"), precedence, $"must not be greater than {MaxMatchingPrecedence}");
        if (precedence == 1 && name != "exempt")
            errors.Invalid(path.Child("matchingPrecedence"), precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
        if (spec.GetMap("distinguisherMethod") is { } method && !Distinguishers.Contains(method.Text("type")))
        {
            // The whole struct is the bad value, printed with the internal type's field names.
            errors.NotSupported(path.Child("distinguisherMethod", "type"), new Map(1) { { "Type", method.Text("type") } }, Distinguishers);
        }

        var level = spec.Sub("priorityLevelConfiguration").Text("name");
        if (level.Length > 0)
            MetadataValidation.Name(errors, level, NameRules.DnsSubdomain, path.Child("priorityLevelConfiguration", "name"));
        else
            errors.Required(path.Child("priorityLevelConfiguration", "name"), "must reference a priority level");
        var rules = spec.List("rules");
        for (var i = 0; i < rules.Count; i++)
            ValidateRule(errors, rules.At(i), path.Child("rules").Index(i));
    }

    private static void ValidateRule(FieldErrorList errors, Map rule, FieldPath path)
    {
        var subjects = rule.List("subjects");
        if (subjects.Count == 0)
            errors.Required(path.Child("subjects"), "subjects must contain at least one value");
        for (var i = 0; i < subjects.Count; i++)
            ValidateSubject(errors, subjects.At(i), path.Child("subjects").Index(i));
        var (resources, others) = (rule.List("resourceRules"), rule.List("nonResourceRules"));
        if (resources.Count == 0 && others.Count == 0)
            errors.Required(path, "at least one of resourceRules and nonResourceRules has to be non-empty");
        for (var i = 0; i < resources.Count; i++)
            ValidateResourceRule(errors, resources.At(i), path.Child("resourceRules").Index(i));
        for (var i = 0; i < others.Count; i++)
            ValidateNonResourceRule(errors, others.At(i), path.Child("nonResourceRules").Index(i));
    }

    private static void ValidateSubject(FieldErrorList errors, Map subject, FieldPath path)
    {
        switch (subject.Text("kind"))
        {
            case "ServiceAccount":
                ValidateServiceAccount(errors, subject.GetMap("serviceAccount"), path.Child("serviceAccount"));
                Forbid(errors, subject, "user", "User", path);
                Forbid(errors, subject, "group", "Group", path);
                break;
            case "User":
                ValidateNamed(errors, subject.GetMap("user"), path.Child("user"), "user is required when subject kind is 'User'");
                Forbid(errors, subject, "serviceAccount", "ServiceAccount", path);
                Forbid(errors, subject, "group", "Group", path);
                break;
            case "Group":
                ValidateNamed(errors, subject.GetMap("group"), path.Child("group"), "group is required when subject kind is 'Group'");
                Forbid(errors, subject, "serviceAccount", "ServiceAccount", path);
                Forbid(errors, subject, "user", "User", path);
                break;
            default:
                errors.NotSupported(path.Child("kind"), subject.Text("kind"), SubjectKinds);
                break;
        }
    }

    private static void Forbid(FieldErrorList errors, Map subject, string key, string kind, FieldPath path)
    {
        if (subject.Has(key))
            errors.Forbidden(path.Child(key), $"{key} is forbidden when subject kind is not '{kind}'");
    }

    private static void ValidateNamed(FieldErrorList errors, Map? subject, FieldPath path, string whenAbsent)
    {
        if (subject is null)
            errors.Required(path, whenAbsent);
        else if (subject.Text("name").Length == 0)
            errors.Required(path.Child("name"));
    }

    private static void ValidateServiceAccount(FieldErrorList errors, Map? subject, FieldPath path)
    {
        if (subject is null)
        {
            errors.Required(path, "serviceAccount is required when subject kind is 'ServiceAccount'");
            return;
        }

        var (name, ns) = (subject.Text("name"), subject.Text("namespace"));
        if (name.Length == 0)
            errors.Required(path.Child("name"));
        else if (name != "*")
            MetadataValidation.Name(errors, name, NameRules.DnsSubdomain, path.Child("name"));
        if (ns.Length > 0)
            MetadataValidation.Name(errors, ns, NameRules.DnsLabel, path.Child("namespace"));
        else
            errors.Required(path.Child("namespace"), "must specify namespace for service account");
    }

    private static void ValidateVerbs(FieldErrorList errors, Map rule, FieldPath path)
    {
        var verbs = rule.List("verbs");
        if (verbs.Count == 0)
        {
            errors.Required(path.Child("verbs"), "verbs must contain at least one value");
        }
        else if (verbs.ContainsText("*"))
        {
            if (verbs.Count > 1)
                errors.Invalid(path.Child("verbs"), verbs, "if '*' is present, must not specify other verbs");
        }
        else
        {
            foreach (var verb in verbs)
            {
                if (Verbs.Contains(verb.AsString ?? ""))
                    continue;
                errors.NotSupported(path.Child("verbs"), verbs, Verbs);
                break;
            }
        }
    }

    private static void ValidateResourceRule(FieldErrorList errors, Map rule, FieldPath path)
    {
        ValidateVerbs(errors, rule, path);
        ValidateAlone(errors, rule, "apiGroups", path, "resource rules must supply at least one api group", "api groups");
        ValidateAlone(errors, rule, "resources", path, "resource rules must supply at least one resource", "resources");
        var namespaces = rule.List("namespaces");
        if (namespaces.Count == 0 && !rule.Flag("clusterScope"))
        {
            errors.Required(path.Child("namespaces"), "resource rules that are not cluster scoped must supply at least one namespace");
        }
        else if (namespaces.ContainsText("*"))
        {
            if (namespaces.Count > 1)
                errors.Invalid(path.Child("namespaces"), namespaces, "if '*' is present, must not specify other namespaces");
        }
        else
        {
            for (var i = 0; i < namespaces.Count; i++)
            {
                foreach (var message in NameRules.DnsLabel(namespaces.TextAt(i), false))
                    errors.Invalid(path.Child("namespaces").Index(i), namespaces[i], "each member of this list must be '*' or a DNS-1123 label; " + message);
            }
        }
    }

    private static void ValidateAlone(FieldErrorList errors, Map rule, string key, FieldPath path, string whenEmpty, string what)
    {
        var list = rule.List(key);
        if (list.Count == 0)
            errors.Required(path.Child(key), whenEmpty);
        else if (list.Count > 1 && list.ContainsText("*"))
            errors.Invalid(path.Child(key), list, $"if '*' is present, must not specify other {what}");
    }

    private static void ValidateNonResourceRule(FieldErrorList errors, Map rule, FieldPath path)
    {
        ValidateVerbs(errors, rule, path);
        var urls = rule.List("nonResourceURLs");
        if (urls.Count == 0)
        {
            errors.Required(path.Child("nonResourceURLs"), "nonResourceURLs must contain at least one value");
        }
        else if (urls.ContainsText("*"))
        {
            if (urls.Count > 1)
                errors.Invalid(path.Child("nonResourceURLs"), urls, "if '*' is present, must not specify other non-resource URLs");
        }
        else
        {
            for (var i = 0; i < urls.Count; i++)
            {
                if (WrongUrl(urls.TextAt(i)) is { } detail)
                    errors.Invalid(path.Child("nonResourceURLs").Index(i), urls[i], detail);
            }
        }
    }

    private static string? WrongUrl(string url)
    {
        if (url.Length == 0)
            return "must not be empty";
        if (url == "/")
            return null;
        if (url[0] != '/')
            return "must start with slash";
        if (url.Contains(' '))
            return "must not contain white-space";
        if (url.Contains("//", StringComparison.Ordinal))
            return "must not contain double slash";
        var wildcards = url.AsSpan().Count('*');
        return wildcards > 1 || (wildcards == 1 && !url.EndsWith("/*", StringComparison.Ordinal)) ? "wildcard can only do suffix matching" : null;
    }
}
