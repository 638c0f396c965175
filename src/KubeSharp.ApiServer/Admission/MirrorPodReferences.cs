using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Authorization.Node;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Mirror pods may need nothing of the API (pkg/api/pod/util.go HasAPIObjectReference, v1.36).</summary>
internal static class MirrorPodReferences
{
    private static readonly (string Source, string? Found)[] Sources =
    [
        ("awsElasticBlockStore", null), ("azureDisk", null), ("cephfs", null), ("cinder", null), ("downwardAPI", null), ("emptyDir", null), ("fc", null),
        ("flexVolume", null), ("flocker", null), ("gcePersistentDisk", null), ("gitRepo", null), ("hostPath", null), ("image", null), ("iscsi", null),
        ("nfs", null), ("photonPersistentDisk", null), ("portworxVolume", null), ("quobyte", null), ("rbd", null), ("scaleIO", null), ("storageos", null),
        ("vsphereVolume", null), ("configMap", "configmaps (via configmap volumes)"), ("secret", "secrets (via secret volumes)"),
        ("csi", "csidrivers (via CSI volumes)"), ("glusterfs", "endpoints (via glusterFS volumes)"), ("persistentVolumeClaim", "persistentvolumeclaims"),
        ("ephemeral", "persistentvolumeclaims (via ephemeral volumes)"), ("azureFile", "secrets (via azureFile volumes)"),
    ];

    private static readonly (string Source, string? Found)[] Projections =
    [
        ("configMap", "configmaps (via projected volumes)"), ("secret", "secrets (via projected volumes)"), ("serviceAccountToken", "serviceaccounts (via projected volumes)"),
        ("clusterTrustBundle", "clustertrustbundles"), ("podCertificate", "podcertificates"), ("downwardAPI", null),
    ];

    /// <returns>What the pod refers to, in upstream's words, or null; then <paramref name="problem"/> tells of a source that nobody knows.</returns>
    public static string? Find(Map spec, out string? problem)
    {
        problem = null;
        if (!string.IsNullOrEmpty(spec.GetString("serviceAccountName")))
            return "serviceaccounts";
        var (hasSecrets, hasConfigMaps) = (false, false);
        PodReferences.VisitSecrets(spec, _ => hasSecrets = true);
        PodReferences.VisitConfigMaps(spec, _ => hasConfigMaps = true);
        if (hasSecrets)
            return "secrets";
        if (hasConfigMaps)
            return "configmaps";
        if (spec.GetSequence("resourceClaims") is { Count: > 0 })
            return "resourceclaims";
        foreach (var volume in PodReferences.Items(spec, "volumes"))
        {
            if (volume.GetMap("projected") is { } projected)
            {
                foreach (var source in PodReferences.Items(projected, "sources"))
                {
                    if (!Lookup(Projections, source, out var reference))
                        problem = $"unknown source for projected volume \"{volume.GetString("name")}\"";
                    if (reference is not null || problem is not null)
                        return reference;
                }

                continue;
            }

            if (!Lookup(Sources, volume, out var found))
                problem = $"unknown volume type for volume  \"{volume.GetString("name")}\"";
            if (found is not null || problem is not null)
                return found;
        }

        return null;
    }

    private static bool Lookup((string Source, string? Found)[] table, Map holder, out string? found)
    {
        foreach (var (source, reference) in table)
        {
            if (holder[source].AsMap is null)
                continue;
            found = reference;
            return true;
        }

        found = null;
        return false;
    }
}
