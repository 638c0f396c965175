using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Claims (pkg/registry/core/persistentvolumeclaim/strategy.go, v1.36).</summary>
internal sealed class PersistentVolumeClaimStrategy : FactsStrategy
{
    public PersistentVolumeClaimStrategy()
        : base(new KindFacts { ReturnDeletedObject = true, Defaults = ApplyDefaults })
    {
    }

    /// <summary>Also for the claim templates of stateful sets.</summary>
    public static void ApplyDefaults(Map claim)
    {
        PodSpecDefaults.Default(claim.EditMap("status"), "phase", "Pending");
        PodSpecDefaults.Sub(claim, "spec", spec => PodSpecDefaults.Default(spec, "volumeMode", "Filesystem"));
    }

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        obj.Set("status", new Map(1) { { "phase", "Pending" } });
        NormalizeDataSource(obj);
    }

    /// <summary>dataSource and dataSourceRef say the same thing where only one is given (pvc util NormalizeDataSources).</summary>
    private static void NormalizeDataSource(Map obj)
    {
        if (obj.GetMap("spec") is not { } spec)
            return;
        if (spec.GetMap("dataSource") is { } source && spec.GetMap("dataSourceRef") is null)
            obj.EditMap("spec").Set("dataSourceRef", source.DeepClone());
        else if (spec.GetMap("dataSourceRef") is { } reference && spec.GetMap("dataSource") is null && string.IsNullOrEmpty(reference.GetString("namespace"))
            && (reference.GetString("kind"), reference.GetString("apiGroup") ?? "") is ("PersistentVolumeClaim", "") or ("VolumeSnapshot", "snapshot.storage.k8s.io"))
            obj.EditMap("spec").Set("dataSource", reference.DeepClone());
    }
}

/// <summary>Volumes (pkg/registry/core/persistentvolume/strategy.go, v1.36).</summary>
internal sealed class PersistentVolumeStrategy : FactsStrategy
{
    public PersistentVolumeStrategy()
        : base(new KindFacts { ReturnDeletedObject = true, Defaults = ApplyDefaults })
    {
    }

    public override void PrepareForCreate(OperationContext context, Map obj) =>
        obj.Set("status", new Map(1) { { "phase", "Pending" } });

    private static void ApplyDefaults(Map volume)
    {
        PodSpecDefaults.Default(volume.EditMap("status"), "phase", "Pending");
        PodSpecDefaults.Sub(volume, "spec", spec =>
        {
            PodSpecDefaults.Default(spec, "persistentVolumeReclaimPolicy", "Retain");
            PodSpecDefaults.Default(spec, "volumeMode", "Filesystem");
            PodSpecDefaults.Sub(spec, "hostPath", h => PodSpecDefaults.Default(h, "type", "", keepEmpty: true));
        });
    }
}
