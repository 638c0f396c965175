using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>No Windows container is a process of the host (policy/check_windowsHostProcess.go, v1.36).</summary>
internal static class WindowsHostProcess
{
    public static PolicyCheck Check => new("windowsHostProcess", PolicyLevel.Baseline, new VersionedCheck(0, Since0));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var setters = PodContainers.Setters(
            spec.SecurityContext.WindowsOptions.HostProcess == true,
            spec.NamesWhere(static container => container.SecurityContext.WindowsOptions.HostProcess == true));
        return setters.Length == 0 ? CheckResult.Allowed : new CheckResult("hostProcess", $"{setters} must not set securityContext.windowsOptions.hostProcess=true");
    }
}
