using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Containers run as another user than root, or in a user namespace (policy/check_runAsNonRoot.go, v1.36).</summary>
internal static class RunAsNonRoot
{
    private const string Reason = "runAsNonRoot != true";

    public static PolicyCheck Check => new("runAsNonRoot", PolicyLevel.Restricted, new VersionedCheck(0, Since0), new VersionedCheck(35, Since35));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var pod = spec.SecurityContext.RunAsNonRoot;
        var setters = PodContainers.Setters(pod == false, spec.NamesWhere(static container => container.SecurityContext.RunAsNonRoot == false));
        if (setters.Length > 0)
            return new CheckResult(Reason, $"{setters} must not set securityContext.runAsNonRoot=false");
        if (pod == true)
            return CheckResult.Allowed;
        var silent = spec.NamesWhere(static container => container.SecurityContext.RunAsNonRoot is null);
        return silent.Count == 0 ? CheckResult.Allowed : new CheckResult(Reason, $"pod or {PodContainers.Containers(silent)} must set securityContext.runAsNonRoot=true");
    }

    private static CheckResult Since35(ObjectMeta metadata, PodSpec spec) => spec.HasUserNamespace() ? CheckResult.Allowed : Since0(metadata, spec);
}
