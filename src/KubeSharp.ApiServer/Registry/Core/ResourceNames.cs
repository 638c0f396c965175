using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>What resources may be called in lists of amounts (pkg/apis/core/helper/helpers.go and the resource part of
/// pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class ResourceNames
{
    private static readonly HashSet<string> StandardQuota = new(StringComparer.Ordinal)
    {
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage",
        "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers",
        "secrets", "persistentvolumeclaims", "configmaps", "services.nodeports", "services.loadbalancers",
    };

    private static readonly HashSet<string> Integers = new(StringComparer.Ordinal)
    {
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims",
        "services.nodeports", "services.loadbalancers",
    };

    public static bool IsHugePages(string name) => name.StartsWith("hugepages-", StringComparison.Ordinal);

    public static bool IsStandardQuota(string name) => StandardQuota.Contains(name) || IsQuotaHugePages(name);

    public static bool IsStandard(string name) => name == "storage" || IsStandardQuota(name);

    public static bool IsNative(string name) => !name.Contains('/') || name.Contains("kubernetes.io/", StringComparison.Ordinal);

    public static bool IsExtended(string name) =>
        !IsNative(name) && !name.StartsWith("requests.", StringComparison.Ordinal) && NameValidation.IsQualifiedName("requests." + name).Count == 0;

    public static bool IsInteger(string name) => Integers.Contains(name) || IsExtended(name);

    public static bool IsOvercommitAllowed(string name) => IsNative(name) && !IsHugePages(name);

    /// <summary>validateResourceName.</summary>
    public static bool Validate(FieldErrorList errors, string name, FieldPath path)
    {
        var before = errors.Count;
        errors.AddInvalid(path, name, NameValidation.IsQualifiedName(name));
        if (errors.Count == before && !name.Contains('/') && !IsStandard(name))
            errors.Invalid(path, name, "must be a standard resource type or fully qualified");
        return errors.Count == before;
    }

    /// <summary>validateContainerResourceName: as <see cref="Validate"/>, and something that a container can use.</summary>
    public static void ValidateContainer(FieldErrorList errors, string name, FieldPath path)
    {
        Validate(errors, name, path);
        if (!name.Contains('/'))
        {
            if (name is not ("cpu" or "memory" or "ephemeral-storage") && !IsHugePages(name))
                errors.Invalid(path, name, "must be a standard resource for containers");
        }
        else if (!IsNative(name) && !IsExtended(name))
        {
            errors.Invalid(path, name, "doesn't follow extended resource name standard");
        }
    }

    /// <summary>ValidateResourceQuotaResourceName.</summary>
    public static void ValidateQuota(FieldErrorList errors, string name, FieldPath path)
    {
        Validate(errors, name, path);
        if (!name.Contains('/') && !IsStandardQuota(name))
            errors.Invalid(path, name, "must be a standard resource for quota");
    }

    /// <summary>ValidateResourceQuantityValue: not negative, and whole where the resource is counted.</summary>
    public static void ValidateAmount(FieldErrorList errors, string name, Value value, FieldPath path)
    {
        MetadataValidation.NonNegativeQuantity(errors, value, path);
        if (IsInteger(name) && Quantity.FromValue(value) is var amount && amount.MilliValue() % 1000 != 0)
            errors.Invalid(path, amount.ToString(), "must be an integer");
    }

    private static bool IsQuotaHugePages(string name) => IsHugePages(name) || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);
}
