using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>No capabilities besides the usual ones (policy/check_capabilities_baseline.go, v1.36).</summary>
internal static class BaselineCapabilities
{
    public const string Id = "capabilities_baseline";

    private static readonly HashSet<string> Allowed = new(StringComparer.Ordinal)
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    };

    public static PolicyCheck Check => new(Id, PolicyLevel.Baseline, new VersionedCheck(0, Since0));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var forbidden = PodContainers.NewSet();
        var bad = spec.NamesWhere(container =>
        {
            var isBad = false;
            foreach (var capability in container.SecurityContext.Capabilities.Add)
            {
                if (Allowed.Contains(capability))
                    continue;
                forbidden.Add(capability);
                isBad = true;
            }

            return isBad;
        });
        return bad.Count == 0
            ? CheckResult.Allowed
            : new CheckResult("non-default capabilities", $"{PodContainers.Containers(bad)} must not include {PodContainers.Quote(forbidden)} in securityContext.capabilities.add");
    }
}
