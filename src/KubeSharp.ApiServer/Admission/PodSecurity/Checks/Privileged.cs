using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>No container is privileged (policy/check_privileged.go, v1.36).</summary>
internal static class Privileged
{
    public static PolicyCheck Check => new("privileged", PolicyLevel.Baseline, new VersionedCheck(0, Since0));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var bad = spec.NamesWhere(static container => container.SecurityContext.Privileged == true);
        return bad.Count == 0 ? CheckResult.Allowed : new CheckResult("privileged", $"{PodContainers.Containers(bad)} must not set securityContext.privileged=true");
    }
}
