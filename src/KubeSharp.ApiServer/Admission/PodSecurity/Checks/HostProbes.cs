using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Probes and lifecycle handlers talk to the pod and to no other host (policy/check_hostProbesAndhostLifecycle.go, v1.36).</summary>
internal static class HostProbes
{
    public static PolicyCheck Check => new("hostProbesAndHostLifecycle", PolicyLevel.Baseline, new VersionedCheck(34, Since34));

    private static CheckResult Since34(ObjectMeta metadata, PodSpec spec)
    {
        var bad = PodContainers.NewSet();
        var hosts = PodContainers.NewSet();
        foreach (var container in spec.AllContainers())
        {
            var isBad = Add(container.LivenessProbe.HTTPGet, container.LivenessProbe.TCPSocket)
                | Add(container.ReadinessProbe.HTTPGet, container.ReadinessProbe.TCPSocket)
                | Add(container.StartupProbe.HTTPGet, container.StartupProbe.TCPSocket)
                | Add(container.Lifecycle.PostStart.HTTPGet, container.Lifecycle.PostStart.TCPSocket)
                | Add(container.Lifecycle.PreStop.HTTPGet, container.Lifecycle.PreStop.TCPSocket);
            if (isBad)
                bad.Add(container.Name);
        }

        return bad.Count == 0
            ? CheckResult.Allowed
            : new CheckResult("probe or lifecycle host", $"{PodContainers.Containers(bad)} {PodContainers.Plural("uses", "use", bad.Count)} {PodContainers.Plural("probe or lifecycle host", "probe or lifecycle hosts", hosts.Count)} {PodContainers.Quote(hosts)}");

        bool Add(HTTPGetAction http, TCPSocketAction tcp) => AddHost(http.Host) | AddHost(tcp.Host);

        bool AddHost(string host)
        {
            if (host.Length > 0)
                hosts.Add(host);
            return host.Length > 0;
        }
    }
}
