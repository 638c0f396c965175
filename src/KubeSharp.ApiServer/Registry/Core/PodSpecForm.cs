using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Pod specs as upstream's messages print them (see <see cref="InternalForm"/>): internally the order of fields is another
/// one, and the host's namespaces belong to the security context (pkg/apis/core/types.go, v1.36).</summary>
internal static class PodSpecForm
{
    private static readonly GroupVersionKind Pod = new("", "v1", "Pod");

    private static readonly string[] Fields =
    [
        "volumes", "initContainers", "containers", "ephemeralContainers", "restartPolicy", "terminationGracePeriodSeconds", "activeDeadlineSeconds",
        "dnsPolicy", "nodeSelector", "serviceAccountName", "automountServiceAccountToken", "nodeName", "securityContext", "imagePullSecrets", "hostname",
        "subdomain", "setHostnameAsFQDN", "affinity", "schedulerName", "tolerations", "hostAliases", "priorityClassName", "priority", "preemptionPolicy",
        "dnsConfig", "readinessGates", "runtimeClassName", "overhead", "enableServiceLinks", "topologySpreadConstraints", "os", "schedulingGates",
        "resourceClaims", "resources", "hostnameOverride", "schedulingGroup",
    ];

    private static readonly string[] SecurityFields =
    [
        "seLinuxOptions", "windowsOptions", "runAsUser", "runAsGroup", "runAsNonRoot", "supplementalGroups", "supplementalGroupsPolicy", "fsGroup",
        "fsGroupChangePolicy", "sysctls", "seccompProfile", "appArmorProfile", "seLinuxChangePolicy",
    ];

    public static Map Of(Map spec)
    {
        var result = new Map(Fields.Length);
        foreach (var field in Fields)
        {
            // The resources of a pod are there or not; those of a container always are.
            result.Set(InternalForm.GoName(field), field switch
            {
                "securityContext" => spec.GetMap(field) is { } context ? OfSecurity(spec, context) : Value.Null,
                _ => InternalForm.Of(spec[field], Pod, "spec", field),
            });
        }

        return result;
    }

    /// <summary>The metadata's fields stand beside the spec.</summary>
    public static Map OfTemplate(Map template)
    {
        var result = template.Sub("metadata").ShallowClone();
        result.Set("Spec", Of(template.Sub("spec")));
        return result;
    }

    private static Map OfSecurity(Map spec, Map context)
    {
        var result = new Map(SecurityFields.Length + 5)
        {
            { "HostNetwork", spec.Flag("hostNetwork") },
            { "HostPID", spec.Flag("hostPID") },
            { "HostIPC", spec.Flag("hostIPC") },
            { "ShareProcessNamespace", spec.Has("shareProcessNamespace") ? spec["shareProcessNamespace"] : Value.Null },
            { "HostUsers", spec.Has("hostUsers") ? spec["hostUsers"] : Value.Null },
        };
        foreach (var field in SecurityFields)
            result.Set(InternalForm.GoName(field), InternalForm.Of(context[field], Pod, "spec", "securityContext", field));
        return result;
    }
}
