using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ControllerManager.NodeLifecycle;

/// <summary>The DisruptionTarget condition of pods that controllers delete (KEP-3329).</summary>
internal static class PodDisruption
{
    public static Map Condition(Map pod, string reason, string message, string now)
    {
        var condition = new Map
        {
            { "type", "DisruptionTarget" }, { "status", "True" }, { "lastTransitionTime", now }, { "reason", reason }, { "message", message },
        };
        if (ObjectMetaAccessor.GetGeneration(pod) is > 0 and var generation)
            condition["observedGeneration"] = generation;
        return condition;
    }
}
