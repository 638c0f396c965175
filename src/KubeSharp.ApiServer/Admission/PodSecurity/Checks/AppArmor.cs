using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>AppArmor stays on: only the runtime's default profile and local ones (policy/check_appArmorProfile.go, v1.36).</summary>
internal static class AppArmor
{
    private const string AnnotationPrefix = "container.apparmor.security.beta.kubernetes.io/";

    public static PolicyCheck Check => new("appArmorProfile", PolicyLevel.Baseline, new VersionedCheck(0, Since0));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var badValues = PodContainers.NewSet();
        bool IsBad(AppArmorProfile profile)
        {
            if (!profile.Exists || profile.Type is "RuntimeDefault" or "Localhost")
                return false;
            badValues.Add(profile.Type);
            return true;
        }

        var setters = PodContainers.Setters(IsBad(spec.SecurityContext.AppArmorProfile), spec.NamesWhere(container => IsBad(container.SecurityContext.AppArmorProfile)));
        var annotations = new List<string>();
        foreach (var (key, value) in metadata.Annotations)
        {
            if (key.StartsWith(AnnotationPrefix, StringComparison.Ordinal) && value is not ("" or "runtime/default") && !value.StartsWith("localhost/", StringComparison.Ordinal))
                annotations.Add($"{key}={GoText.Quote(value)}");
        }

        if (setters.Length == 0 && annotations.Count == 0)
            return CheckResult.Allowed;
        annotations.Sort(StringComparer.Ordinal);
        if (annotations.Count > 0)
            setters = $"{setters}{(setters.Length > 0 ? " and " : "")}{PodContainers.Plural("annotation", "annotations", annotations.Count)}";
        List<string> values = [.. badValues, .. annotations];
        return new CheckResult(
            PodContainers.Plural("forbidden AppArmor profile", "forbidden AppArmor profiles", values.Count),
            $"{setters} must not set AppArmor profile type to {PodContainers.Quote(values)}");
    }
}
