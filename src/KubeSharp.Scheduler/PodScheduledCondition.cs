using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.Scheduler;

/// <summary>The pod condition that says why a pod has no node (kubernetes/pkg/api/v1/pod/util.go UpdatePodCondition).</summary>
internal static class PodScheduledCondition
{
    public const string Unschedulable = "Unschedulable";

    public const string SchedulerError = "SchedulerError";

    private const string Type = "PodScheduled";

    /// <summary>A strategic merge patch of the pod's status, or null when the pod says so already.</summary>
    public static Map? PatchFor(Map pod, string reason, string message, DateTimeOffset now)
    {
        var current = Find(pod);
        var isFalse = current?.GetString("status") == "False";
        var generation = ObjectMetaAccessor.GetGeneration(pod);
        if (isFalse && current!.GetString("reason") == reason && current.GetString("message") == message
            && (current.GetInteger("observedGeneration") ?? 0) == generation)
            return null;
        var condition = new Map(7) { { "type", Type } };
        if (generation > 0)
            condition["observedGeneration"] = generation;
        condition["status"] = "False";
        condition["lastProbeTime"] = Value.Null;
        condition["lastTransitionTime"] = isFalse ? current!["lastTransitionTime"] : Rfc3339.Format(now);
        condition["reason"] = reason;
        condition["message"] = message;
        return new Map { { "status", new Map { { "conditions", new Sequence { condition } } } } };
    }

    private static Map? Find(Map pod)
    {
        foreach (var item in pod.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty)
        {
            if (item.AsMap is { } condition && condition.GetString("type") == Type)
                return condition;
        }

        return null;
    }
}
