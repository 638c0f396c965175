using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Storage;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>Resource slices (pkg/apis/resource/validation/validation.go, v1.36); the devices are <see cref="DeviceValidation"/>'s.</summary>
internal static class ResourceSliceValidation
{
    private const string ExactlyOne = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
    private const int MaxDevices = 128;
    private const int MaxAdvancedDevices = 64;
    private const int MaxCounterSets = 8;
    private const int MaxCounters = 32;
    private static readonly GroupVersionKind Slice = new("resource.k8s.io", "v1", "ResourceSlice");
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("spec"), null);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateSpec(errors, obj.Sub("spec"), old.Sub("spec"));
    }

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        var driver = obj.Sub("spec").Text("driver");
        if (driver.Any(char.IsUpper))
            context.AddWarning($"spec.driver: driver names should be lowercase; {GoText.Quote(driver)} contains uppercase characters");
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, Map? old)
    {
        CsiValidation.ValidateDriverName(errors, spec.Text("driver"), Spec.Child("driver"));
        var pool = spec.Sub("pool");
        DeviceNames.ValidatePool(errors, pool.Text("name"), Spec.Child("pool", "name"));
        if (pool.Number("resourceSliceCount") <= 0)
            errors.Invalid(Spec.Child("pool", "resourceSliceCount"), pool.Number("resourceSliceCount"), "must be greater than zero");
        if (pool.Number("generation") < 0)
            errors.Invalid(Spec.Child("pool", "generation"), pool.Number("generation"), "must be greater than or equal to zero");
        if (old is not null)
        {
            errors.ImmutableText(pool, old.Sub("pool"), "name", Spec.Child("pool"));
            errors.ImmutableText(spec, old, "driver", Spec);
            if (spec.GetString("nodeName") != old.GetString("nodeName"))
                errors.Invalid(Spec.Child("nodeName"), spec.Has("nodeName") ? spec["nodeName"] : Value.Null, ValidationMessages.FieldImmutable);
        }

        ValidateNodes(errors, spec);
        if (spec.Has("sharedCounters") && spec.Has("devices"))
            errors.Invalid(Spec, "", "only one of `sharedCounters` or `devices` is allowed");
        var devices = spec.List("devices");
        var advanced = devices.Any(device => IsAdvanced(device.AsMap));
        if (DeviceClaimValidation.IsWithin(errors, devices, advanced ? MaxAdvancedDevices : MaxDevices, Spec.Child("devices")))
        {
            for (var i = 0; i < devices.Count; i++)
            {
                var before = old.List("devices").FirstOrDefault(device => device.AsMap.Text("name") == devices.At(i).Text("name")).AsMap;
                DeviceValidation.Validate(errors, devices.At(i), before, Spec.Child("devices").Index(i), spec.Flag("perDeviceNodeSelection"));
            }

            DeviceClaimValidation.ValidateUnique(errors, devices, Spec.Child("devices"), "name");
        }

        ValidateCounterSets(errors, spec.List("sharedCounters"), Spec.Child("sharedCounters"));
    }

    private static bool IsAdvanced(Map? device)
    {
        if (device.List("taints").Count > 0 || device.List("consumesCounters").Count > 0)
            return true;
        foreach (var (_, attribute) in device.Sub("attributes"))
        {
            if (attribute.AsMap is { } map && (map.Has("bools") || map.Has("ints") || map.Has("strings") || map.Has("versions")))
                return true;
        }

        return false;
    }

    private static void ValidateNodes(FieldErrorList errors, Map spec)
    {
        var set = new List<string>();
        if (spec.GetString("nodeName") is { } name)
        {
            if (name.Length > 0)
            {
                set.Add("`nodeName`");
                MetadataValidation.Name(errors, name, NameRules.DnsSubdomain, Spec.Child("nodeName"));
            }
            else
            {
                errors.Invalid(Spec.Child("nodeName"), name, "must be either unset or set to a non-empty string");
            }
        }

        if (spec.GetMap("nodeSelector") is { } selector)
        {
            set.Add("`nodeSelector`");
            NodeSelectorValidation.Validate(errors, selector, Spec.Child("nodeSelector"));
            if (selector.List("nodeSelectorTerms").Count != 1)
            {
                errors.Invalid(Spec.Child("nodeSelector", "nodeSelectorTerms"),
                    InternalForm.Of(selector["nodeSelectorTerms"], Slice, "spec", "nodeSelector", "nodeSelectorTerms"), "must have exactly one node selector term");
            }
        }

        foreach (var flag in (ReadOnlySpan<string>)["allNodes", "perDeviceNodeSelection"])
        {
            if (spec.GetBoolean(flag) == true)
                set.Add($"`{flag}`");
            else if (spec.GetBoolean(flag) == false)
                errors.Invalid(Spec.Child(flag), false, "must be either unset or set to true");
        }

        if (set.Count == 0)
            errors.Required(Spec, ExactlyOne);
        else if (set.Count > 1)
            errors.Invalid(Spec, $"{{{string.Join(", ", set)}}}", ExactlyOne + ", but multiple fields are set");
    }

    private static void ValidateCounterSets(FieldErrorList errors, Sequence sets, FieldPath path)
    {
        if (!DeviceClaimValidation.IsWithin(errors, sets, MaxCounterSets, path))
            return;
        for (var i = 0; i < sets.Count; i++)
        {
            var name = sets.At(i).Text("name");
            if (name.Length == 0)
                errors.Required(path.Index(i).Child("name"));
            else
                DeviceClaimValidation.ValidateLabelName(errors, name, path.Index(i).Child("name"));
            ValidateCounters(errors, sets.At(i).Sub("counters"), path.Index(i).Child("counters"));
        }

        DeviceClaimValidation.ValidateUnique(errors, sets, path, "name");
    }

    public static void ValidateCounters(FieldErrorList errors, Map counters, FieldPath path)
    {
        if (counters.Count == 0)
            errors.Required(path);
        if (counters.Count > MaxCounters)
        {
            errors.Add(FieldError.TooMany(path, counters.Count, MaxCounters));
            return;
        }

        foreach (var (name, _) in counters)
            DeviceClaimValidation.ValidateLabelName(errors, name, path);
    }
}
