using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>Tables of volumes, claims and storage.k8s.io (pkg/printers/internalversion/printers.go, v1.36).</summary>
internal static class StorageTables
{
    private static readonly (string Mode, string Short)[] AccessModes =
    [
        ("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP"),
    ];

    public static readonly ObjectTable PersistentVolumes = new(
        static (obj, now) =>
        [
            Name(obj), TextOr("0", obj, "spec", "capacity", "storage"), Modes(obj, "spec"),
            Text(obj, "spec", "persistentVolumeReclaimPolicy"), Phase(obj),
            At(obj, "spec", "claimRef").AsMap is { } claim ? $"{Text(claim, "namespace")}/{Text(claim, "name")}" : "",
            Class(obj), At(obj, "spec", "volumeAttributesClassName").AsString ?? Unset, Text(obj, "status", "reason"), Age(obj, now),
            At(obj, "spec", "volumeMode").AsString ?? Unset,
        ],
        ObjectColumns.Name,
        new("Capacity", "string", "", "capacity is the description of the persistent volume's resources and capacity. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#capacity"),
        new("Access Modes", "string", "", "accessModes contains all ways the volume can be mounted. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes"),
        new("Reclaim Policy", "string", "", "persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim. Valid options are Retain (default for manually created PersistentVolumes), Delete (default for dynamically provisioned PersistentVolumes), and Recycle (deprecated). Recycle must be supported by the volume plugin underlying this PersistentVolume. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#reclaiming"),
        new("Status", "string", "", "phase indicates if a volume is available, bound to a claim, or released by a claim. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#phase"),
        new("Claim", "string", "", "claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding"),
        new("StorageClass", "string", "", "StorageClass of the pv"),
        new("VolumeAttributesClass", "string", "", "VolumeAttributesClass of the pv"),
        new("Reason", "string", "", "reason is a brief CamelCase string that describes any failure and is meant for machine parsing and tidy display in the CLI."),
        ObjectColumns.Age,
        new("VolumeMode", "string", "", "volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw block state. Value of Filesystem is implied when not included in spec.", 1));

    public static readonly ObjectTable PersistentVolumeClaims = new(
        static (obj, now) =>
        {
            var volume = Text(obj, "spec", "volumeName");
            var bound = volume.Length > 0;
            return
            [
                Name(obj), Phase(obj), volume, bound ? TextOr("0", obj, "status", "capacity", "storage") : "",
                bound ? Modes(obj, "status") : "", Class(obj), At(obj, "spec", "volumeAttributesClassName").AsString ?? Unset,
                Age(obj, now), At(obj, "spec", "volumeMode").AsString ?? Unset,
            ];
        },
        ObjectColumns.Name,
        new("Status", "string", "", "phase represents the current phase of PersistentVolumeClaim."),
        new("Volume", "string", "", "volumeName is the binding reference to the PersistentVolume backing this claim."),
        new("Capacity", "string", "", "capacity represents the actual resources of the underlying volume."),
        new("Access Modes", "string", "", "accessModes contains the actual access modes the volume backing the PVC has. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1"),
        new("StorageClass", "string", "", "StorageClass of the pvc"),
        new("VolumeAttributesClass", "string", "", "VolumeAttributesClass of the pvc"),
        ObjectColumns.Age,
        new("VolumeMode", "string", "", "volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim spec.", 1));

    public static readonly ObjectTable StorageClasses = new(
        static (obj, now) =>
        {
            var isDefault = ObjectMetaAccessor.GetAnnotation(obj, "storageclass.kubernetes.io/is-default-class") == "true"
                || ObjectMetaAccessor.GetAnnotation(obj, "storageclass.beta.kubernetes.io/is-default-class") == "true";
            return
            [
                isDefault ? Name(obj) + " (default)" : Name(obj), Text(obj, "provisioner"), At(obj, "reclaimPolicy").AsString ?? "Delete",
                At(obj, "volumeBindingMode").AsString ?? "Immediate", Flag(obj, "allowVolumeExpansion"), Age(obj, now),
            ];
        },
        ObjectColumns.Name,
        new("Provisioner", "string", "", "provisioner indicates the type of the provisioner."),
        new("ReclaimPolicy", "string", "", "reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage class. Defaults to Delete."),
        new("VolumeBindingMode", "string", "", "volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound.  When unset, VolumeBindingImmediate is used. This field is only honored by servers that enable the VolumeScheduling feature."),
        new("AllowVolumeExpansion", "string", "", "allowVolumeExpansion shows whether the storage class allow volume expand."),
        ObjectColumns.Age);

