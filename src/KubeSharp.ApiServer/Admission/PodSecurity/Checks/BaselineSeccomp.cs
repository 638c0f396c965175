using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Seccomp is not switched off: by annotations before v1.19, by fields since (policy/check_seccompProfile_baseline.go, v1.36).</summary>
internal static class BaselineSeccomp
{
    public const string Id = "seccompProfile_baseline";

    private const string PodAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
    private const string ContainerAnnotationPrefix = "container.seccomp.security.alpha.kubernetes.io/";

    public static PolicyCheck Check => new(Id, PolicyLevel.Baseline, new VersionedCheck(0, Since0), new VersionedCheck(19, Since19));

    private static CheckResult Since0(ObjectMeta metadata, PodSpec spec)
    {
        var forbidden = PodContainers.NewSet();
        Add(PodAnnotation);
        foreach (var container in spec.AllContainers())
            Add(ContainerAnnotationPrefix + container.Name);
        return forbidden.Count == 0
            ? CheckResult.Allowed
            : new CheckResult("seccompProfile", $"forbidden {PodContainers.Plural("annotation", "annotations", forbidden.Count)} {string.Join(", ", forbidden)}");

        void Add(string key)
        {
            if (metadata.Annotations[key] is { } value && value is not ("runtime/default" or "docker/default") && !value.StartsWith("localhost/", StringComparison.Ordinal))
                forbidden.Add($"{key}={GoText.Quote(value)}");
        }
    }

    private static CheckResult Since19(ObjectMeta metadata, PodSpec spec) => ForbiddenTypes(spec) ?? CheckResult.Allowed;

    /// <summary>A refusal of the types that are set and not allowed; null when there is none.</summary>
    internal static CheckResult? ForbiddenTypes(PodSpec spec)
    {
        var types = PodContainers.NewSet();
        var setters = PodContainers.Setters(IsBad(spec.SecurityContext.SeccompProfile), spec.NamesWhere(container => IsBad(container.SecurityContext.SeccompProfile)));
        return setters.Length == 0
            ? null
            : new CheckResult("seccompProfile", $"{setters} must not set securityContext.seccompProfile.type to {PodContainers.Quote(types)}");

        bool IsBad(SeccompProfile profile)
        {
            if (!profile.Exists || profile.Type is "RuntimeDefault" or "Localhost")
                return false;
            types.Add(profile.Type);
            return true;
        }
    }
}
