using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Storage;

/// <summary>CSI drivers, nodes and capacities (pkg/apis/storage/validation/validation.go, v1.36).</summary>
internal static class CsiValidation
{
    private const int MaxNodeIdLength = 256;
    private const int MaxDriverNameLength = 63;
    private static readonly string[] FsGroupPolicies = ["File", "None", "ReadWriteOnceWithFSType"];
    private static readonly string[] LifecycleModes = ["Persistent", "Ephemeral"];
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    /// <summary>A driver's name wherever one stands (core validation's ValidateCSIDriverName).</summary>
    public static void ValidateDriverName(FieldErrorList errors, string name, FieldPath path)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
            return;
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxDriverNameLength)
            errors.Add(FieldError.TooLong(path, MaxDriverNameLength));
        errors.AddInvalid(path, name, NameValidation.IsDns1123Subdomain(name.ToLowerInvariant()));
    }

    public static void ValidateDriver(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        ValidateDriverSpec(errors, obj.Sub("spec"));
    }

    public static void ValidateDriverUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var (spec, before) = (obj.Sub("spec"), old.Sub("spec"));
        ValidateDriverSpec(errors, spec);
        errors.Immutable(spec.Has("attachRequired") ? spec["attachRequired"] : Value.Null, before["attachRequired"], Spec.Child("attachedRequired"));
        errors.Immutable(spec.Has("volumeLifecycleModes") ? spec["volumeLifecycleModes"] : Value.Null, before["volumeLifecycleModes"], Spec.Child("volumeLifecycleModes"));
    }

    public static void WarnOfDriver(OperationContext context, Map obj, Map? old)
    {
        var spec = obj.Sub("spec");
        if (spec.List("tokenRequests").Count > 0 && !spec.Has("serviceAccountTokenInSecrets")
            && (old is null || !spec["tokenRequests"].SemanticallyEquals(old.Sub("spec")["tokenRequests"])))
            context.AddWarning(TokenWarning);
    }

    private const string TokenWarning =
        "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes";

    private static void ValidateDriverSpec(FieldErrorList errors, Map spec)
    {
        if (!spec.Has("attachRequired"))
            errors.Required(Spec.Child("attachedRequired"));
        if (!spec.Has("podInfoOnMount"))
            errors.Required(Spec.Child("podInfoOnMount"));
        if (!spec.Has("storageCapacity"))
            errors.Required(Spec.Child("storageCapacity"));
        if (spec.GetString("fsGroupPolicy") is { } policy)
            errors.OneOf(Spec, "fsGroupPolicy", policy, FsGroupPolicies);
        ValidateTokenRequests(errors, spec.List("tokenRequests"), Spec.Child("tokenRequests"));
        var modes = spec.List("volumeLifecycleModes");
        for (var i = 0; i < modes.Count; i++)
            errors.OneOf(Spec, "volumeLifecycleModes", modes.TextAt(i), LifecycleModes);
        if (!spec.Has("seLinuxMount"))
            errors.Required(Spec.Child("seLinuxMount"));
        if (spec.GetInteger("nodeAllocatableUpdatePeriodSeconds") is { } period and < 10)
            errors.Invalid(Spec.Child("nodeAllocatableUpdatePeriodSeconds"), period, "must be greater than or equal to 10 seconds");
        if (spec.GetBoolean("serviceAccountTokenInSecrets") is { } inSecrets && spec.List("tokenRequests").Count == 0)
            errors.Invalid(Spec.Child("serviceAccountTokenInSecrets"), inSecrets, "serviceAccountTokenInSecrets is set but no tokenRequests are specified");
    }

    private static void ValidateTokenRequests(FieldErrorList errors, Sequence requests, FieldPath path)
    {
        HashSet<string> audiences = new(StringComparer.Ordinal);
        for (var i = 0; i < requests.Count; i++)
        {
            if (!audiences.Add(requests.At(i).Text("audience")))
            {
                errors.Duplicate(path.Index(i).Child("audience"), requests.At(i).Text("audience"));
                continue;
            }

            if (requests.At(i).GetInteger("expirationSeconds") is not { } seconds)
                continue;
            if (seconds < 600)
                errors.Invalid(path.Index(i).Child("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
            if (seconds > 1L << 32)
                errors.Invalid(path.Index(i).Child("expirationSeconds"), seconds, "may not specify a duration larger than 2^32 seconds");
        }
    }

    public static void ValidateNode(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        var drivers = obj.Sub("spec").List("drivers");
        HashSet<string> names = new(StringComparer.Ordinal);
        for (var i = 0; i < drivers.Count; i++)
            ValidateNodeDriver(errors, drivers.At(i), Spec.Child("drivers").Index(i), names);
    }

    public static void ValidateNodeUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ValidateNode(context, obj, errors);
        foreach (var before in old.Sub("spec").List("drivers"))
        {
            foreach (var driver in obj.Sub("spec").List("drivers"))
            {
                if (driver.AsMap is not { } map || map.Text("name") != before.AsMap.Text("name"))
                    continue;
                // What is allocatable may change.
                var (now, then) = (map.ShallowClone(), before.AsMap!.ShallowClone());
                now.Remove("allocatable");
                then.Remove("allocatable");
                if (!((Value)now).SemanticallyEquals(then))
                    errors.Invalid(Spec.Child("drivers"), InternalForm(now), ValidationMessages.FieldImmutable);
            }
        }
    }

    private static Map InternalForm(Map driver) => new()
    {
        { "Name", driver.Text("name") }, { "NodeID", driver.Text("nodeID") },
        { "TopologyKeys", driver.Has("topologyKeys") ? driver["topologyKeys"] : Value.Null }, { "Allocatable", Value.Null },
    };

    private static void ValidateNodeDriver(FieldErrorList errors, Map driver, FieldPath path, HashSet<string> names)
    {
        var (name, id) = (driver.Text("name"), driver.Text("nodeID"));
        ValidateDriverName(errors, name, path.Child("name"));
        if (id.Length == 0)
            errors.Required(path.Child("nodeID"));
        if (Encoding.UTF8.GetByteCount(id) > MaxNodeIdLength)
            errors.Invalid(path.Child("nodeID"), id, $"must be {MaxNodeIdLength} characters or less");
        errors.NonNegative(driver.Sub("allocatable"), "count", path.Child("allocatable"));
        if (!names.Add(name))
            errors.Duplicate(path.Child("name"), name);
        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach (var item in driver.List("topologyKeys"))
        {
            var key = item.AsString ?? "";
            if (key.Length == 0)
                errors.Required(path);
            if (!keys.Add(key))
                errors.Duplicate(path, key);
            errors.AddInvalid(path, key, NameValidation.IsQualifiedName(key));
        }
    }

    public static void ValidateCapacity(OperationContext context, Map obj, FieldErrorList errors) => ValidateCapacityObject(errors, obj, false);

    public static void ValidateCapacityUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ValidateCapacityObject(errors, obj, LabelSelectorValidation.IsInvalid(old.GetMap("nodeTopology")));
        MetadataValidation.ValidateUpdate(errors, obj, old);
        LabelSelectorValidation.Immutable(errors, obj["nodeTopology"], old["nodeTopology"], new FieldPath("nodeTopology"));
        if (obj.Text("storageClassName") != old.Text("storageClassName"))
            errors.Invalid(new FieldPath("storageClassName"), obj.Text("storageClassName"), ValidationMessages.FieldImmutable);
    }

    private static void ValidateCapacityObject(FieldErrorList errors, Map obj, bool allowInvalidValues)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        if (obj.GetMap("nodeTopology") is { } topology)
            LabelValidation.ValidateLabelSelector(errors, topology, new FieldPath("nodeTopology"), allowInvalidValues);
        MetadataValidation.Name(errors, obj.Text("storageClassName"), NameRules.DnsSubdomain, new FieldPath("storageClassName"));
        if (obj.Has("capacity"))
            MetadataValidation.NonNegativeQuantity(errors, obj["capacity"], new FieldPath("capacity"));
    }
}
