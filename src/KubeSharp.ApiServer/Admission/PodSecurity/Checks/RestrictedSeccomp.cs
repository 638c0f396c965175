using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Seccomp is switched on by the pod or by each container (policy/check_seccompProfile_restricted.go, v1.36).</summary>
internal static class RestrictedSeccomp
{
    public static PolicyCheck Check => new("seccompProfile_restricted", PolicyLevel.Restricted,
        new VersionedCheck(19, Since19, BaselineSeccomp.Id), new VersionedCheck(25, Since25, BaselineSeccomp.Id));

    private static CheckResult Since19(ObjectMeta metadata, PodSpec spec)
    {
        if (BaselineSeccomp.ForbiddenTypes(spec) is { } forbidden)
            return forbidden;
        if (spec.SecurityContext.SeccompProfile.Exists)
            return CheckResult.Allowed;
        var silent = spec.NamesWhere(static container => !container.SecurityContext.SeccompProfile.Exists);
        return silent.Count == 0
            ? CheckResult.Allowed
            : new CheckResult("seccompProfile", $"pod or {PodContainers.Containers(silent)} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"");
    }

    /// <summary>Windows has no seccomp.</summary>
    private static CheckResult Since25(ObjectMeta metadata, PodSpec spec) => spec.IsWindows() ? CheckResult.Allowed : Since19(metadata, spec);
}
