using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ControllerManager.Pods;

/// <summary>What controllers ask of pods (pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go, v1.36).</summary>
internal static class PodState
{
    public static string Phase(Map pod) => pod.GetMap("status")?.GetString("phase") ?? "";

    /// <summary>Neither ended nor about to be deleted.</summary>
    public static bool IsActive(Map pod) => Phase(pod) is not ("Succeeded" or "Failed") && !ObjectMetaAccessor.IsBeingDeleted(pod);

    public static Map? Condition(Map obj, string type)
    {
        foreach (var item in obj.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty)
        {
            if (item.AsMap is { } condition && condition.GetString("type") == type)
                return condition;
        }

        return null;
    }

    public static bool IsReady(Map pod) => Condition(pod, "Ready")?.GetString("status") == "True";

    /// <summary>Ready for at least <paramref name="minReadySeconds"/>.</summary>
    public static bool IsAvailable(Map pod, long minReadySeconds, DateTimeOffset now)
    {
        if (Condition(pod, "Ready") is not { } ready || ready.GetString("status") != "True")
            return false;
        return minReadySeconds == 0 || (Rfc3339.ParseOrNull(ready.GetString("lastTransitionTime")) is { } since && since.AddSeconds(minReadySeconds) <= now);
    }

    /// <summary>The order in which surplus pods go: unassigned, pending, not ready, then the youngest (ActivePods).</summary>
    public static int CompareForDeletion(Map a, Map b)
    {
        var order = Assigned(a).CompareTo(Assigned(b));
        if (order == 0)
            order = PhaseRank(a).CompareTo(PhaseRank(b));
        if (order == 0)
            order = IsReady(a).CompareTo(IsReady(b));
        if (order == 0)
            order = Cost(a).CompareTo(Cost(b));
        return order != 0 ? order : string.CompareOrdinal(ObjectMetaAccessor.GetCreationTimestamp(b), ObjectMetaAccessor.GetCreationTimestamp(a));
    }

    private static bool Assigned(Map pod) => !string.IsNullOrEmpty(pod.GetMap("spec")?.GetString("nodeName"));

    private static int PhaseRank(Map pod) => Phase(pod) switch { "Pending" => 0, "Running" => 2, _ => 1 };

    private static long Cost(Map pod) =>
        long.TryParse(ObjectMetaAccessor.GetAnnotation(pod, "controller.kubernetes.io/pod-deletion-cost"), out var cost) ? cost : 0;
}
