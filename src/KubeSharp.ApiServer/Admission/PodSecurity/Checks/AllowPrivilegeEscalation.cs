using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>No container may gain privileges (policy/check_allowPrivilegeEscalation.go, v1.36).</summary>
internal static class AllowPrivilegeEscalation
{
    public static PolicyCheck Check => new("allowPrivilegeEscalation", PolicyLevel.Restricted, new VersionedCheck(8, Since8), new VersionedCheck(25, Since25));

    private static CheckResult Since8(ObjectMeta metadata, PodSpec spec)
    {
        var bad = spec.NamesWhere(static container => container.SecurityContext.AllowPrivilegeEscalation != false);
        return bad.Count == 0
            ? CheckResult.Allowed
            : new CheckResult("allowPrivilegeEscalation != false", $"{PodContainers.Containers(bad)} must set securityContext.allowPrivilegeEscalation=false");
    }

    /// <summary>Windows knows no such escalation.</summary>
    private static CheckResult Since25(ObjectMeta metadata, PodSpec spec) => spec.IsWindows() ? CheckResult.Allowed : Since8(metadata, spec);
}
