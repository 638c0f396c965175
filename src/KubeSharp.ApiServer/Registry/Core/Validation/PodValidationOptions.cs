using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>
/// What validation lets pass because the stored object has it already, or because the object is a pod and not a template
/// (GetValidationOptionsFromPodSpecAndMeta in pkg/api/pod/util.go, v1.36, with the feature gates at their defaults).
/// </summary>
internal sealed record PodValidationOptions
{
    public static readonly PodValidationOptions Create = new();
    public static readonly PodValidationOptions CreatePod = new() { ResourceIsPod = true };

    /// <summary>The spec belongs to a pod rather than to a template.</summary>
    public bool ResourceIsPod { get; init; }

    public bool AllowInvalidPodDeletionCost { get; init; }

    public bool AllowInvalidLabelValueInSelector { get; init; }

    public bool AllowInvalidLabelValueInRequiredNodeAffinity { get; init; }

    public bool AllowInvalidTopologySpreadConstraintLabelSelector { get; init; }

    public bool AllowIndivisibleHugePagesValues { get; init; }

    public bool AllowNonLocalProjectedTokenPath { get; init; }

    public bool AllowNamespacedSysctlsForHostNetAndHostIpc { get; init; }

    public bool AllowUserNamespacesWithVolumeDevices { get; init; }

    public bool AllowUserNamespacesHostNetworkSupport { get; init; }

    public bool AllowAnySeLinuxChangePolicy { get; init; }

    public bool AllowTolerationComparison { get; init; }

    public bool AllowRestartContainerForInitContainers { get; init; }

    public bool OldPodViolatesMatchLabelKeys { get; init; }

    /// <summary>Options for an update of a pod or template whose stored spec and metadata are given; creation where they are null.</summary>
    public static PodValidationOptions For(Map? oldSpec, Map? oldMetadata, bool resourceIsPod)
    {
        if (oldSpec is null)
            return resourceIsPod ? CreatePod : Create;
        var hostNetwork = oldSpec.Flag("hostNetwork");
        var ownUsers = oldSpec.GetBoolean("hostUsers") == false;
        return new PodValidationOptions
        {
            ResourceIsPod = resourceIsPod,
            AllowInvalidPodDeletionCost = !PodAnnotationValidation.IsValidDeletionCost(oldMetadata.Sub("annotations")),
            AllowInvalidLabelValueInSelector = HasInvalidAffinitySelector(oldSpec.Sub("affinity")),
            AllowInvalidLabelValueInRequiredNodeAffinity =
                NodeSelectorValidation.HasInvalidValue(oldSpec.Sub("affinity").Sub("nodeAffinity").Sub("requiredDuringSchedulingIgnoredDuringExecution")),
            AllowInvalidTopologySpreadConstraintLabelSelector = HasInvalidSpreadSelector(oldSpec),
            AllowIndivisibleHugePagesValues = PodContainers.Any(oldSpec, HasIndivisibleHugePages),
            AllowNonLocalProjectedTokenPath = HasNonLocalTokenPath(oldSpec),
            AllowNamespacedSysctlsForHostNetAndHostIpc = HasHostSysctl(oldSpec),
            AllowUserNamespacesWithVolumeDevices = ownUsers && PodContainers.Any(oldSpec, static c => c.List("volumeDevices").Count > 0),
            AllowUserNamespacesHostNetworkSupport = hostNetwork && ownUsers,
            AllowAnySeLinuxChangePolicy = oldSpec.Sub("securityContext").Has("seLinuxChangePolicy"),
            AllowTolerationComparison = HasComparison(oldSpec),
            AllowRestartContainerForInitContainers = HasRestartingInitContainer(oldSpec),
            OldPodViolatesMatchLabelKeys = ViolatesMatchLabelKeys(oldSpec),
        };
    }

    private static bool HasInvalidAffinitySelector(Map affinity)
    {
        foreach (var kind in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
        {
            foreach (var term in affinity.Sub(kind).List("requiredDuringSchedulingIgnoredDuringExecution"))
            {
                if (HasInvalidTerm(term.AsMap))
                    return true;
            }

            foreach (var term in affinity.Sub(kind).List("preferredDuringSchedulingIgnoredDuringExecution"))
            {
                if (HasInvalidTerm(term.AsMap.Sub("podAffinityTerm")))
                    return true;
            }
        }

        return false;
    }

    private static bool HasInvalidTerm(Map? term) =>
        LabelSelectorValidation.IsInvalid(term?.GetMap("labelSelector")) || LabelSelectorValidation.IsInvalid(term?.GetMap("namespaceSelector"));

    private static bool HasInvalidSpreadSelector(Map spec)
    {
        foreach (var constraint in spec.List("topologySpreadConstraints"))
        {
            if (LabelSelectorValidation.IsInvalid(constraint.AsMap?.GetMap("labelSelector")))
                return true;
        }

        return false;
    }

    private static bool ViolatesMatchLabelKeys(Map spec)
    {
        var errors = new FieldErrorList();
        foreach (var item in spec.List("topologySpreadConstraints"))
        {
            if (item.AsMap is { } constraint)
                LabelKeysValidation.Validate(errors, constraint, MetadataValidation.Spec);
        }

        return errors.Count > 0;
    }

    private static bool HasIndivisibleHugePages(Map container)
    {
        foreach (var list in (ReadOnlySpan<string>)["limits", "requests"])
        {
            foreach (var (name, value) in container.Sub("resources").Sub(list))
            {
                if (ResourceNames.IsHugePages(name) && !ResourceRequirementsValidation.IsWholePages(name, Quantity.FromValue(value)))
                    return true;
            }
        }

        return false;
    }

    private static bool HasNonLocalTokenPath(Map spec)
    {
        var errors = new FieldErrorList();
        foreach (var volume in spec.List("volumes"))
        {
            foreach (var source in volume.AsMap.Sub("projected").List("sources"))
            {
                if (source.AsMap?.GetMap("serviceAccountToken") is { } token)
                    PathValidation.LocalNonReserved(errors, token.Text("path"), MetadataValidation.Spec);
            }
        }

        return errors.Count > 0;
    }

    private static bool HasHostSysctl(Map spec)
    {
        foreach (var item in spec.Sub("securityContext").List("sysctls"))
        {
            if (PodSecurityContextValidation.HostSysctlProblem(item.AsMap.Text("name"), spec) is not null)
                return true;
        }

        return false;
    }

    private static bool HasComparison(Map spec)
    {
        foreach (var toleration in spec.List("tolerations"))
        {
            if (toleration.AsMap.Text("operator") is "Lt" or "Gt")
                return true;
        }

        return false;
    }

    private static bool HasRestartingInitContainer(Map spec)
    {
        foreach (var item in spec.List("initContainers"))
        {
            if (item.AsMap.Text("restartPolicy") == "Always")
                continue;
            foreach (var policy in item.AsMap.List("resizePolicy"))
            {
                if (policy.AsMap.Text("restartPolicy") == "RestartContainer")
                    return true;
            }
        }

        return false;
    }
}
