using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Only sysctls that touch nothing but the pod (policy/check_sysctls.go, v1.36).</summary>
internal static class Sysctls
{
    private static readonly (string Name, int SinceMinor)[] Allowed =
    [
        ("kernel.shm_rmid_forced", 0), ("net.ipv4.ip_local_port_range", 0), ("net.ipv4.tcp_syncookies", 0), ("net.ipv4.ping_group_range", 0),
        ("net.ipv4.ip_unprivileged_port_start", 0), ("net.ipv4.ip_local_reserved_ports", 27), ("net.ipv4.tcp_keepalive_time", 29),
        ("net.ipv4.tcp_fin_timeout", 29), ("net.ipv4.tcp_keepalive_intvl", 29), ("net.ipv4.tcp_keepalive_probes", 29), ("net.ipv4.tcp_rmem", 32), ("net.ipv4.tcp_wmem", 32),
    ];

    public static PolicyCheck Check => new("sysctls", PolicyLevel.Baseline, Rules(0), Rules(27), Rules(29), Rules(32));

    private static VersionedCheck Rules(int minor) => new(minor, (_, spec) => Judge(spec, minor));

    private static CheckResult Judge(PodSpec spec, int minor)
    {
        var forbidden = new List<string>();
        foreach (var sysctl in spec.SecurityContext.Sysctls)
        {
            if (!Array.Exists(Allowed, allowed => allowed.Name == sysctl.Name && allowed.SinceMinor <= minor))
                forbidden.Add(sysctl.Name);
        }

        return forbidden.Count == 0 ? CheckResult.Allowed : new CheckResult("forbidden sysctls", string.Join(", ", forbidden));
    }
}
