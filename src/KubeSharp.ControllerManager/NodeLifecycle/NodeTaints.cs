using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ControllerManager.NodeLifecycle;

/// <summary>The taints a node should carry for its conditions
/// (pkg/controller/nodelifecycle/node_lifecycle_controller.go, v1.36).</summary>
internal static class NodeTaints
{
    public const string NotReady = "node.kubernetes.io/not-ready";

    public const string Unreachable = "node.kubernetes.io/unreachable";

    private const string Unschedulable = "node.kubernetes.io/unschedulable";

    private static readonly (string Condition, string Status, string Key)[] ByCondition =
    [
        ("Ready", "False", NotReady),
        ("Ready", "Unknown", Unreachable),
        ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
        ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
        ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
    ];

    public static IEnumerable<Map> Of(Map node) =>
        (node.GetMap("spec")?.GetSequence("taints") ?? Sequence.Empty).Select(taint => taint.AsMap!);

    /// <summary>The node's taints as they should be; null when they are so already. NoExecute taints of a node without
    /// a Ready condition are left alone.</summary>
    public static Sequence? Wanted(Map node, string now)
    {
        var wanted = new HashSet<(string Key, string Effect)>();
        foreach (var (type, status, key) in ByCondition)
        {
            if (NodeConditions.Find(node, type)?.GetString("status") == status)
                wanted.Add((key, "NoSchedule"));
        }

        if (node.GetMap("spec")?.GetBoolean("unschedulable") == true)
            wanted.Add((Unschedulable, "NoSchedule"));
        var ready = NodeConditions.Find(node, "Ready")?.GetString("status");
        if (ready is "False" or "Unknown")
            wanted.Add((ready == "False" ? NotReady : Unreachable, "NoExecute"));

        var taints = new Sequence();
        var changed = false;
        foreach (var taint in Of(node))
        {
            var id = (taint.GetString("key") ?? "", taint.GetString("effect") ?? "");
            if (wanted.Remove(id) || !IsOurs(id, ready is not null))
                taints.Add(taint);
            else
                changed = true;
        }

        foreach (var (key, effect) in wanted)
        {
            taints.Add(new Map { { "key", key }, { "effect", effect }, { "timeAdded", now } });
            changed = true;
        }

        return changed ? taints : null;
    }

    private static bool IsOurs((string Key, string Effect) taint, bool hasReady) => taint.Effect switch
    {
        "NoSchedule" => taint.Key == Unschedulable || Array.Exists(ByCondition, rule => rule.Key == taint.Key),
        "NoExecute" => hasReady && taint.Key is NotReady or Unreachable,
        _ => false,
    };
}
