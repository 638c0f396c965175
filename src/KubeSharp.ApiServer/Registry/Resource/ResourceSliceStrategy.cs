using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>Resource slices (pkg/registry/resource/resourceslice/strategy.go, v1.36).</summary>
internal sealed class ResourceSliceStrategy(TimeProvider time)
    : FactsStrategy(new KindFacts
    {
        ReturnDeletedObject = true,
        TracksGeneration = true,
        Fields = [new SelectableField("spec.nodeName"), new SelectableField("spec.driver")],
        UnsupportedField = field => $"field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: {field}",
        Defaults = obj => ResourceDefaults.ApplyToSlice(obj, time),
        Validate = ResourceSliceValidation.Validate,
        ValidateUpdate = ResourceSliceValidation.ValidateUpdate,
        Warn = ResourceSliceValidation.Warn,
    })
{
    /// <summary>Fields of alpha features, which are off (DRAListTypeAttributes, DRANodeAllocatableResources).</summary>
    private static readonly string[] ListAttributes = ["bools", "ints", "strings", "versions"];

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        DropDisabledFields(obj);
        base.PrepareForCreate(context, obj);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        DropDisabledFields(obj);
        base.PrepareForUpdate(context, obj, old);
    }

    private static void DropDisabledFields(Map obj) => Sub(obj, "spec", spec => Each(spec, "devices", device =>
    {
        device.Remove("nodeAllocatableResourceMappings");
        foreach (var (name, value) in device.Sub("attributes"))
        {
            if (value.AsMap is not { } attribute || !ListAttributes.Any(attribute.ContainsKey))
                continue;
            var kept = device.EditMap("attributes").EditMap(name);
            foreach (var list in ListAttributes)
                kept.Remove(list);
        }
    }));
}
