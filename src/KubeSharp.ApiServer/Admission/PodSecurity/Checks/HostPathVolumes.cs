using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>No volume is a path of the host (policy/check_hostPathVolumes.go, v1.36).</summary>
internal static class HostPathVolumes
{
    public const string Id = "hostPathVolumes";

    public static PolicyCheck Check => new(Id, PolicyLevel.Baseline, new VersionedCheck(0, Since0));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var bad = new List<string>();
        foreach (var volume in spec.Volumes)
        {
            if (volume.HostPath.Exists)
                bad.Add(volume.Name);
        }

        return bad.Count == 0 ? CheckResult.Allowed : new CheckResult("hostPath volumes", $"{PodContainers.Plural("volume", "volumes", bad.Count)} {PodContainers.Quote(bad)}");
    }
}
