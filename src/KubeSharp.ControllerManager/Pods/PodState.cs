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

    /// <summary>How long until a ready pod is available; null when it is not ready, or available.</summary>
    public static TimeSpan? UntilAvailable(Map pod, long minReadySeconds, DateTimeOffset now) =>
        IsReady(pod) && Rfc3339.ParseOrNull(Condition(pod, "Ready")!.GetString("lastTransitionTime")) is { } since && since.AddSeconds(minReadySeconds) > now
            ? since.AddSeconds(minReadySeconds) - now
            : null;

    /// <summary>About to be deleted and not ended.</summary>
    public static bool IsTerminating(Map pod) => Phase(pod) is not ("Succeeded" or "Failed") && ObjectMetaAccessor.IsBeingDeleted(pod);
}
