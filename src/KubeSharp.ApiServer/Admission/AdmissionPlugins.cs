using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Which plugins are on, and the chain of them (apiserver/pkg/server/options/admission.go, v1.36).</summary>
internal static class AdmissionPlugins
{
    /// <exception cref="InvalidDataException">The configuration, or a plugin's part of it, cannot be used.</exception>
    public static AdmissionChain Build(ApiServerOptions options, ServedResources resources, AuthorizerChain authorization, TimeProvider time)
    {
        var needs = new AdmissionDependencies(resources, authorization.Authorizer, time)
        {
            NotReadyTolerationSeconds = options.DefaultNotReadyTolerationSeconds,
            UnreachableTolerationSeconds = options.DefaultUnreachableTolerationSeconds,
        };
        var enabled = Enabled(options.EnableAdmissionPlugins, options.DisableAdmissionPlugins);
        var configuration = ReadConfiguration(options, enabled);
        var plugins = new List<IAdmissionPlugin>();
        foreach (var row in enabled)
        {
            if (row.Make is not { } make)
                continue;
            try
            {
                plugins.Add(make(needs, configuration.For(row.Name)));
            }
            catch (FormatException exception)
            {
                throw new InvalidDataException($"failed to initialize admission: couldn't init admission plugin \"{row.Name}\": {exception.Message}", exception);
            }
        }

        plugins.Add(new Registry.Rbac.EscalationGuard(authorization.Authorizer, authorization.Rbac, RbacFeeds(resources)));
        return new AdmissionChain(plugins);
    }

    private static IReadOnlyList<Cache.StoreFeed> RbacFeeds(ServedResources resources) =>
    [
        .. new[] { "roles", "clusterroles", "rolebindings", "clusterrolebindings" }
            .Select(name => resources.Find(new GroupVersionResource("rbac.authorization.k8s.io", "v1", name))!.Store.Feed).Distinct(),
    ];

    private static AdmissionConfiguration ReadConfiguration(ApiServerOptions options, IReadOnlyList<AdmissionPluginRow> enabled)
    {
        try
        {
            return AdmissionConfiguration.Read(options.AdmissionControlConfigFile, [.. enabled.Select(row => row.Name)]);
        }
        catch (FormatException exception)
        {
            throw new InvalidDataException($"failed to initialize admission: failed to read plugin config: {exception.Message}", exception);
        }
    }

    /// <summary>The plugins that run, in order: the default ones and those asked for, without those asked not to.
    /// A name in both lists stays on, as upstream's does (which refuses such flags before it comes to that).</summary>
    public static IReadOnlyList<AdmissionPluginRow> Enabled(IReadOnlyList<string> enable, IReadOnlyList<string> disable) =>
        [.. AdmissionPluginTable.Rows.Where(row => enable.Contains(row.Name) || (row.On && !disable.Contains(row.Name)))];

    /// <summary>What is wrong with the two flags, in upstream's words.</summary>
    public static void ValidateFlags(IReadOnlyList<string> enable, IReadOnlyList<string> disable, List<string> errors)
    {
        foreach (var name in enable)
        {
            if (AdmissionPluginTable.Find(name) is null)
                errors.Add($"enable-admission-plugins plugin \"{name}\" is unknown");
        }

        foreach (var name in disable)
        {
            if (AdmissionPluginTable.Find(name) is null)
                errors.Add($"disable-admission-plugins plugin \"{name}\" is unknown");
        }

        var both = enable.Intersect(disable).Order(StringComparer.Ordinal).ToArray();
        if (both.Length > 0)
            errors.Add($"[{string.Join(' ', both)}] in enable-admission-plugins and disable-admission-plugins overlapped");
    }
}
