using KubeSharp.ApiMachinery.Documents;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Claims (pkg/registry/core/persistentvolumeclaim/strategy.go, v1.36).</summary>
internal sealed class PersistentVolumeClaimStrategy : FactsStrategy
{
    public PersistentVolumeClaimStrategy()
        : base(new KindFacts
        {
            ReturnDeletedObject = true,
            Defaults = ApplyDefaults,
            Validate = PersistentVolumeClaimValidation.Validate,
            ValidateUpdate = PersistentVolumeClaimValidation.ValidateUpdate,
            ValidateStatusUpdate = PersistentVolumeClaimValidation.ValidateStatusUpdate,
            Warn = PersistentVolumeClaimValidation.Warn,
        })
    {
    }

    /// <summary>Also for the claim templates of stateful sets.</summary>
    public static void ApplyDefaults(Map claim)
    {
        Default(claim.EditMap("status"), "phase", "Pending");
        Sub(claim, "spec", spec => Default(spec, "volumeMode", "Filesystem", keepEmpty: true));
    }

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        obj.Set("status", new Map(1) { { "phase", "Pending" } });
        DropUnsupportedSources(obj, null);
        NormalizeDataSource(obj);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        DropUnsupportedSources(obj, old.GetMap("spec"));
        NormalizeDataSource(obj);
    }

    /// <summary>dataSource is for claims and snapshots alone, and no source may be in another namespace
    /// (EnforceDataSourceBackwardsCompatibility, DropDisabledFields).</summary>
    private static void DropUnsupportedSources(Map obj, Map? oldSpec)
    {
        if (obj.GetMap("spec") is not { } spec)
            return;
        if (spec.GetMap("dataSourceRef") is { } reference && !string.IsNullOrEmpty(reference.GetString("namespace")) && oldSpec?.GetMap("dataSourceRef") is null)
            obj.EditMap("spec").Remove("dataSourceRef");
        spec = obj.GetMap("spec")!;
        if (oldSpec?.GetMap("dataSource") is not null || oldSpec?.GetMap("dataSourceRef") is not null || spec.GetMap("dataSourceRef") is not null)
            return;
        if (spec.GetMap("dataSource") is { } source
            && (source.GetString("kind"), source.GetString("apiGroup") ?? "") is not (("PersistentVolumeClaim", "") or ("VolumeSnapshot", "snapshot.storage.k8s.io")))
            obj.EditMap("spec").Remove("dataSource");
    }

    /// <summary>dataSource and dataSourceRef say the same thing where only one is given (pvc util NormalizeDataSources).</summary>
    private static void NormalizeDataSource(Map obj)
    {
        if (obj.GetMap("spec") is not { } spec)
            return;
        if (spec.GetMap("dataSource") is { } source && spec.GetMap("dataSourceRef") is null)
            obj.EditMap("spec").Set("dataSourceRef", source.DeepClone());
        else if (spec.GetMap("dataSourceRef") is { } reference && spec.GetMap("dataSource") is null && string.IsNullOrEmpty(reference.GetString("namespace")))
            obj.EditMap("spec").Set("dataSource", reference.DeepClone());
    }
}

/// <summary>Volumes (pkg/registry/core/persistentvolume/strategy.go, v1.36).</summary>
internal sealed class PersistentVolumeStrategy : FactsStrategy
{
    public PersistentVolumeStrategy()
        : base(new KindFacts
        {
            ReturnDeletedObject = true,
            Defaults = ApplyDefaults,
            Validate = PersistentVolumeValidation.Validate,
            ValidateUpdate = PersistentVolumeValidation.ValidateUpdate,
            ValidateStatusUpdate = PersistentVolumeValidation.ValidateStatusUpdate,
            Warn = PersistentVolumeValidation.Warn,
        })
    {
    }

    public override void PrepareForCreate(OperationContext context, Map obj) =>
        obj.Set("status", new Map(2) { { "phase", "Pending" }, { "lastPhaseTransitionTime", obj.GetMap("metadata")!["creationTimestamp"] } });

    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForStatusUpdate(context, obj, old);
        var (status, before) = (obj.EditMap("status"), old.GetMap("status") ?? Map.Empty);
        if (status.GetString("phase") == before.GetString("phase"))
            Default(status, "lastPhaseTransitionTime", before["lastPhaseTransitionTime"]);
        else if (status["lastPhaseTransitionTime"].IsNullOrUndefined || status["lastPhaseTransitionTime"] == before["lastPhaseTransitionTime"])
            status.Set("lastPhaseTransitionTime", Now());
    }

    private static string Now() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static void ApplyDefaults(Map volume)
    {
        Default(volume.EditMap("status"), "phase", "Pending");
        Sub(volume, "spec", spec =>
        {
            Default(spec, "persistentVolumeReclaimPolicy", "Retain");
            Default(spec, "volumeMode", "Filesystem", keepEmpty: true);
            Sub(spec, "hostPath", h => Default(h, "type", "", keepEmpty: true));
        });
    }
}
