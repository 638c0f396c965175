using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Parts of /proc stay masked, unless the pod has a user namespace and the level allows for that
/// (policy/check_procMount_baseline.go and check_procMount_restricted.go, v1.36).</summary>
internal static class ProcMount
{
    private const string BaselineId = "procMount";

    public static PolicyCheck BaselineCheck => new(BaselineId, PolicyLevel.Baseline, new VersionedCheck(0, Since0), new VersionedCheck(35, Since35));

    public static PolicyCheck RestrictedCheck => new("procMount_restricted", PolicyLevel.Restricted, new VersionedCheck(35, Since0, BaselineId));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var types = PodContainers.NewSet();
        var bad = spec.NamesWhere(container =>
        {
            if (container.SecurityContext.ProcMount is not { } type || type == "Default")
                return false;
            types.Add(type);
            return true;
        });
        return bad.Count == 0
            ? CheckResult.Allowed
            : new CheckResult("procMount", $"{PodContainers.Containers(bad)} must not set securityContext.procMount to {PodContainers.Quote(types)}");
    }

    private static CheckResult Since35(ObjectMeta metadata, PodSpec spec) => spec.HasUserNamespace() ? CheckResult.Allowed : Since0(metadata, spec);
}
