using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Quotas (pkg/apis/core/validation/validation.go, pkg/registry/core/resourcequota/strategy.go, v1.36).</summary>
internal static class ResourceQuotaValidation
{
    private static readonly string[] Measured = ["cpu", "memory", "storage", "ephemeral-storage"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("spec"), MetadataValidation.Spec);
        ValidateStatus(errors, obj.Sub("status"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateSpec(errors, obj.Sub("spec"), MetadataValidation.Spec);
        var scopes = obj.Sub("spec").List("scopes");
        var (now, before) = (scopes.Select(scope => scope.AsString).ToHashSet(), old.Sub("spec").List("scopes").Select(scope => scope.AsString));
        if (!now.SetEquals(before))
            errors.Invalid(MetadataValidation.Spec.Child("scopes"), obj.Sub("spec")["scopes"] is { IsNullOrUndefined: false } given ? given : Value.Null, ValidationMessages.FieldImmutable);
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (obj.Sub("metadata").Text("resourceVersion").Length == 0)
            errors.Required(new FieldPath("resourceVersion"));
        ValidateStatus(errors, obj.Sub("status"));
    }

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is not null)
            return;
        var hard = obj.Sub("spec").Sub("hard");
        foreach (var resource in Measured)
        {
            var request = "requests." + resource;
            if (!hard.Has(request) && resource is ("cpu" or "memory"))
                request = resource;
            var limit = "limits." + resource;
            if (hard.Has(request) && hard.Has(limit) && hard.Amount(request) > hard.Amount(limit))
                context.AddWarning($"ResourceQuota {request} ({hard.Amount(request)}) should be less than {limit} ({hard.Amount(limit)})");
        }
    }

    private static void ValidateStatus(FieldErrorList errors, Map status)
    {
        ValidateAmounts(errors, status.Sub("hard"), MetadataValidation.Status.Child("hard"));
        ValidateAmounts(errors, status.Sub("used"), MetadataValidation.Status.Child("used"));
    }

    private static void ValidateAmounts(FieldErrorList errors, Map amounts, FieldPath path)
    {
        foreach (var (name, value) in amounts)
        {
            ResourceNames.ValidateQuota(errors, name, path.Key(name));
            ResourceNames.ValidateAmount(errors, name, value, path.Key(name));
        }
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, FieldPath path)
    {
        ValidateAmounts(errors, spec.Sub("hard"), path.Child("hard"));
        var hard = spec.Sub("hard").Select(pair => pair.Key).Where(ResourceNames.IsStandardQuota).Order(StringComparer.Ordinal).ToArray();
        var scopes = spec.List("scopes");
        if (scopes.Count > 0)
        {
            for (var i = 0; i < scopes.Count; i++)
            {
                if (!IsStandardScope(scopes.TextAt(i)))
                    errors.Invalid(path.Child("scopes"), scopes, "unsupported scope");
                foreach (var resource in hard)
                {
                    if (!IsValidFor(scopes.TextAt(i), resource))
                        errors.Invalid(path.Child("scopes"), scopes, "unsupported scope applied to resource");
                }
            }

            ValidatePairs(errors, [.. scopes.Select(scope => scope.AsString ?? "")], scopes, path.Child("scopes"));
        }

        if (spec.GetMap("scopeSelector") is { } selector)
            ValidateSelector(errors, spec, selector, hard, path.Child("scopeSelector", "matchExpressions"));
    }

    private static void ValidateSelector(FieldErrorList errors, Map spec, Map selector, string[] hard, FieldPath path)
    {
        var expressions = selector.List("matchExpressions");
        var names = new List<string>();
        for (var i = 0; i < expressions.Count; i++)
        {
            var requirement = expressions.At(i);
            var (scope, op, values) = (requirement.Text("scopeName"), requirement.Text("operator"), requirement.List("values"));
            names.Add(scope);
            if (!IsStandardScope(scope))
                errors.Invalid(path.Child("scopeName"), scope, "unsupported scope");
            foreach (var resource in hard)
            {
                if (!IsValidFor(scope, resource))
                    errors.Invalid(path, InternalForm(expressions), "unsupported scope applied to resource");
            }

            if (op != "Exists" && scope is ("BestEffort" or "NotBestEffort" or "Terminating" or "NotTerminating" or "CrossNamespacePodAffinity"))
            {
                errors.Invalid(path.Child("operator"), op,
                    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
            }

            if (op is "In" or "NotIn")
            {
                if (values.Count == 0)
                    errors.Required(path.Child("values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
            }
            else if (op is "Exists" or "DoesNotExist")
            {
                if (values.Count > 0)
                    errors.Invalid(path.Child("values"), values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
            }
            else
            {
                errors.Invalid(path.Child("operator"), op, "not a valid selector operator");
            }
        }

        ValidatePairs(errors, names, spec.Has("scopes") ? spec["scopes"] : Value.Null, path);
    }

    private static void ValidatePairs(FieldErrorList errors, List<string> scopes, Value value, FieldPath path)
    {
        if (scopes.Contains("BestEffort") && scopes.Contains("NotBestEffort"))
            errors.Invalid(path, value, "conflicting scopes");
        if (scopes.Contains("Terminating") && scopes.Contains("NotTerminating"))
            errors.Invalid(path, value, "conflicting scopes");
    }

    private static bool IsStandardScope(string scope) => scope is "Terminating" or "NotTerminating" or "BestEffort" or "NotBestEffort"
        or "PriorityClass" or "VolumeAttributesClass" or "CrossNamespacePodAffinity";

    private static bool IsValidFor(string scope, string resource) => scope switch
    {
        "Terminating" or "NotTerminating" or "NotBestEffort" or "PriorityClass" or "CrossNamespacePodAffinity" =>
            resource is "pods" or "cpu" or "memory" or "limits.cpu" or "limits.memory" or "requests.cpu" or "requests.memory",
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => resource is "persistentvolumeclaims" or "requests.storage",
        _ => true,
    };

    /// <summary>The selector as upstream prints it: the internal struct.</summary>
    private static Map InternalForm(Sequence expressions)
    {
        var list = new Sequence(expressions.Count);
        for (var i = 0; i < expressions.Count; i++)
        {
            var item = expressions.At(i);
            list.Add(new Map
            {
                { "ScopeName", item.Text("scopeName") }, { "Operator", item.Text("operator") },
                { "Values", item.Has("values") ? item["values"] : Value.Null },
            });
        }

        return new Map { { "MatchExpressions", list } };
    }
}
