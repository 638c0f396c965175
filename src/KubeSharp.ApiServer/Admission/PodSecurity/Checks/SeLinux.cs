using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Only the usual SELinux types, and no user or role (policy/check_seLinuxOptions.go, v1.36).</summary>
internal static class SeLinux
{
    public static PolicyCheck Check => new("seLinuxOptions", PolicyLevel.Baseline,
        new VersionedCheck(0, static (_, spec) => Judge(spec, allowEngine: false)),
        new VersionedCheck(31, static (_, spec) => Judge(spec, allowEngine: true)));

    private static CheckResult Judge(PodSpec spec, bool allowEngine)
    {
        var types = PodContainers.NewSet();
        var (hasUser, hasRole) = (false, false);
        var setters = PodContainers.Setters(IsBad(spec.SecurityContext.SELinuxOptions), spec.NamesWhere(container => IsBad(container.SecurityContext.SELinuxOptions)));
        if (setters.Length == 0)
            return CheckResult.Allowed;
        var data = new List<string>(3);
        if (types.Count > 0)
            data.Add($"{PodContainers.Plural("type", "types", types.Count)} {PodContainers.Quote(types)}");
        if (hasUser)
            data.Add("user may not be set");
        if (hasRole)
            data.Add("role may not be set");
        return new CheckResult("seLinuxOptions", $"{setters} set forbidden securityContext.seLinuxOptions: {string.Join("; ", data)}");

        bool IsBad(SELinuxOptions options)
        {
            if (!options.Exists)
                return false;
            var isBad = false;
            if (!(options.Type is "" or "container_t" or "container_init_t" or "container_kvm_t" || (allowEngine && options.Type == "container_engine_t")))
            {
                types.Add(options.Type);
                isBad = true;
            }

            hasUser |= options.User.Length > 0;
            hasRole |= options.Role.Length > 0;
            return isBad || options.User.Length > 0 || options.Role.Length > 0;
        }
    }
}