    public static readonly ObjectTable VolumeAttributesClasses = new(
        static (obj, now) => [Name(obj), Text(obj, "driverName"), Age(obj, now)],
        ObjectColumns.Name,
        new("DriverName", "string", "", "Name of the CSI driver This field is immutable."),
        ObjectColumns.Age);

    public static readonly ObjectTable VolumeAttachments = new(
        static (obj, now) =>
        [
            Name(obj), Text(obj, "spec", "attacher"), Text(obj, "spec", "source", "persistentVolumeName"), Text(obj, "spec", "nodeName"),
            Flag(obj, "status", "attached"), Age(obj, now),
        ],
        ObjectColumns.Name,
        new("Attacher", "string", "name", "attacher indicates the name of the volume driver that MUST handle this request. This is the name returned by GetPluginName()."),
        new("PV", "string", "", "persistentVolumeName represents the name of the persistent volume to attach."),
        new("Node", "string", "", "nodeName represents the node that the volume should be attached to."),
        new("Attached", "boolean", "", "attached indicates the volume is successfully attached. This field must only be set by the entity completing the attach operation, i.e. the external-attacher."),
        ObjectColumns.Age);

    public static readonly ObjectTable CsiNodes = new(
        static (obj, now) => [Name(obj), Count(obj, "spec", "drivers"), Age(obj, now)],
        ObjectColumns.Name,
        new("Drivers", "integer", "", "Drivers indicates the number of CSI drivers registered on the node"),
        ObjectColumns.Age);

