using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>Kinds whose every use is answered with a warning (the prerelease-lifecycle markers of k8s.io/api, v1.36;
/// apiserver/pkg/endpoints/deprecation).</summary>
internal static class DeprecatedVersions
{
    /// <summary>Kind at its version, since, gone with (empty: never), replacement (empty: none). Versions are minors of 1.</summary>
    private static readonly Dictionary<GroupVersionKind, (int Since, int Gone, string Replacement)> Known = new()
    {
        [new("", "v1", "Endpoints")] = (33, 0, "discovery.k8s.io/v1 EndpointSlice"),
        [new("", "v1", "ComponentStatus")] = (19, 0, ""),
        [new("admissionregistration.k8s.io", "v1alpha1", "MutatingAdmissionPolicy")] = (35, 38, ""),
        [new("admissionregistration.k8s.io", "v1alpha1", "MutatingAdmissionPolicyBinding")] = (35, 38, ""),
        [new("certificates.k8s.io", "v1alpha1", "ClusterTrustBundle")] = (34, 37, ""),
        [new("coordination.k8s.io", "v1alpha2", "LeaseCandidate")] = (35, 38, ""),
        [new("coordination.k8s.io", "v1beta1", "LeaseCandidate")] = (36, 39, ""),
        [new("networking.k8s.io", "v1beta1", "IPAddress")] = (34, 37, ""),
        [new("networking.k8s.io", "v1beta1", "ServiceCIDR")] = (34, 37, ""),
        [new("resource.k8s.io", "v1alpha3", "DeviceTaintRule")] = (36, 39, ""),
        [new("resource.k8s.io", "v1beta1", "DeviceClass")] = (35, 38, ""),
        [new("resource.k8s.io", "v1beta1", "ResourceClaim")] = (35, 38, ""),
        [new("resource.k8s.io", "v1beta1", "ResourceClaimTemplate")] = (35, 38, ""),
        [new("resource.k8s.io", "v1beta1", "ResourceSlice")] = (35, 38, ""),
        [new("resource.k8s.io", "v1beta2", "DeviceClass")] = (36, 39, ""),
        [new("resource.k8s.io", "v1beta2", "ResourceClaim")] = (36, 39, ""),
        [new("resource.k8s.io", "v1beta2", "ResourceClaimTemplate")] = (36, 39, ""),
        [new("resource.k8s.io", "v1beta2", "ResourceSlice")] = (36, 39, ""),
        [new("storage.k8s.io", "v1beta1", "VolumeAttributesClass")] = (34, 37, "storage.k8s.io/v1 VolumeAttributesClass"),
    };

    /// <summary>The text of the warning, or null.</summary>
    public static string? Warning(GroupVersionKind kind)
    {
        if (!Known.TryGetValue(kind, out var life))
            return null;
        var text = $"{kind.GroupVersion} {kind.Kind} is deprecated in v1.{life.Since}+";
        if (life.Gone > 0)
            text += $", unavailable in v1.{life.Gone}+";
        return life.Replacement.Length > 0 ? $"{text}; use {life.Replacement}" : text;
    }
}
