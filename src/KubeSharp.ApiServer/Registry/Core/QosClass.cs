using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>The quality of service class of a pod (pkg/apis/core/helper/qos/qos.go ComputePodQOS, v1.36).</summary>
internal static class QosClass
{
    public static string Of(Map pod)
    {
        var spec = pod.GetMap("spec") ?? Map.Empty;
        var any = false;
        var guaranteed = true;
        if (spec.GetMap("resources") is { } podResources && (Positive(podResources.GetMap("requests")) || Positive(podResources.GetMap("limits"))))
            return Judge(podResources, ref any) ? "Guaranteed" : "Burstable";
        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers"])
        {
            foreach (var container in spec.GetSequence(list) ?? Sequence.Empty)
                guaranteed &= Judge(container.AsMap?.GetMap("resources") ?? Map.Empty, ref any);
        }

        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    /// <summary>Whether cpu and memory have limits, and requests equal to them.</summary>
    private static bool Judge(Map resources, ref bool any)
    {
        var limits = resources.GetMap("limits");
        var requests = resources.GetMap("requests");
        any |= Positive(requests) || Positive(limits);
        foreach (var name in (ReadOnlySpan<string>)["cpu", "memory"])
        {
            if (limits?.GetString(name) is not { } limit || IsZero(limit))
                return false;
            if (requests?.GetString(name) is { } request && request != limit)
                return false;
        }

        return true;
    }

    private static bool Positive(Map? list)
    {
        foreach (var (name, value) in list ?? Map.Empty)
        {
            if (name is "cpu" or "memory" && !IsZero(value.AsString ?? "0"))
                return true;
        }

        return false;
    }

    private static bool IsZero(string quantity) => !Quantity.TryParse(quantity, out var parsed, out _) || parsed.ToString() == "0";
}
