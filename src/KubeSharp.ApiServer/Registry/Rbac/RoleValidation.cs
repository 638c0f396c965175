using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Rbac;

/// <summary>Roles and cluster roles (pkg/apis/rbac/validation/validation.go, v1.36).</summary>
internal static class RoleValidation
{
    private static readonly FieldPath Rules = new("rules");
    private static readonly FieldPath Selectors = new("aggregationRule", "clusterRoleSelectors");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.PathSegment);
        ValidateRules(errors, obj, true);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        Validate(context, obj, errors);
        MetadataValidation.ValidateUpdate(errors, obj, old);
    }

    public static void ValidateClusterRole(OperationContext context, Map obj, FieldErrorList errors) => ValidateCluster(errors, obj, false);

    public static void ValidateClusterRoleUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var hadInvalid = false;
        foreach (var selector in old.Sub("aggregationRule").List("clusterRoleSelectors"))
            hadInvalid |= LabelSelectorValidation.IsInvalid(selector.AsMap);
        ValidateCluster(errors, obj, hadInvalid);
        MetadataValidation.ValidateUpdate(errors, obj, old);
    }

    private static void ValidateCluster(FieldErrorList errors, Map obj, bool allowInvalidValues)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.PathSegment);
        ValidateRules(errors, obj, false);
        if (obj.GetMap("aggregationRule") is not { } aggregation)
            return;
        var selectors = aggregation.List("clusterRoleSelectors");
        if (selectors.Count == 0)
            errors.Required(Selectors, "at least one clusterRoleSelector required if aggregationRule is non-nil");
        for (var i = 0; i < selectors.Count; i++)
        {
            LabelValidation.ValidateLabelSelector(errors, selectors.At(i), Selectors.Index(i), allowInvalidValues);
            // What cannot become a selector is an error of its own; the value printed is the selector that could not be made.
            if (!IsConvertible(selectors.At(i)))
                errors.Invalid(Selectors.Index(i), Value.Null, "invalid label selector.");
        }
    }

    private static bool IsConvertible(Map selector)
    {
        foreach (var (key, value) in selector.Sub("matchLabels"))
        {
            if (NameValidation.IsQualifiedName(key).Count > 0 || NameValidation.IsLabelValue(value.AsString ?? "").Count > 0)
                return false;
        }

        foreach (var expression in selector.List("matchExpressions"))
        {
            var (op, values) = (expression.AsMap.Text("operator"), expression.AsMap.List("values"));
            if (NameValidation.IsQualifiedName(expression.AsMap.Text("key")).Count > 0
                || op is not ("In" or "NotIn" or "Exists" or "DoesNotExist") || (op is "In" or "NotIn" ? values.Count == 0 : values.Count > 0))
                return false;
            foreach (var value in values)
            {
                if (NameValidation.IsLabelValue(value.AsString ?? "").Count > 0)
                    return false;
            }
        }

        return true;
    }

    private static void ValidateRules(FieldErrorList errors, Map obj, bool namespaced)
    {
        var rules = obj.List("rules");
        for (var i = 0; i < rules.Count; i++)
            ValidateRule(errors, rules.At(i), namespaced, Rules, i);
    }

    private static void ValidateRule(FieldErrorList errors, Map rule, bool namespaced, FieldPath path, int index)
    {
        if (rule.List("verbs").Count == 0)
            errors.Required(path.Index(index).Child("verbs"), "verbs must contain at least one value");
        var urls = rule.List("nonResourceURLs");
        if (urls.Count > 0)
        {
            if (namespaced)
                errors.Invalid(path.Index(index).Child("nonResourceURLs"), urls, "namespaced rules cannot apply to non-resource URLs");
            if (rule.List("apiGroups").Count > 0 || rule.List("resources").Count > 0 || rule.List("resourceNames").Count > 0)
                errors.Invalid(path.Index(index).Child("nonResourceURLs"), urls, "rules cannot apply to both regular resources and non-resource URLs");
            return;
        }

        if (rule.List("apiGroups").Count == 0)
            errors.Required(path.Index(index).Child("apiGroups"), "resource rules must supply at least one api group");
        if (rule.List("resources").Count == 0)
            errors.Required(path.Index(index).Child("resources"), "resource rules must supply at least one resource");
    }
}
