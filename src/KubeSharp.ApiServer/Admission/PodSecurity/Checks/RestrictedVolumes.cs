using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Volumes come from the API, a claim or a driver, and from nothing else (policy/check_restrictedVolumes.go, v1.36).</summary>
internal static class RestrictedVolumes
{
    private static readonly string[] Allowed = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

    /// <summary>In the order in which a volume with several sources is named by one of them.</summary>
    private static readonly string[] Forbidden =
    [
        "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd", "flexVolume", "cinder", "cephfs", "flocker",
        "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
    ];

    public static PolicyCheck Check => new("restrictedVolumes", PolicyLevel.Restricted, new VersionedCheck(0, Since0, HostPathVolumes.Id));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var bad = new List<string>();
        var types = PodContainers.NewSet();
        foreach (var volume in spec.Volumes)
        {
            if (Find(volume, Allowed) is not null)
                continue;
            bad.Add(volume.Name);
            types.Add(Find(volume, Forbidden) ?? "unknown");
        }

        if (bad.Count == 0)
            return CheckResult.Allowed;
        return new CheckResult(
            "restricted volume types",
            $"{PodContainers.Plural("volume", "volumes", bad.Count)} {PodContainers.Quote(bad)} {PodContainers.Plural("uses", "use", bad.Count)} {PodContainers.Plural("restricted volume type", "restricted volume types", types.Count)} {PodContainers.Quote(types)}");
    }

    private static string? Find(Volume volume, string[] sources)
    {
        foreach (var source in sources)
        {
            if (volume.Map?.GetMap(source) is not null)
                return source;
        }

        return null;
    }
}
