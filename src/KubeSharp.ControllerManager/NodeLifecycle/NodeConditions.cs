using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ControllerManager.NodeLifecycle;

/// <summary>Conditions of nodes, and what they become when the kubelet falls silent
/// (tryUpdateNodeHealth in pkg/controller/nodelifecycle/node_lifecycle_controller.go, v1.36).</summary>
internal static class NodeConditions
{
    private static readonly string[] Watched = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

    public static Map? Find(Map obj, string type)
    {
        foreach (var item in obj.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty)
        {
            if (item.AsMap is { } condition && condition.GetString("type") == type)
                return condition;
        }

        return null;
    }

    /// <summary>The node with all watched conditions Unknown; null when its Ready condition says so already.</summary>
    public static Map? WithUnknown(Map node, string now)
    {
        if (Find(node, "Ready")?.GetString("status") == "Unknown")
            return null;
        var changed = node.DeepClone();
        var conditions = changed.EditMap("status").EditSequence("conditions");
        foreach (var type in Watched)
        {
            var at = -1;
            for (var i = 0; i < conditions.Count && at < 0; i++)
                at = conditions[i].AsMap?.GetString("type") == type ? i : -1;
            if (at < 0)
            {
                conditions.Add(new Map
                {
                    { "type", type }, { "status", "Unknown" }, { "lastHeartbeatTime", ObjectMetaAccessor.GetCreationTimestamp(node) ?? now },
                    { "lastTransitionTime", now }, { "reason", "NodeStatusNeverUpdated" }, { "message", "Kubelet never posted node status." },
                });
                continue;
            }

            if (conditions[at].AsMap!.GetString("status") == "Unknown")
                continue;
            var condition = conditions.EditMap(at);
            condition["status"] = "Unknown";
            condition["reason"] = "NodeStatusUnknown";
            condition["message"] = "Kubelet stopped posting node status.";
            condition["lastTransitionTime"] = now;
        }

        return changed;
    }
}
