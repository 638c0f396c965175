using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>Requests for the state of device pools: asked once, answered once
/// (pkg/apis/resource/validation/validation_resourcepoolstatusrequest.go, v1alpha3/zz_generated.validations.go, v1.36).</summary>
internal static class ResourcePoolStatusRequestValidation
{
    private const int MaxName = 253;
    private const int MaxPools = 1000;
    private const int MaxConditions = 10;
    private const int MaxErrorBytes = 256;

    private static readonly string[] Counts = ["totalDevices", "allocatedDevices", "availableDevices", "unavailableDevices"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        var (spec, path) = (obj.Sub("spec"), MetadataValidation.Spec);
        ValidateDriver(errors, spec.Text("driver"), path.Child("driver"));
        if (spec.GetString("poolName") is { } pool)
            ValidatePoolName(errors, pool, path.Child("poolName"));
        if (!spec.Has("limit"))
            errors.Required(path.Child("limit"));
        else if (spec.Number("limit") > MaxPools)
            errors.Invalid(path.Child("limit"), spec.Number("limit"), $"must be less than or equal to {MaxPools}");
        else
            Minimum(errors, spec, "limit", 1, path);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (!obj["spec"].SemanticallyEquals(old["spec"]))
            errors.Invalid(MetadataValidation.Spec, Value.Null, ValidationMessages.FieldImmutable);
    }

    /// <summary>What has been answered stays.</summary>
    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (old.Has("status"))
        {
            errors.Immutable(obj["status"], old["status"], MetadataValidation.Status);
            return;
        }

        if (!obj.Has("status"))
            return;
        var (status, path) = (obj.Sub("status"), MetadataValidation.Status);
        var conditions = status.List("conditions");
        ConditionValidation.Validate(errors, conditions, path.Child("conditions"));
        if (!status.Has("poolCount"))
            errors.Required(path.Child("poolCount"));
        else
            Minimum(errors, status, "poolCount", 0, path);
        var pools = status.List("pools");
        if (pools.Count > MaxPools)
            errors.Add(FieldError.TooMany(path.Child("pools"), pools.Count, MaxPools));
        for (var i = 0; pools.Count <= MaxPools && i < pools.Count; i++)
            ValidatePool(errors, pools.At(i), path.Child("pools").Index(i));
        if (conditions.Count > MaxConditions)
            errors.Add(FieldError.TooMany(path.Child("conditions"), conditions.Count, MaxConditions));
    }

    private static void ValidatePool(FieldErrorList errors, Map pool, FieldPath path)
    {
        ValidateDriver(errors, pool.Text("driver"), path.Child("driver"));
        if (pool.Text("poolName").Length == 0)
            errors.Required(path.Child("poolName"));
        else
            ValidatePoolName(errors, pool.Text("poolName"), path.Child("poolName"));
        if (pool.Number("generation") == 0)
            errors.Required(path.Child("generation"));
        else
            Minimum(errors, pool, "generation", 0, path);
        Minimum(errors, pool, "resourceSliceCount", 1, path);
        foreach (var count in Counts)
            Minimum(errors, pool, count, 0, path);
        if (pool.GetString("nodeName") is { } node)
            errors.AddInvalid(path.Child("nodeName"), node, NameValidation.IsDns1123Subdomain(node));
        if (Encoding.UTF8.GetByteCount(pool.Text("validationError")) > MaxErrorBytes)
            errors.Add(FieldError.TooLong(path.Child("validationError"), MaxErrorBytes));
    }

    private static void ValidateDriver(FieldErrorList errors, string driver, FieldPath path)
    {
        if (driver.Length == 0)
            errors.Required(path);
        else
            errors.AddInvalid(path, driver, CaselessSubdomain(driver));
    }

    /// <summary>Names of drivers may have capitals (content.IsDNS1123SubdomainCaseless).</summary>
    private static List<string> CaselessSubdomain(string name)
    {
        var problems = new List<string>();
        if (name.Length > MaxName)
            problems.Add(ValidationMessages.MaxBytes(MaxName));
        if (NameValidation.IsDns1123Subdomain(name[..Math.Min(name.Length, MaxName)].ToLowerInvariant()).Count > 0)
        {
            problems.Add(ValidationMessages.Regex(
                "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
                "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", "Example.com"));
        }

        return problems;
    }

    private static void ValidatePoolName(FieldErrorList errors, string name, FieldPath path)
    {
        if (Encoding.UTF8.GetByteCount(name) > MaxName)
            errors.Add(FieldError.TooLong(path, MaxName));
        var parts = name.Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length == 0)
            {
                errors.Invalid(path, name, $"segment {i}: must not be empty");
                continue;
            }

            foreach (var message in NameValidation.IsDns1123Subdomain(parts[i]))
                errors.Invalid(path, parts[i], $"segment {i}: {message}");
        }
    }

    private static void Minimum(FieldErrorList errors, Map map, string key, long minimum, FieldPath path)
    {
        if (map.Has(key) && map.Number(key) < minimum)
            errors.Invalid(path.Child(key), map.Number(key), $"must be greater than or equal to {minimum}");
    }
}
