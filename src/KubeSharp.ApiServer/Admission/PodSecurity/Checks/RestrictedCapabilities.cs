using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity.Checks;

/// <summary>All capabilities are dropped, and only the one for low ports comes back (policy/check_capabilities_restricted.go, v1.36).</summary>
internal static class RestrictedCapabilities
{
    public static PolicyCheck Check => new("capabilities_restricted", PolicyLevel.Restricted,
        new VersionedCheck(22, Since22, BaselineCapabilities.Id), new VersionedCheck(25, Since25, BaselineCapabilities.Id));

    private static CheckResult Since22(ObjectMeta metadata, PodSpec spec)
    {
        var forbidden = PodContainers.NewSet();
        var keeping = spec.NamesWhere(static container => !container.SecurityContext.Capabilities.Drop.Contains("ALL"));
        var adding = spec.NamesWhere(container =>
        {
            var isBad = false;
            foreach (var capability in container.SecurityContext.Capabilities.Add)
            {
                if (capability == "NET_BIND_SERVICE")
                    continue;
                forbidden.Add(capability);
                isBad = true;
            }

            return isBad;
        });
        var details = new List<string>(2);
        if (keeping.Count > 0)
            details.Add($"{PodContainers.Containers(keeping)} must set securityContext.capabilities.drop=[\"ALL\"]");
        if (adding.Count > 0)
            details.Add($"{PodContainers.Containers(adding)} must not include {PodContainers.Quote(forbidden)} in securityContext.capabilities.add");
        return details.Count == 0 ? CheckResult.Allowed : new CheckResult("unrestricted capabilities", string.Join("; ", details));
    }

    /// <summary>Windows has no capabilities.</summary>
    private static CheckResult Since25(ObjectMeta metadata, PodSpec spec) => spec.IsWindows() ? CheckResult.Allowed : Since22(metadata, spec);
}
