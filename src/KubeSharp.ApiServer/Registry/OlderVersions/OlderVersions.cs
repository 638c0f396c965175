using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Registry.OlderVersions;

/// <summary>
/// Versions that stores of long-lived clusters still hold and that have another shape than the storage version. Those that only
/// differ in name need nothing. Source: pkg/apis/*/*/conversion.go, v1.36.
/// </summary>
internal static class OlderVersions
{
    /// <summary>What turns an object of a kind into its storage version; null when the two have one shape. The object may be changed.</summary>
    public static Func<Map, Map>? Find(GroupVersionKind kind, GroupVersionKind storage) => (kind.Group, kind.Version, kind.Kind) switch
    {
        ("extensions" or "apps", "v1beta1", "Deployment") => DeploymentV1Beta1.ToStorage,
        ("extensions", "v1beta1", "DaemonSet") => DaemonSetV1Beta1.ToStorage,
        ("extensions" or "networking.k8s.io", "v1beta1", "Ingress") => IngressV1Beta1.ToStorage,
        ("discovery.k8s.io", "v1beta1", "EndpointSlice") => EndpointSliceV1Beta1.ToStorage,
        ("events.k8s.io", "v1beta1", "Event") => new Events.EventConverter().ToStorage,
        ("flowcontrol.apiserver.k8s.io", "v1beta1" or "v1beta2", "PriorityLevelConfiguration") => PriorityLevelConfigurationBeta.FromShares,
        ("flowcontrol.apiserver.k8s.io", "v1beta3", "PriorityLevelConfiguration") => PriorityLevelConfigurationBeta.FromV1Beta3,
        ("node.k8s.io", "v1alpha1", "RuntimeClass") => RuntimeClassV1Alpha1.ToStorage,
        ("policy", "v1beta1", "PodDisruptionBudget") => PodDisruptionBudgetV1Beta1.ToStorage,
        ("rbac.authorization.k8s.io", "v1alpha1", "RoleBinding" or "ClusterRoleBinding") => RoleBindingV1Alpha1.ToStorage,
        _ => VersionConverters.Find(kind, storage) is { } converter ? converter.ToStorage : null,
    };
}
