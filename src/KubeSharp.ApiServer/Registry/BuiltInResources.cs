using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Registry;

/// <summary>
/// Every resource that a v1.36 kube-apiserver can serve, a row each, groups in the order of discovery
/// (pkg/controlplane/instance.go and pkg/registry/*/rest/storage_*.go, v1.36).
/// </summary>
public static class BuiltInResources
{
    /// <summary>Versions that are served only when <c>--runtime-config</c> turns them on; all others are on.</summary>
    public static bool IsOnByDefault(string version) => !version.Contains("alpha", StringComparison.Ordinal) && !version.Contains("beta", StringComparison.Ordinal);

    public static readonly IReadOnlyList<ApiResource> All =
    [
        // core
        new("", "bindings", "Binding", Scope.Namespaced, ["v1"]) { Verbs = ApiVerbs.Create, Virtual = true },
        new("", "componentstatuses", "ComponentStatus", Scope.Cluster, ["v1"]) { ShortNames = ["cs"], Verbs = ApiVerbs.GetList, Virtual = true },
        new("", "configmaps", "ConfigMap", Scope.Namespaced, ["v1"]) { ShortNames = ["cm"] },
        new("", "endpoints", "Endpoints", Scope.Namespaced, ["v1"]) { ShortNames = ["ep"], StoragePrefix = "services/endpoints" },
        new("", "events", "Event", Scope.Namespaced, ["v1"]) { ShortNames = ["ev"] },
        new("", "limitranges", "LimitRange", Scope.Namespaced, ["v1"]) { ShortNames = ["limits"] },
        new("", "namespaces", "Namespace", Scope.Cluster, ["v1"])
        {
            ShortNames = ["ns"], Verbs = ApiVerbs.AllButDeleteCollection,
            Subresources =
            [
                new("finalize", "Namespace", ApiVerbs.Update),
                Subresource.Status,
            ],
        },
        new("", "nodes", "Node", Scope.Cluster, ["v1"])
        {
            ShortNames = ["no"], StoragePrefix = "minions",
            Subresources =
            [
                new("proxy", "NodeProxyOptions", ApiVerbs.Proxy),
                Subresource.Status,
            ],
        },
        new("", "persistentvolumeclaims", "PersistentVolumeClaim", Scope.Namespaced, ["v1"]) { ShortNames = ["pvc"], Subresources = [Subresource.Status] },
        new("", "persistentvolumes", "PersistentVolume", Scope.Cluster, ["v1"]) { ShortNames = ["pv"], Subresources = [Subresource.Status] },
        new("", "pods", "Pod", Scope.Namespaced, ["v1"])
        {
            ShortNames = ["po"], Categories = ["all"],
            Subresources =
            [
                new("attach", "PodAttachOptions", ApiVerbs.CreateGet),
                new("binding", "Binding", ApiVerbs.Create),
                new("ephemeralcontainers", "Pod", ApiVerbs.GetPatchUpdate),
                new("eviction", "Eviction", ApiVerbs.Create, new GroupVersion("policy", "v1")),
                new("exec", "PodExecOptions", ApiVerbs.CreateGet),
                new("log", "Pod", ApiVerbs.Get),
                new("portforward", "PodPortForwardOptions", ApiVerbs.CreateGet),
                new("proxy", "PodProxyOptions", ApiVerbs.Proxy),
                new("resize", "Pod", ApiVerbs.GetPatchUpdate),
                Subresource.Status,
            ],
        },
        new("", "podtemplates", "PodTemplate", Scope.Namespaced, ["v1"]),
        new("", "replicationcontrollers", "ReplicationController", Scope.Namespaced, ["v1"])
        {
            ShortNames = ["rc"], Categories = ["all"], StoragePrefix = "controllers",
            Subresources =
            [
                Subresource.Scale,
                Subresource.Status,
            ],
        },
        new("", "resourcequotas", "ResourceQuota", Scope.Namespaced, ["v1"]) { ShortNames = ["quota"], Subresources = [Subresource.Status] },
        new("", "secrets", "Secret", Scope.Namespaced, ["v1"]),
        new("", "serviceaccounts", "ServiceAccount", Scope.Namespaced, ["v1"])
        {
            ShortNames = ["sa"],
            Subresources =
            [
                new("token", "TokenRequest", ApiVerbs.Create, new GroupVersion("authentication.k8s.io", "v1")),
            ],
        },
        new("", "services", "Service", Scope.Namespaced, ["v1"])
        {
            ShortNames = ["svc"], Categories = ["all"], StoragePrefix = "services/specs",
            Subresources =
            [
                new("proxy", "ServiceProxyOptions", ApiVerbs.Proxy),
                Subresource.Status,
            ],
        },

        // apiregistration.k8s.io
        new("apiregistration.k8s.io", "apiservices", "APIService", Scope.Cluster, ["v1"])
        {
            Categories = ["api-extensions"], StoragePrefix = "apiregistration.k8s.io/apiservices",
            Subresources =
            [
                Subresource.Status,
            ],
        },

        // apps
        new("apps", "controllerrevisions", "ControllerRevision", Scope.Namespaced, ["v1"]),
        new("apps", "daemonsets", "DaemonSet", Scope.Namespaced, ["v1"]) { ShortNames = ["ds"], Categories = ["all"], Subresources = [Subresource.Status] },
        new("apps", "deployments", "Deployment", Scope.Namespaced, ["v1"])
        {
            ShortNames = ["deploy"], Categories = ["all"],
            Subresources =
            [
                Subresource.Scale,
                Subresource.Status,
            ],
        },
        new("apps", "replicasets", "ReplicaSet", Scope.Namespaced, ["v1"])
        {
            ShortNames = ["rs"], Categories = ["all"],
            Subresources =
            [
                Subresource.Scale,
                Subresource.Status,
            ],
        },
        new("apps", "statefulsets", "StatefulSet", Scope.Namespaced, ["v1"])
        {
            ShortNames = ["sts"], Categories = ["all"],
            Subresources =
            [
                Subresource.Scale,
                Subresource.Status,
            ],
        },

        // events.k8s.io
        new("events.k8s.io", "events", "Event", Scope.Namespaced, ["v1"]) { ShortNames = ["ev"], StorageVersion = new("", "v1") },

        // authentication.k8s.io
        new("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", Scope.Cluster, ["v1"]) { Verbs = ApiVerbs.Create, Virtual = true },
        new("authentication.k8s.io", "tokenreviews", "TokenReview", Scope.Cluster, ["v1"]) { Verbs = ApiVerbs.Create, Virtual = true },

        // authorization.k8s.io
        new("authorization.k8s.io", "localsubjectaccessreviews", "LocalSubjectAccessReview", Scope.Namespaced, ["v1"]) { Verbs = ApiVerbs.Create, Virtual = true },
        new("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", Scope.Cluster, ["v1"]) { Verbs = ApiVerbs.Create, Virtual = true },
        new("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview", Scope.Cluster, ["v1"]) { Verbs = ApiVerbs.Create, Virtual = true },
        new("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", Scope.Cluster, ["v1"]) { Verbs = ApiVerbs.Create, Virtual = true },

        // autoscaling
        new("autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler", Scope.Namespaced, ["v2", "v1"])
        {
            ShortNames = ["hpa"], Categories = ["all"],
            Subresources =
            [
                Subresource.Status,
            ],
        },

        // batch
        new("batch", "cronjobs", "CronJob", Scope.Namespaced, ["v1"]) { ShortNames = ["cj"], Categories = ["all"], Subresources = [Subresource.Status] },
        new("batch", "jobs", "Job", Scope.Namespaced, ["v1"]) { Categories = ["all"], Subresources = [Subresource.Status] },

        // certificates.k8s.io
        new("certificates.k8s.io", "certificatesigningrequests", "CertificateSigningRequest", Scope.Cluster, ["v1"])
        {
            ShortNames = ["csr"],
            Subresources =
            [
                new("approval", "CertificateSigningRequest", ApiVerbs.GetPatchUpdate),
                Subresource.Status,
            ],
        },
        new("certificates.k8s.io", "clustertrustbundles", "ClusterTrustBundle", Scope.Cluster, ["v1beta1", "v1alpha1"]),
        new("certificates.k8s.io", "podcertificaterequests", "PodCertificateRequest", Scope.Namespaced, ["v1beta1"]) { Subresources = [Subresource.Status] },

        // networking.k8s.io
        new("networking.k8s.io", "ingressclasses", "IngressClass", Scope.Cluster, ["v1"]),
        new("networking.k8s.io", "ingresses", "Ingress", Scope.Namespaced, ["v1"])
        {
            ShortNames = ["ing"], StoragePrefix = "ingress",
            Subresources =
            [
                Subresource.Status,
            ],
        },
        new("networking.k8s.io", "ipaddresses", "IPAddress", Scope.Cluster, ["v1", "v1beta1"]) { ShortNames = ["ip"] },
        new("networking.k8s.io", "networkpolicies", "NetworkPolicy", Scope.Namespaced, ["v1"]) { ShortNames = ["netpol"] },
        new("networking.k8s.io", "servicecidrs", "ServiceCIDR", Scope.Cluster, ["v1", "v1beta1"]) { Subresources = [Subresource.Status] },

        // policy
        new("policy", "poddisruptionbudgets", "PodDisruptionBudget", Scope.Namespaced, ["v1"]) { ShortNames = ["pdb"], Subresources = [Subresource.Status] },

        // rbac.authorization.k8s.io
        new("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", Scope.Cluster, ["v1"]),
        new("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", Scope.Cluster, ["v1"]),
        new("rbac.authorization.k8s.io", "rolebindings", "RoleBinding", Scope.Namespaced, ["v1"]),
        new("rbac.authorization.k8s.io", "roles", "Role", Scope.Namespaced, ["v1"]),

        // storage.k8s.io
        new("storage.k8s.io", "csidrivers", "CSIDriver", Scope.Cluster, ["v1"]),
        new("storage.k8s.io", "csinodes", "CSINode", Scope.Cluster, ["v1"]),
        new("storage.k8s.io", "csistoragecapacities", "CSIStorageCapacity", Scope.Namespaced, ["v1"]),
        new("storage.k8s.io", "storageclasses", "StorageClass", Scope.Cluster, ["v1"]) { ShortNames = ["sc"] },
        new("storage.k8s.io", "volumeattachments", "VolumeAttachment", Scope.Cluster, ["v1"]) { Subresources = [Subresource.Status] },
        new("storage.k8s.io", "volumeattributesclasses", "VolumeAttributesClass", Scope.Cluster, ["v1", "v1beta1"]) { ShortNames = ["vac"] },

        // admissionregistration.k8s.io
        new("admissionregistration.k8s.io", "mutatingadmissionpolicies", "MutatingAdmissionPolicy", Scope.Cluster, ["v1", "v1beta1", "v1alpha1"])
        {
            Categories = ["api-extensions"], StorageVersion = new("admissionregistration.k8s.io", "v1beta1"),
        },
        new("admissionregistration.k8s.io", "mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", Scope.Cluster, ["v1", "v1beta1", "v1alpha1"])
        {
            Categories = ["api-extensions"], StorageVersion = new("admissionregistration.k8s.io", "v1beta1"),
        },
        new("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", Scope.Cluster, ["v1"]) { Categories = ["api-extensions"] },
        new("admissionregistration.k8s.io", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", Scope.Cluster, ["v1"])
        {
            Categories = ["api-extensions"],
            Subresources =
            [
                Subresource.Status,
            ],
        },
        new("admissionregistration.k8s.io", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", Scope.Cluster, ["v1"])
        {
            Categories = ["api-extensions"],
        },
        new("admissionregistration.k8s.io", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", Scope.Cluster, ["v1"])
        {
            Categories = ["api-extensions"],
        },

        // apiextensions.k8s.io
        new("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", Scope.Cluster, ["v1"])
        {
            ShortNames = ["crd", "crds"], Categories = ["api-extensions"], StoragePrefix = "apiextensions.k8s.io/customresourcedefinitions", HashedVersion = "v1beta1",
            Subresources =
            [
                Subresource.Status,
            ],
        },

        // scheduling.k8s.io
        new("scheduling.k8s.io", "priorityclasses", "PriorityClass", Scope.Cluster, ["v1"]) { ShortNames = ["pc"] },
        new("scheduling.k8s.io", "podgroups", "PodGroup", Scope.Namespaced, ["v1alpha2"]) { Subresources = [Subresource.Status] },
        new("scheduling.k8s.io", "workloads", "Workload", Scope.Namespaced, ["v1alpha2"]),

        // coordination.k8s.io
        new("coordination.k8s.io", "leases", "Lease", Scope.Namespaced, ["v1"]),
        new("coordination.k8s.io", "leasecandidates", "LeaseCandidate", Scope.Namespaced, ["v1beta1", "v1alpha2"]),

        // node.k8s.io
        new("node.k8s.io", "runtimeclasses", "RuntimeClass", Scope.Cluster, ["v1"]),

        // discovery.k8s.io
        new("discovery.k8s.io", "endpointslices", "EndpointSlice", Scope.Namespaced, ["v1"]),

        // resource.k8s.io
        new("resource.k8s.io", "deviceclasses", "DeviceClass", Scope.Cluster, ["v1", "v1beta2", "v1beta1"]),
        new("resource.k8s.io", "resourceclaims", "ResourceClaim", Scope.Namespaced, ["v1", "v1beta2", "v1beta1"]) { Subresources = [Subresource.Status] },
        new("resource.k8s.io", "resourceclaimtemplates", "ResourceClaimTemplate", Scope.Namespaced, ["v1", "v1beta2", "v1beta1"]),
        new("resource.k8s.io", "resourceslices", "ResourceSlice", Scope.Cluster, ["v1", "v1beta2", "v1beta1"]),
        new("resource.k8s.io", "devicetaintrules", "DeviceTaintRule", Scope.Cluster, ["v1beta2", "v1alpha3"])
        {
            StorageVersion = new("resource.k8s.io", "v1alpha3"),
            Subresources =
            [
                Subresource.Status,
            ],
        },
        new("resource.k8s.io", "resourcepoolstatusrequests", "ResourcePoolStatusRequest", Scope.Cluster, ["v1alpha3"]) { Subresources = [Subresource.Status] },

        // flowcontrol.apiserver.k8s.io
        new("flowcontrol.apiserver.k8s.io", "flowschemas", "FlowSchema", Scope.Cluster, ["v1"]) { Subresources = [Subresource.Status] },
        new("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations", "PriorityLevelConfiguration", Scope.Cluster, ["v1"]) { Subresources = [Subresource.Status] },

        // internal.apiserver.k8s.io
        new("internal.apiserver.k8s.io", "storageversions", "StorageVersion", Scope.Cluster, ["v1alpha1"]) { Subresources = [Subresource.Status] },

        // storagemigration.k8s.io
        new("storagemigration.k8s.io", "storageversionmigrations", "StorageVersionMigration", Scope.Cluster, ["v1beta1"]) { Subresources = [Subresource.Status] },
    ];
}
