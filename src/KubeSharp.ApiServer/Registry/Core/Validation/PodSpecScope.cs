using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>What the checks of one pod spec share: facts of the whole spec that those of its parts depend on.</summary>
internal sealed class PodSpecScope
{
    public PodSpecScope(Map spec, Map? podMetadata, PodValidationOptions options)
    {
        Spec = spec;
        PodMetadata = podMetadata;
        Options = options;
        HostUsers = spec.GetBoolean("hostUsers") ?? true;
        GracePeriod = spec.GetInteger("terminationGracePeriodSeconds");
        Os = spec.GetMap("os")?.Text("name");
        RestartPolicy = spec.Text("restartPolicy");
        foreach (var claim in spec.List("resourceClaims"))
        {
            if (claim.AsMap.Text("name") is { Length: > 0 } name)
                ClaimNames.Add(name);
        }
    }

    public Map Spec { get; }

    /// <summary>The metadata of a pod; null for a template.</summary>
    public Map? PodMetadata { get; }

    public PodValidationOptions Options { get; }

    public bool HostUsers { get; }

    public long? GracePeriod { get; }

    /// <summary>The name in <c>spec.os</c>, which may be empty; null where that is not set.</summary>
    public string? Os { get; }

    public string RestartPolicy { get; }

    public SortedSet<string> ClaimNames { get; } = new(StringComparer.Ordinal);

    /// <summary>The volumes found valid, by name; filled by <see cref="VolumeValidation"/>.</summary>
    public Dictionary<string, Map> Volumes { get; } = new(StringComparer.Ordinal);
}

/// <summary>Walks all containers in upstream's order: init, regular, ephemeral (pkg/apis/core/pods VisitContainersWithPath).</summary>
internal static class PodContainers
{
    public static readonly string[] Lists = ["initContainers", "containers", "ephemeralContainers"];

    public static void Visit(Map spec, FieldPath path, Action<Map, FieldPath> visit)
    {
        foreach (var name in Lists)
        {
            var list = spec.List(name);
            for (var i = 0; i < list.Count; i++)
                visit(list.At(i), path.Child(name).Index(i));
        }
    }

    public static bool Any(Map? spec, Func<Map, bool> predicate)
    {
        foreach (var name in Lists)
        {
            foreach (var item in spec.List(name))
            {
                if (item.AsMap is { } container && predicate(container))
                    return true;
            }
        }

        return false;
    }
}
