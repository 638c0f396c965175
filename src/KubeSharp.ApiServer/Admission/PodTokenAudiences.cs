using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authorization.Node;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>The audiences for which a pod's volumes need tokens: projected ones, and those that CSI drivers ask for
/// (noderestriction/admission.go podReferencesAudience, v1.36). Differs: in-tree volumes that upstream translates to CSI are not.</summary>
internal readonly struct PodTokenAudiences(ServedResources resources)
{
    public bool Contains(Map pod, string audience)
    {
        var metadata = pod.GetMap("metadata");
        var @namespace = metadata?.GetString("namespace") ?? "";
        foreach (var volume in PodReferences.Items(pod.GetMap("spec"), "volumes"))
        {
            foreach (var source in PodReferences.Items(volume.GetMap("projected"), "sources"))
            {
                if (source.GetMap("serviceAccountToken") is { } token && (token.GetString("audience") ?? "") == audience)
                    return true;
            }

            var driver = volume.GetMap("ephemeral")?.GetMap("volumeClaimTemplate") is not null ? DriverOf(@namespace, $"{metadata?.GetString("name")}-{volume.GetString("name")}")
                : volume.GetMap("persistentVolumeClaim") is { } claim ? DriverOf(@namespace, claim.GetString("claimName") ?? "")
                : volume.GetMap("csi")?.GetString("driver");
            foreach (var request in PodReferences.Items(driver is null ? null : Peek("storage.k8s.io", "csidrivers", "", driver)?.GetMap("spec"), "tokenRequests"))
            {
                if ((request.GetString("audience") ?? "") == audience)
                    return true;
            }
        }

        return false;
    }

    private string? DriverOf(string @namespace, string claim) =>
        Peek("", "persistentvolumeclaims", @namespace, claim)?.GetMap("spec")?.GetString("volumeName") is { } volume
            ? Peek("", "persistentvolumes", "", volume)?.GetMap("spec")?.GetMap("csi")?.GetString("driver")
            : null;

    private Map? Peek(string group, string resource, string @namespace, string name) =>
        resources.Find(new GroupVersionResource(group, "v1", resource))?.Store.Peek(@namespace, name)?.Tree();
}
