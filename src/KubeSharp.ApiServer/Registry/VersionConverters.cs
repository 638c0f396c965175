using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Registry;

/// <summary>The conversions between versions that differ in more than their name.</summary>
internal static class VersionConverters
{
    /// <summary>The converter between a served version and the storage version; null when only apiVersion differs.</summary>
    public static IVersionConverter? Find(GroupVersionKind served, GroupVersionKind stored)
    {
        if (served == stored)
            return null;
        return (served.Group, served.Version, served.Kind) switch
        {
            ("autoscaling", "v1", "HorizontalPodAutoscaler") => new Autoscaling.HorizontalPodAutoscalerV1Converter(),
            ("events.k8s.io", "v1", "Event") => new Events.EventConverter(),
            ("resource.k8s.io", "v1beta1", "ResourceClaim" or "ResourceSlice") => new Resource.ResourceV1Beta1Converter("spec"),
            ("resource.k8s.io", "v1beta1", "ResourceClaimTemplate") => new Resource.ResourceV1Beta1Converter("spec", "spec"),
            _ => null,
        };
    }
}
