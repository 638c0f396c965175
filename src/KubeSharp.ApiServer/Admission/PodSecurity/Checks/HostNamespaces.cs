using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>The host's namespaces stay the host's (policy/check_hostNamespaces.go, v1.36).</summary>
internal static class HostNamespaces
{
    public static PolicyCheck Check => new("hostNamespaces", PolicyLevel.Baseline, new VersionedCheck(0, Since0));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var shared = new List<string>(3);
        if (spec.HostNetwork)
            shared.Add("hostNetwork=true");
        if (spec.HostPID)
            shared.Add("hostPID=true");
        if (spec.HostIPC)
            shared.Add("hostIPC=true");
        return shared.Count == 0 ? CheckResult.Allowed : new CheckResult("host namespaces", string.Join(", ", shared));
    }
}
