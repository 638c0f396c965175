using System.Collections.Frozen;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>The convertor of each resource; those without columns of their own (roles, limit ranges and a few more)
/// show name and creation time (apiserver/pkg/registry/rest/table.go defaultTableConvertor).</summary>
internal static class TableConvertors
{
    private static readonly FrozenDictionary<(string Group, string Resource), ITableConvertor> All =
        new Dictionary<(string Group, string Resource), ITableConvertor>
        {
            [("", "pods")] = PodTable.Pods,
            [("", "podtemplates")] = CoreTables.PodTemplates,
            [("", "replicationcontrollers")] = CoreTables.ReplicationControllers,
            [("", "namespaces")] = CoreTables.Namespaces,
            [("", "secrets")] = CoreTables.Secrets,
            [("", "configmaps")] = CoreTables.ConfigMaps,
            [("", "serviceaccounts")] = CoreTables.ServiceAccounts,
            [("", "resourcequotas")] = CoreTables.ResourceQuotas,
            [("", "componentstatuses")] = CoreTables.ComponentStatuses,
            [("", "events")] = CoreTables.Events,
            [("events.k8s.io", "events")] = CoreTables.Events,
            [("", "nodes")] = NodeTable.Nodes,
            [("", "services")] = NetworkTables.Services,
            [("", "endpoints")] = NetworkTables.Endpoints,
            [("", "persistentvolumes")] = StorageTables.PersistentVolumes,
            [("", "persistentvolumeclaims")] = StorageTables.PersistentVolumeClaims,
            [("apps", "deployments")] = AppsTables.Deployments,
            [("apps", "replicasets")] = AppsTables.ReplicaSets,
            [("apps", "statefulsets")] = AppsTables.StatefulSets,
            [("apps", "daemonsets")] = AppsTables.DaemonSets,
            [("apps", "controllerrevisions")] = AppsTables.ControllerRevisions,
            [("batch", "jobs")] = BatchTables.Jobs,
            [("batch", "cronjobs")] = BatchTables.CronJobs,
            [("autoscaling", "horizontalpodautoscalers")] = AutoscalingTables.HorizontalPodAutoscalers,
            [("discovery.k8s.io", "endpointslices")] = NetworkTables.EndpointSlices,
            [("networking.k8s.io", "ingresses")] = NetworkTables.Ingresses,
            [("networking.k8s.io", "ingressclasses")] = NetworkTables.IngressClasses,
            [("networking.k8s.io", "networkpolicies")] = NetworkTables.NetworkPolicies,
            [("networking.k8s.io", "servicecidrs")] = NetworkTables.ServiceCidrs,
            [("networking.k8s.io", "ipaddresses")] = NetworkTables.IpAddresses,
            [("storage.k8s.io", "storageclasses")] = StorageTables.StorageClasses,
            [("storage.k8s.io", "volumeattributesclasses")] = StorageTables.VolumeAttributesClasses,
            [("storage.k8s.io", "volumeattachments")] = StorageTables.VolumeAttachments,
            [("storage.k8s.io", "csinodes")] = StorageTables.CsiNodes,
            [("storage.k8s.io", "csidrivers")] = StorageTables.CsiDrivers,
            [("policy", "poddisruptionbudgets")] = PolicyTables.PodDisruptionBudgets,
            [("scheduling.k8s.io", "priorityclasses")] = PolicyTables.PriorityClasses,
            [("scheduling.k8s.io", "workloads")] = PolicyTables.Workloads,
            [("scheduling.k8s.io", "podgroups")] = PolicyTables.PodGroups,
            [("coordination.k8s.io", "leases")] = PolicyTables.Leases,
            [("coordination.k8s.io", "leasecandidates")] = PolicyTables.LeaseCandidates,
            [("rbac.authorization.k8s.io", "rolebindings")] = PolicyTables.RoleBindings,
            [("rbac.authorization.k8s.io", "clusterrolebindings")] = PolicyTables.ClusterRoleBindings,
            [("certificates.k8s.io", "certificatesigningrequests")] = PolicyTables.CertificateSigningRequests,
            [("certificates.k8s.io", "clustertrustbundles")] = PolicyTables.ClusterTrustBundles,
            [("certificates.k8s.io", "podcertificaterequests")] = PolicyTables.PodCertificateRequests,
            [("node.k8s.io", "runtimeclasses")] = PolicyTables.RuntimeClasses,
            [("admissionregistration.k8s.io", "mutatingwebhookconfigurations")] = AdmissionTables.MutatingWebhooks,
            [("admissionregistration.k8s.io", "validatingwebhookconfigurations")] = AdmissionTables.ValidatingWebhooks,
            [("admissionregistration.k8s.io", "validatingadmissionpolicies")] = AdmissionTables.ValidatingPolicies,
            [("admissionregistration.k8s.io", "validatingadmissionpolicybindings")] = AdmissionTables.ValidatingPolicyBindings,
            [("admissionregistration.k8s.io", "mutatingadmissionpolicies")] = AdmissionTables.MutatingPolicies,
            [("admissionregistration.k8s.io", "mutatingadmissionpolicybindings")] = AdmissionTables.MutatingPolicyBindings,
            [("flowcontrol.apiserver.k8s.io", "flowschemas")] = AdmissionTables.FlowSchemas,
            [("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations")] = AdmissionTables.PriorityLevels,
            [("internal.apiserver.k8s.io", "storageversions")] = AdmissionTables.StorageVersions,
            [("storagemigration.k8s.io", "storageversionmigrations")] = AdmissionTables.StorageVersionMigrations,
            [("resource.k8s.io", "deviceclasses")] = ResourceTables.DeviceClasses,
            [("resource.k8s.io", "resourceclaims")] = ResourceTables.ResourceClaims,
            [("resource.k8s.io", "resourceclaimtemplates")] = ResourceTables.ResourceClaimTemplates,
            [("resource.k8s.io", "resourceslices")] = ResourceTables.ResourceSlices,
            [("resource.k8s.io", "devicetaintrules")] = ResourceTables.DeviceTaintRules,
            [("resource.k8s.io", "resourcepoolstatusrequests")] = ResourceTables.ResourcePoolStatusRequests,
            [("apiregistration.k8s.io", "apiservices")] = AdmissionTables.ApiServices,
        }.ToFrozenDictionary();

    /// <summary>The resources with columns of their own.</summary>
    public static IEnumerable<(string Group, string Resource)> Known => All.Keys;

    public static ITableConvertor For(string group, string resource) =>
        All.GetValueOrDefault((group, resource)) ?? DefaultTableConvertor.Instance;
}

/// <summary>Name and "Created At", for kinds that upstream prints nothing else of.</summary>
internal sealed class DefaultTableConvertor : ITableConvertor
{
    public static readonly DefaultTableConvertor Instance = new();

    public IReadOnlyList<TableColumn> Columns { get; } =
        [ObjectColumns.Name, new("Created At", "date", "", ObjectColumns.AgeText)];

    public void AddCells(Map obj, DateTimeOffset now, Sequence cells)
    {
        cells.Add(ObjectMetaAccessor.GetName(obj));
        cells.Add(ObjectMetaAccessor.GetCreationTimestamp(obj) is { } created ? created : Value.Null);
    }
}
