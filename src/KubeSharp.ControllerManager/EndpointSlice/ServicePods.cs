using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ControllerManager.Pods;

namespace KubeSharp.ControllerManager.EndpointSlice;

/// <summary>The pods behind a service and the ports that they answer on, as both endpoint controllers see them.</summary>
internal static class ServicePods
{
    /// <summary>The keys of the services that select a pod.</summary>
    public static IEnumerable<string> ServicesOf(Lister services, Map pod)
    {
        foreach (var service in services.ListNamespace(ObjectMetaAccessor.GetNamespace(pod)))
        {
            if (Selector(service) is { } selector && selector.Matches(ObjectMetaAccessor.GetLabels(pod)))
                yield return ObjectMetaAccessor.GetKey(service);
        }
    }

    /// <summary>The selector of a service that has endpoints of its own making; null for all others.</summary>
    public static LabelSelector? Selector(Map service) =>
        service.GetMap("spec") is { } spec && spec.GetString("type") != "ExternalName" && spec.GetMap("selector") is { Count: > 0 } selector
            ? LabelSelector.FromSet(selector)
            : null;

    /// <summary>Pods with an address that have not ended, by name.</summary>
    public static List<Map> Select(Lister pods, Map service, LabelSelector selector) =>
        [.. pods.ListNamespace(ObjectMetaAccessor.GetNamespace(service), selector)
            .Where(pod => !string.IsNullOrEmpty(Address(pod)) && PodState.Phase(pod) is not ("Succeeded" or "Failed"))
            .OrderBy(ObjectMetaAccessor.GetName, StringComparer.Ordinal)];

    public static string? Address(Map pod) => pod.GetMap("status")?.GetString("podIP");

    /// <summary>The number that a service port leads to on a pod; null where the pod has no port of that name.</summary>
    public static long? TargetPort(Map port, Map pod)
    {
        if (port["targetPort"].AsInteger is { } number)
            return number == 0 ? port.GetInteger("port") : number;
        if (port["targetPort"].AsString is not { Length: > 0 } name)
            return port.GetInteger("port");
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var container in pod.GetMap("spec")?.GetSequence(list) ?? Sequence.Empty)
            {
                // Init containers answer only when they keep running.
                if (list == "initContainers" && container.AsMap?.GetString("restartPolicy") != "Always")
                    continue;
                foreach (var candidate in container.AsMap?.GetSequence("ports") ?? Sequence.Empty)
                {
                    if (candidate.AsMap is { } found && found.GetString("name") == name && (found.GetString("protocol") ?? "TCP") == (port.GetString("protocol") ?? "TCP"))
                        return found.GetInteger("containerPort");
                }
            }
        }

        return null;
    }

    /// <summary>Pods grouped by what the service's ports mean on them: most services have one group.</summary>
    public static List<(Sequence Ports, List<Map> Pods)> GroupByPorts(Map service, List<Map> pods, bool withAppProtocol)
    {
        var groups = new List<(Sequence Ports, List<Map> Pods)>();
        foreach (var pod in pods)
        {
            var ports = new Sequence();
            foreach (var item in service.GetMap("spec")?.GetSequence("ports") ?? Sequence.Empty)
            {
                if (item.AsMap is not { } port || TargetPort(port, pod) is not { } number)
                    continue;
                var entry = new Map { { "name", port.GetString("name") ?? "" }, { "port", number }, { "protocol", port.GetString("protocol") ?? "TCP" } };
                if (withAppProtocol)
                    entry.Set("appProtocol", port["appProtocol"]);
                ports.Add(entry);
            }

            var group = groups.Find(g => g.Ports.DeepEquals(ports));
            if (group.Pods is null)
                groups.Add(group = (ports, []));
            group.Pods.Add(pod);
        }

        return groups;
    }

    /// <summary>The name that DNS gives the pod among those of the service; null: none.</summary>
    public static string? Hostname(Map service, Map pod) =>
        pod.GetMap("spec") is { } spec && spec.GetString("hostname") is { Length: > 0 } hostname && spec.GetString("subdomain") == ObjectMetaAccessor.GetName(service)
            ? hostname
            : null;

    /// <summary>The service has no address of its own.</summary>
    public static bool IsHeadless(Map service) => service.GetMap("spec")?.GetString("clusterIP") is null or "" or "None";

    public static Map TargetRef(Map pod) => new()
    {
        { "kind", "Pod" }, { "namespace", ObjectMetaAccessor.GetNamespace(pod) }, { "name", ObjectMetaAccessor.GetName(pod) }, { "uid", ObjectMetaAccessor.GetUid(pod) },
    };
}
