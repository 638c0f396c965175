using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Storage;

/// <summary>CSI drivers, whose generation counts changes but does not start at 1 (pkg/registry/storage/csidriver/strategy.go, v1.36).</summary>
internal sealed class CsiDriverStrategy : FactsStrategy
{
    public CsiDriverStrategy()
        : base(new KindFacts
        {
            ReturnDeletedObject = true,
            RequiresResourceVersion = true,
            Defaults = CsiDriverDefaults.Apply,
            Validate = CsiValidation.ValidateDriver,
            ValidateUpdate = CsiValidation.ValidateDriverUpdate,
            Warn = CsiValidation.WarnOfDriver,
        })
    {
    }

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        // Belongs to a feature that is off (VolumeLimitScaling).
        if (obj.GetMap("spec")?.ContainsKey("preventPodSchedulingIfMissing") == true)
            obj.EditMap("spec").Remove("preventPodSchedulingIfMissing");
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        if (old.GetMap("spec")?.ContainsKey("preventPodSchedulingIfMissing") != true && obj.GetMap("spec")?.ContainsKey("preventPodSchedulingIfMissing") == true)
            obj.EditMap("spec").Remove("preventPodSchedulingIfMissing");
        if (DesiredStateChanged(context, obj, old))
            IncrementGeneration(obj, old);
    }
}
