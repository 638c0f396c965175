using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Nothing asks for root by its number, unless in a user namespace (policy/check_runAsUser.go, v1.36).</summary>
internal static class RunAsUser
{
    public static PolicyCheck Check => new("runAsUser", PolicyLevel.Restricted, new VersionedCheck(23, Since23), new VersionedCheck(35, Since35));

    private static CheckResult Since23(ObjectMeta metadata, PodSpec spec)
    {
        var setters = PodContainers.Setters(spec.SecurityContext.RunAsUser == 0, spec.NamesWhere(static container => container.SecurityContext.RunAsUser == 0));
        return setters.Length == 0 ? CheckResult.Allowed : new CheckResult("runAsUser=0", $"{setters} must not set runAsUser=0");
    }

    private static CheckResult Since35(ObjectMeta metadata, PodSpec spec) => spec.HasUserNamespace() ? CheckResult.Allowed : Since23(metadata, spec);
}
