using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Scheduling;

/// <summary>What workloads' templates and pod groups have in common (pkg/apis/scheduling/v1alpha2/zz_generated.validations.go,
/// registry/scheduling/{workload,podgroup}/strategy.go, v1.36). Their gates (TopologyAwareWorkloadScheduling,
/// DRAWorkloadResourceClaims, WorkloadAwarePreemption) are alpha and off: the fields behind them are dropped unless in use,
/// and what is in use stays as it is.</summary>
internal static class PodGroupTemplateValidation
{
    private static readonly string[] Gated = ["schedulingConstraints", "resourceClaims", "disruptionMode", "priorityClassName", "priority"];

    /// <summary>Drops the fields that are off and that the old object does not have.</summary>
    public static void DropDisabled(Map template, Map? old)
    {
        foreach (var field in Gated)
        {
            if (template.ContainsKey(field) && !IsInUse(old, field))
                template.Remove(field);
        }
    }

    /// <summary>Fields of gates that are off cannot be set otherwise than they were.</summary>
    public static void ForbidDisabled(FieldErrorList errors, Map template, Map? old, FieldPath path)
    {
        foreach (var field in Gated)
        {
            if (field != "resourceClaims" && IsInUse(template, field) && !template[field].SemanticallyEquals(old?[field] ?? default))
                errors.Forbidden(path.Child(field), "");
        }
    }

    public static void ValidatePolicy(FieldErrorList errors, Map policy, Map? old, FieldPath path)
    {
        var (basic, gang) = (policy.Has("basic"), policy.Has("gang"));
        if (old is null || basic != old.Has("basic") || gang != old.Has("gang"))
            ExactlyOne(errors, path, ("basic", basic), ("gang", gang));
        if (!gang)
            return;
        var count = policy.Sub("gang").Number("minCount");
        if (count == 0)
            errors.Required(path.Child("gang").Child("minCount"));
        else if (count < 1)
            errors.Invalid(path.Child("gang").Child("minCount"), count, "must be greater than or equal to 1");
    }

    /// <summary>validate.Union: one member, and no more.</summary>
    public static void ExactlyOne(FieldErrorList errors, FieldPath path, params (string Name, bool IsSet)[] members)
    {
        var all = string.Join(", ", members.Select(m => $"`{m.Name}`"));
        var set = members.Where(m => m.IsSet).Select(m => m.Name).ToList();
        if (set.Count == 0)
            errors.Invalid(path, "", $"must specify one of: {all}");
        else if (set.Count > 1)
            errors.Invalid(path, $"{{{string.Join(", ", set)}}}", $"must specify exactly one of: {all}");
    }

    /// <summary>A required DNS label (k8s-short-name).</summary>
    public static void ShortName(FieldErrorList errors, Map map, string key, FieldPath parent) =>
        Required(errors, map, key, parent, NameValidation.IsDns1123Label);

    /// <summary>A required name by a rule of its own.</summary>
    public static void Required(FieldErrorList errors, Map map, string key, FieldPath parent, Func<string, IReadOnlyList<string>> rule)
    {
        if (map.Text(key) is { Length: > 0 } value)
            errors.AddInvalid(parent.Child(key), value, rule(value));
        else
            errors.Required(parent.Child(key));
    }

    private static bool IsInUse(Map? template, string field) => field switch
    {
        "resourceClaims" => template.List(field).Count > 0,
        "priorityClassName" => template.Text(field).Length > 0,
        _ => template.Has(field),
    };
}
