using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>Resource claims (pkg/registry/resource/resourceclaim/strategy.go, v1.36).</summary>
internal sealed class ResourceClaimStrategy()
    : FactsStrategy(new KindFacts
    {
        ReturnDeletedObject = true,
        Defaults = ResourceDefaults.ApplyToClaim,
        Validate = ResourceClaimValidation.Validate,
        ValidateUpdate = ResourceClaimValidation.ValidateUpdate,
        ValidateStatusUpdate = ResourceClaimValidation.ValidateStatusUpdate,
    })
{
    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForStatusUpdate(context, obj, old);
        DeviceStatusValidation.DropDeallocated(obj, old);
    }
}
