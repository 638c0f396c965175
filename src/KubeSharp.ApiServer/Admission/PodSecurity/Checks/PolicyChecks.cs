namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Every check of the pod security standards (pod-security-admission/policy, v1.36).</summary>
internal static class PolicyChecks
{
    public static IReadOnlyList<PolicyCheck> All { get; } =
    [
        AllowPrivilegeEscalation.Check, AppArmor.Check, BaselineCapabilities.Check, RestrictedCapabilities.Check, HostNamespaces.Check, HostPathVolumes.Check,
        HostPorts.Check, HostProbes.Check, Privileged.Check, ProcMount.BaselineCheck, ProcMount.RestrictedCheck, RestrictedVolumes.Check, RunAsNonRoot.Check,
        RunAsUser.Check, SeLinux.Check, BaselineSeccomp.Check, RestrictedSeccomp.Check, Sysctls.Check, WindowsHostProcess.Check,
    ];
}