    public static readonly ObjectTable CsiDrivers = new(
        static (obj, now) =>
        [
            Name(obj), At(obj, "spec", "attachRequired").AsBoolean ?? true, Flag(obj, "spec", "podInfoOnMount"),
            Flag(obj, "spec", "storageCapacity"),
            At(obj, "spec", "tokenRequests").AsSequence is null
                ? Unset
                : string.Join(',', Items(obj, "spec", "tokenRequests").Select(request => Text(request, "audience"))),
            Flag(obj, "spec", "requiresRepublish"),
            string.Join(',', Texts(obj, "spec", "volumeLifecycleModes")) is { Length: > 0 } modes ? modes : None, Age(obj, now),
        ],
        ObjectColumns.Name,
        new("AttachRequired", "boolean", "", "attachRequired indicates this CSI volume driver requires an attach operation (because it implements the CSI ControllerPublishVolume() method), and that the Kubernetes attach detach controller should call the attach volume interface which checks the volumeattachment status and waits until the volume is attached before proceeding to mounting. The CSI external-attacher coordinates with CSI volume driver and updates the volumeattachment status when the attach operation is complete. If the value is specified to false, the attach operation will be skipped. Otherwise the attach operation will be called.\n\nThis field is immutable."),
        new("PodInfoOnMount", "boolean", "", "podInfoOnMount indicates this CSI volume driver requires additional pod information (like podName, podUID, etc.) during mount operations, if set to true. If set to false, pod information will not be passed on mount. Default is false.\n\nThe CSI driver specifies podInfoOnMount as part of driver deployment. If true, Kubelet will pass pod information as VolumeContext in the CSI NodePublishVolume() calls. The CSI driver is responsible for parsing and validating the information passed in as VolumeContext.\n\nThe following VolumeContext will be passed if podInfoOnMount is set to true. This list might grow, but the prefix will be used. \"csi.storage.k8s.io/pod.name\": pod.Name \"csi.storage.k8s.io/pod.namespace\": pod.Namespace \"csi.storage.k8s.io/pod.uid\": string(pod.UID) \"csi.storage.k8s.io/ephemeral\": \"true\" if the volume is an ephemeral inline volume\n                                defined by a CSIVolumeSource, otherwise \"false\"\n\n\"csi.storage.k8s.io/ephemeral\" is a new feature in Kubernetes 1.16. It is only required for drivers which support both the \"Persistent\" and \"Ephemeral\" VolumeLifecycleMode. Other drivers can leave pod info disabled and/or ignore this field. As Kubernetes 1.15 doesn't support this field, drivers can only support one mode when deployed on such a cluster and the deployment determines which mode that is, for example via a command line parameter of the driver.\n\nThis field was immutable in Kubernetes < 1.29 and now is mutable."),
        new("StorageCapacity", "boolean", "", "storageCapacity indicates that the CSI volume driver wants pod scheduling to consider the storage capacity that the driver deployment will report by creating CSIStorageCapacity objects with capacity information, if set to true.\n\nThe check can be enabled immediately when deploying a driver. In that case, provisioning new volumes with late binding will pause until the driver deployment has published some suitable CSIStorageCapacity object.\n\nAlternatively, the driver can be deployed with the field unset or false and it can be flipped later when storage capacity information has been published.\n\nThis field was immutable in Kubernetes <= 1.22 and now is mutable."),
        new("TokenRequests", "string", "", "tokenRequests indicates the CSI driver needs pods' service account tokens it is mounting volume for to do necessary authentication. Kubelet will pass the tokens in VolumeContext in the CSI NodePublishVolume calls. The CSI driver should parse and validate the following VolumeContext: \"csi.storage.k8s.io/serviceAccount.tokens\": {\n  \"<audience>\": {\n    \"token\": <token>,\n    \"expirationTimestamp\": <expiration timestamp in RFC3339>,\n  },\n  ...\n}\n\nNote: Audience in each TokenRequest should be different and at most one token is empty string. To receive a new token after expiry, RequiresRepublish can be used to trigger NodePublishVolume periodically."),
        new("RequiresRepublish", "boolean", "", "requiresRepublish indicates the CSI driver wants `NodePublishVolume` being periodically called to reflect any possible change in the mounted volume. This field defaults to false.\n\nNote: After a successful initial NodePublishVolume call, subsequent calls to NodePublishVolume should only update the contents of the volume. New mount points will not be seen by a running container."),
        new("Modes", "string", "", "volumeLifecycleModes defines what kind of volumes this CSI volume driver supports. The default if the list is empty is \"Persistent\", which is the usage defined by the CSI specification and implemented in Kubernetes via the usual PV/PVC mechanism.\n\nThe other mode is \"Ephemeral\". In this mode, volumes are defined inline inside the pod spec with CSIVolumeSource and their lifecycle is tied to the lifecycle of that pod. A driver has to be aware of this because it is only going to get a NodePublishVolume call for such a volume.\n\nFor more information about implementing this mode, see https://kubernetes-csi.github.io/docs/ephemeral-local-volumes.html A driver can support one or more of these modes and more modes may be added in the future.\n\nThis field is beta. This field is immutable."),
        ObjectColumns.Age);

    private static string Phase(Map obj) => ObjectMetaAccessor.IsBeingDeleted(obj) ? "Terminating" : Text(obj, "status", "phase");

    private static string Modes(Map obj, string part)
    {
        var modes = Texts(obj, part, "accessModes");
        return string.Join(',', AccessModes.Where(mode => modes.Contains(mode.Mode)).Select(mode => mode.Short));
    }

    /// <summary>The beta annotation outranks the field (pkg/apis/core/helper/helpers.go).</summary>
    private static string Class(Map obj) =>
        ObjectMetaAccessor.GetAnnotation(obj, "volume.beta.kubernetes.io/storage-class") ?? Text(obj, "spec", "storageClassName");
}
