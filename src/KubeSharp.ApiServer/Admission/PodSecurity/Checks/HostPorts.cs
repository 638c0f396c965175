using System.Globalization;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>No container takes a port of the host (policy/check_hostPorts.go, v1.36).</summary>
internal static class HostPorts
{
    public static PolicyCheck Check => new("hostPorts", PolicyLevel.Baseline, new VersionedCheck(0, Since0));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var ports = PodContainers.NewSet();
        var bad = spec.NamesWhere(container =>
        {
            var isBad = false;
            foreach (var port in container.Ports)
            {
                if (port.HostPort == 0)
                    continue;
                ports.Add(port.HostPort.ToString(CultureInfo.InvariantCulture));
                isBad = true;
            }

            return isBad;
        });
        return bad.Count == 0
            ? CheckResult.Allowed
            : new CheckResult("hostPort", $"{PodContainers.Containers(bad)} {PodContainers.Plural("uses", "use", bad.Count)} {PodContainers.Plural("hostPort", "hostPorts", ports.Count)} {string.Join(", ", ports)}");
    }
}
