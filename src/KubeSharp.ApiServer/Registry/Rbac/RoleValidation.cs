using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiMachinery.Views.Rbac.V1;

namespace KubeSharp.ApiServer.Registry.Rbac;

/// <summary>Validation of roles and cluster roles (pkg/apis/rbac/validation/validation.go, v1.36).</summary>
internal static class RoleValidation
{
    private static readonly FieldPath Metadata = new("metadata");
    private static readonly FieldPath Rules = new("rules");
    private static readonly FieldPath Selectors = new("aggregationRule", "clusterRoleSelectors");

    public static void Validate(FieldErrorList errors, Map role, Map? old)
    {
        ObjectMetaValidation.Validate(errors, role.GetMap("metadata") ?? Map.Empty, requiresNamespace: true, NameRules.PathSegment, Metadata);
        ValidateRules(errors, new Role(role).Rules, isNamespaced: true);
        if (old is not null)
            ObjectMetaValidation.ValidateUpdate(errors, role.GetMap("metadata") ?? Map.Empty, old.GetMap("metadata") ?? Map.Empty, Metadata);
    }

    public static void ValidateClusterRole(FieldErrorList errors, Map role, Map? old)
    {
        ObjectMetaValidation.Validate(errors, role.GetMap("metadata") ?? Map.Empty, requiresNamespace: false, NameRules.PathSegment, Metadata);
        ValidateRules(errors, new ClusterRole(role).Rules, isNamespaced: false);
        ValidateAggregation(errors, role, old);
        if (old is not null)
            ObjectMetaValidation.ValidateUpdate(errors, role.GetMap("metadata") ?? Map.Empty, old.GetMap("metadata") ?? Map.Empty, Metadata);
    }

    private static void ValidateAggregation(FieldErrorList errors, Map role, Map? old)
    {
        if (role.GetMap("aggregationRule") is not { } aggregation)
            return;
        var selectors = aggregation.GetSequence("clusterRoleSelectors") ?? Sequence.Empty;
        if (selectors.Count == 0)
            errors.Add(FieldError.Required(Selectors, "at least one clusterRoleSelector required if aggregationRule is non-nil"));
        var allowInvalidValues = old?.GetMap("aggregationRule")?.GetSequence("clusterRoleSelectors")?.Any(s => LabelValidation.HasInvalidValue(s.AsMap)) == true;
        for (var i = 0; i < selectors.Count; i++)
        {
            var path = Selectors.Index(i);
            LabelValidation.ValidateLabelSelector(errors, selectors[i].AsMap, path, allowInvalidValues);
            if (!LabelSelector.TryFromMeta(selectors[i].AsMap, out _, out _))
                errors.Add(FieldError.Invalid(path, Value.Null, "invalid label selector."));
        }
    }

    private static void ValidateRules(FieldErrorList errors, ApiMachinery.Views.ViewList<PolicyRule> rules, bool isNamespaced)
    {
        for (var i = 0; i < rules.Count; i++)
            ValidateRule(errors, rules[i], isNamespaced, i);
    }

    private static void ValidateRule(FieldErrorList errors, PolicyRule rule, bool isNamespaced, int index)
    {
        if (rule.Verbs.IsEmpty)
            errors.Add(FieldError.Required(Rules.Index(index).Child("verbs"), "verbs must contain at least one value"));
        if (!rule.NonResourceURLs.IsEmpty)
        {
            if (isNamespaced)
                errors.Add(FieldError.Invalid(Rules.Index(index).Child("nonResourceURLs"), rule.NonResourceURLs.Sequence, "namespaced rules cannot apply to non-resource URLs"));
            if (!rule.APIGroups.IsEmpty || !rule.Resources.IsEmpty || !rule.ResourceNames.IsEmpty)
                errors.Add(FieldError.Invalid(Rules.Index(index).Child("nonResourceURLs"), rule.NonResourceURLs.Sequence, "rules cannot apply to both regular resources and non-resource URLs"));
            return;
        }

        if (rule.APIGroups.IsEmpty)
            errors.Add(FieldError.Required(Rules.Index(index).Child("apiGroups"), "resource rules must supply at least one api group"));
        if (rule.Resources.IsEmpty)
            errors.Add(FieldError.Required(Rules.Index(index).Child("resources"), "resource rules must supply at least one resource"));
    }
}
