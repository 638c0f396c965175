using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Scheduling;

/// <summary>Priority classes (pkg/apis/scheduling/validation/validation.go, v1.36).</summary>
internal static class PriorityClassValidation
{
    private const long HighestUserDefinable = 1_000_000_000;
    private const long SystemCritical = 2 * HighestUserDefinable;
    private static readonly string[] PreemptionPolicies = ["PreemptLowerPriority", "Never"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        var (name, value) = (obj.Name(), obj.Number("value"));
        if (name.StartsWith("system-", StringComparison.Ordinal))
        {
            if (SystemClassProblem(name, value, obj.Flag("globalDefault")) is { } problem)
            {
                errors.Forbidden(MetadataValidation.Path.Child("name"),
                    $"priority class names with 'system-' prefix are reserved for system use only. error: {problem}");
            }
        }
        else if (value > HighestUserDefinable)
        {
            errors.Forbidden(new FieldPath("value"), $"maximum allowed value of a user defined priority is {HighestUserDefinable}");
        }

        if (obj.GetString("preemptionPolicy") is { Length: 0 })
            errors.Required(new FieldPath("preemptionPolicy"));
        else if (obj.GetString("preemptionPolicy") is { } policy && !PreemptionPolicies.Contains(policy))
            errors.NotSupported(new FieldPath("preemptionPolicy"), policy, PreemptionPolicies);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (obj.Number("value") != old.Number("value"))
            errors.Forbidden(new FieldPath("value"), "may not be changed in an update.");
        if (obj.GetString("preemptionPolicy") != old.GetString("preemptionPolicy"))
        {
            errors.Invalid(new FieldPath("preemptionPolicy"), obj.Has("preemptionPolicy") ? obj["preemptionPolicy"] : Value.Null,
                ValidationMessages.FieldImmutable);
        }
    }

    private static string? SystemClassProblem(string name, long value, bool globalDefault)
    {
        var expected = name switch
        {
            "system-node-critical" => SystemCritical + 1000,
            "system-cluster-critical" => SystemCritical,
            _ => 0,
        };
        if (expected == 0)
            return $"{name} is not a known system priority class";
        if (expected != value)
            return $"value of {name} PriorityClass must be {expected}";
        return globalDefault ? $"globalDefault of {name} PriorityClass must be false" : null;
    }
}
