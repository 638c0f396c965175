using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity;

/// <summary>What the checks share: all containers of a pod in upstream's order, and the wording of who does what
/// (pod-security-admission/policy/visitor.go and helpers.go, v1.36).</summary>
internal static class PodContainers
{
    /// <summary>Init containers, containers, ephemeral containers.</summary>
    public static IEnumerable<Container> AllContainers(this PodSpec spec)
    {
        foreach (var container in spec.InitContainers)
            yield return container;
        foreach (var container in spec.Containers)
            yield return container;
        foreach (var container in spec.EphemeralContainers)
            yield return new Container(container.Map);
    }

    /// <summary>The names of the containers for which something holds, in order.</summary>
    public static List<string> NamesWhere(this PodSpec spec, Func<Container, bool> predicate)
    {
        var names = new List<string>();
        foreach (var container in spec.AllContainers())
        {
            if (predicate(container))
                names.Add(container.Name);
        }

        return names;
    }

    public static bool IsWindows(this PodSpec spec) => spec.OS.Name == "windows";

    /// <summary>Whether the pod has a user namespace of its own.</summary>
    public static bool HasUserNamespace(this PodSpec spec) => spec.HostUsers == false;

    public static string Quote(IEnumerable<string> items)
    {
        var joined = string.Join("\", \"", items);
        return joined.Length == 0 && !items.Any() ? "" : $"\"{joined}\"";
    }

    public static string Plural(string singular, string plural, int count) => count == 1 ? singular : plural;

    /// <summary><c>container "a"</c> or <c>containers "a", "b"</c>.</summary>
    public static string Containers(IReadOnlyCollection<string> names) => $"{Plural("container", "containers", names.Count)} {Quote(names)}";

    /// <summary>The pod and its containers, whichever of them set something: <c>pod and container "a"</c>; empty for neither.</summary>
    public static string Setters(bool pod, IReadOnlyCollection<string> containers) => (pod, containers.Count) switch
    {
        (true, 0) => "pod",
        (true, _) => $"pod and {Containers(containers)}",
        (false, 0) => "",
        _ => Containers(containers),
    };

    public static SortedSet<string> NewSet() => new(StringComparer.Ordinal);
}
