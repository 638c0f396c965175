using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Defaults that pods have and templates do not (SetDefaults_Pod in pkg/apis/core/v1/defaults.go), and what the
/// conversion of pods sets right (pkg/apis/core/v1/conversion.go, v1.36).</summary>
internal static class PodDefaults
{
    private static readonly string[] RegularLists = ["containers", "initContainers"];

    private static readonly string[] InitContainerAnnotations =
    [
        "pod.beta.kubernetes.io/init-containers", "pod.alpha.kubernetes.io/init-containers",
        "pod.beta.kubernetes.io/init-container-statuses", "pod.alpha.kubernetes.io/init-container-statuses",
    ];

    public static void Apply(Map pod)
    {
        PodSpecDefaults.Sub(pod, "spec", ApplyToSpec);
        foreach (var annotation in InitContainerAnnotations)
        {
            if (pod.Sub("metadata").Sub("annotations").ContainsKey(annotation))
                pod.EditMap("metadata").EditMap("annotations").Remove(annotation);
        }

        SynchroniseAddresses(pod);
    }

    private static void ApplyToSpec(Map spec)
    {
        PodSpecDefaults.Apply(spec);
        foreach (var list in RegularLists)
            PodSpecDefaults.Each(spec, list, RequestWhatIsLimited);
        if (spec.GetMap("resources") is not null)
            ApplyToPodResources(spec);
        PodSpecDefaults.Default(spec, "enableServiceLinks", true);
        if (spec.Flag("hostNetwork"))
        {
            foreach (var list in RegularLists)
                PodSpecDefaults.Each(spec, list, UseHostPorts);
        }

        if (spec.GetInteger("terminationGracePeriodSeconds") < 0)
            spec.Set("terminationGracePeriodSeconds", 1);
    }

    /// <summary>A limit without a request is its request.</summary>
    private static void RequestWhatIsLimited(Map container)
    {
        if (container.GetMap("resources")?.GetMap("limits") is not { Count: > 0 } limits)
            return;
        var requests = container.EditMap("resources").EditMap("requests");
        FillFrom(requests, limits);
        requests.Sort(string.CompareOrdinal);
    }

    private static void UseHostPorts(Map container) => PodSpecDefaults.Each(container, "ports", port =>
    {
        if (port.Number("hostPort") == 0 && port.Number("containerPort") is not 0 and var number)
            port.Set("hostPort", number);
    });

    /// <summary>What the pod as a whole requests follows its containers, then its limits (KEP-2837).</summary>
    private static void ApplyToPodResources(Map spec)
    {
        var resources = spec.Sub("resources");
        if (resources.Sub("limits").Count > 0 || resources.Sub("requests").Count > 0)
        {
            foreach (var (name, total) in ContainerTotals.Of(spec, "limits"))
            {
                if (ResourceNames.IsHugePages(name) && !resources.Sub("requests").ContainsKey(name))
                    SetIfAbsent(spec, "limits", name, total);
            }
        }

        if (spec.Sub("resources").Sub("limits").Count == 0)
            return;
        foreach (var (name, total) in ContainerTotals.Of(spec, "requests"))
        {
            if (name is "cpu" or "memory")
                SetIfAbsent(spec, "requests", name, total);
        }

        foreach (var (name, value) in spec.Sub("resources").Sub("limits"))
        {
            if (name is "cpu" or "memory" || ResourceNames.IsHugePages(name))
                SetIfAbsent(spec, "requests", name, Quantity.FromValue(value));
        }
    }

    private static void SetIfAbsent(Map spec, string list, string name, Quantity amount)
    {
        if (spec.Sub("resources").Sub(list).ContainsKey(name))
            return;
        var amounts = spec.EditMap("resources").EditMap(list);
        amounts.Set(name, amount.ToString());
        amounts.Sort(string.CompareOrdinal);
    }

    private static void FillFrom(Map target, Map source)
    {
        foreach (var (name, value) in source)
        {
            if (!target.ContainsKey(name))
                target.Set(name, value);
        }
    }

    /// <summary>The one address and the list agree: the one decides where both are given, else either makes the other.</summary>
    private static void SynchroniseAddresses(Map pod)
    {
        var (address, list) = (pod.Sub("status").Text("podIP"), pod.Sub("status").List("podIPs"));
        var first = list.Count > 0 ? list.At(0).Text("ip") : "";
        if (address == first)
            return;
        var status = pod.EditMap("status");
        if (address.Length == 0)
        {
            status.Set("podIP", first);
            return;
        }

        var one = new Sequence(1);
        one.Add(new Map(1) { { "ip", address } });
        status.Set("podIPs", one);
    }
}
