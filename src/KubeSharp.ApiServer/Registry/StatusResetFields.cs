using KubeSharp.ApiMachinery.ManagedFields;

namespace KubeSharp.ApiServer.Registry;

/// <summary>What a write through a kind's status subresource cannot change (GetResetFields of the status strategies in
/// pkg/registry, v1.36): spec, and for some kinds metadata or parts of it.</summary>
internal static class StatusResetFields
{
    private static readonly FieldSet Spec = FieldSet.OfFields(["spec"]);
    private static readonly FieldSet SpecAndMetadata = FieldSet.OfFields(["spec"], ["metadata"]);

    public static FieldSet Of(string groupResource) => groupResource switch
    {
        "pods" => FieldSet.OfFields(["spec"], ["metadata", "deletionTimestamp"], ["metadata", "ownerReferences"]),
        "deployments.apps" => FieldSet.OfFields(["spec"], ["metadata", "labels"]),
        "certificatesigningrequests.certificates.k8s.io" => FieldSet.OfFields(["spec"], ["status", "conditions"]),
        "podgroups.scheduling.k8s.io" or "servicecidrs.networking.k8s.io" or "storageversionmigrations.storagemigration.k8s.io"
            or "resourceclaims.resource.k8s.io" or "devicetaintrules.resource.k8s.io" or "resourcepoolstatusrequests.resource.k8s.io"
            or "storageversions.internal.apiserver.k8s.io" or "volumeattachments.storage.k8s.io" or "flowschemas.flowcontrol.apiserver.k8s.io"
            or "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io" or "apiservices.apiregistration.k8s.io"
            or "validatingadmissionpolicies.admissionregistration.k8s.io" => SpecAndMetadata,
        _ => Spec,
    };
}
