using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>The table of pods: what the containers' states add up to
/// (printPod in pkg/printers/internalversion/printers.go, v1.36).</summary>
internal static class PodTable
{
    public static readonly ObjectTable Pods = new(
        Cells,
        ObjectColumns.Name,
        new("Ready", "string", "", "The aggregate readiness state of this pod for accepting traffic."),
        new("Status", "string", "", "The aggregate status of the containers in this pod."),
        new("Restarts", "string", "", "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted."),
        ObjectColumns.Age,
        new("IP", "string", "", "podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.", 1),
        new("Node", "string", "", "NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node becomes responsible for the lifecycle of this pod. This field should not be used to express a desire for the pod to be scheduled on a specific node. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename", 1),
        new("Nominated Node", "string", "", "nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods. This field does not guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere if other nodes become available sooner. Scheduler may also decide to give the resources on this node to a higher priority pod that is created after preemption. As a result, this field may be different than PodSpec.nodeName when the pod is scheduled.", 1),
        new("Readiness Gates", "string", "", "If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to \"True\" More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates", 1)) 
    {
        Conditions = Completed,
        Reads =
        [
            "metadata.name", "metadata.creationTimestamp", "metadata.deletionTimestamp",
            "spec.nodeName", "spec.containers.name", "spec.initContainers.name", "spec.initContainers.restartPolicy", "spec.readinessGates",
            "status.phase", "status.reason", "status.podIPs", "status.nominatedNodeName",
            "status.conditions.type", "status.conditions.status", "status.conditions.reason",
            .. StatusPaths("initContainerStatuses"), .. StatusPaths("containerStatuses"),
        ],
    };

    private static string[] StatusPaths(string list) =>
        [.. new[] { "name", "ready", "started", "restartCount", "state", "lastState.terminated" }.Select(field => $"status.{list}.{field}")];

    private static Value[] Cells(Map pod, DateTimeOffset now)
    {
        var summary = new Summary(pod);
        var restarts = summary.Restarts != 0 && summary.LastRestart is { } last
            ? Format($"{summary.Restarts} ({HumanDuration(now - last)} ago)")
            : Format($"{summary.Restarts}");
        return
        [
            Name(pod), Format($"{summary.Ready}/{summary.Total}"), summary.Reason, restarts, Age(pod, now),
            Items(pod, "status", "podIPs") is [var first, ..] ? TextOr(None, first, "ip") : None,
            TextOr(None, pod, "spec", "nodeName"), TextOr(None, pod, "status", "nominatedNodeName"), ReadinessGates(pod),
        ];
    }

    private static string ReadinessGates(Map pod)
    {
        var gates = Items(pod, "spec", "readinessGates");
        return gates.Length == 0
            ? None
            : Format($"{gates.Count(gate => ConditionStatus(pod, Text(gate, "conditionType")) == "True")}/{gates.Length}");
    }

    private static Sequence? Completed(Map pod) => Text(pod, "status", "phase") switch
    {
        "Succeeded" => Condition("Succeeded", "The pod has completed successfully."),
        "Failed" => Condition("Failed", "The pod failed."),
        _ => null,
    };

    private static Sequence Condition(string reason, string message) =>
    [
        new Map(4) { { "type", "Completed" }, { "status", "True" }, { "reason", reason }, { "message", message } },
    ];

    private sealed class Summary
    {
        private readonly Map _pod;
        private readonly Dictionary<string, bool> _restartable = [];
        private int _initContainers;

        public Summary(Map pod)
        {
            _pod = pod;
            var phase = Text(pod, "status", "phase");
            Reason = TextOr(phase, pod, "status", "reason");
            if (Items(pod, "status", "conditions").Any(c => Text(c, "type") == "PodScheduled" && Text(c, "reason") == "SchedulingGated"))
                Reason = "SchedulingGated";
            Total = Count(pod, "spec", "containers");
            var initializing = CountInitContainers();
            if (!initializing || ConditionStatus(pod, "Initialized") == "True")
                CountContainers();
            if (!ObjectMetaAccessor.IsBeingDeleted(pod))
                return;
            if (Text(pod, "status", "reason") == "NodeLost")
                Reason = "Unknown";
            else if (phase is not ("Succeeded" or "Failed"))
                Reason = "Terminating";
        }

        public string Reason { get; private set; }

        public long Restarts { get; private set; }

        public DateTimeOffset? LastRestart { get; private set; }

        public int Ready { get; private set; }

        public int Total { get; private set; }

        private long SidecarRestarts { get; set; }

        private DateTimeOffset? LastSidecarRestart { get; set; }

        /// <summary>True while an init container has yet to finish; Reason then tells which.</summary>
        private bool CountInitContainers()
        {
            foreach (var container in Items(_pod, "spec", "initContainers"))
            {
                _initContainers++;
                var restartable = Text(container, "restartPolicy") == "Always";
                _restartable[Text(container, "name")] = restartable;
                if (restartable)
                    Total++;
            }

            var statuses = Items(_pod, "status", "initContainerStatuses");
            for (var i = 0; i < statuses.Length; i++)
            {
                var status = statuses[i];
                var sidecar = _restartable.GetValueOrDefault(Text(status, "name"));
                Restarts += Integer(status, "restartCount");
                LastRestart = Later(LastRestart, status);
                if (sidecar)
                {
                    SidecarRestarts += Integer(status, "restartCount");
                    LastSidecarRestart = Later(LastSidecarRestart, status);
                }

                var terminated = At(status, "state", "terminated").AsMap;
                if (terminated is not null && Integer(terminated, "exitCode") == 0)
                    continue;
                if (sidecar && Flag(status, "started"))
                {
                    if (Flag(status, "ready"))
                        Ready++;
                    continue;
                }

                var waiting = Text(status, "state", "waiting", "reason");
                Reason = terminated is not null ? "Init:" + Ended(terminated)
                    : waiting is not ("" or "PodInitializing") ? "Init:" + waiting
                    : Format($"Init:{i}/{_initContainers}");
                return true;
            }

            return false;
        }

        private void CountContainers()
        {
            Restarts = SidecarRestarts;
            LastRestart = LastSidecarRestart;
            var running = false;
            var error = "";
            foreach (var status in Items(_pod, "status", "containerStatuses").AsEnumerable().Reverse())
            {
                Restarts += Integer(status, "restartCount");
                LastRestart = Later(LastRestart, status);
                if (Text(status, "state", "waiting", "reason") is { Length: > 0 } waiting)
                {
                    Reason = waiting;
                }
                else if (At(status, "state", "terminated").AsMap is { } terminated)
                {
                    Reason = Ended(terminated);
                    if (Integer(terminated, "exitCode") != 0)
                        error = Reason;
                }
                else if (Flag(status, "ready") && At(status, "state", "running").AsMap is not null)
                {
                    running = true;
                    Ready++;
                }
            }

            if (Reason != "Completed")
                return;
            if (running && Items(_pod, "status", "conditions").Any(c => Text(c, "type") == "Ready" && Text(c, "status") == "True"))
                Reason = "Running";
            else if (error.Length > 0)
                Reason = error;
            else if (running)
                Reason = "NotReady";
        }

        private static string Ended(Map terminated)
        {
            if (Text(terminated, "reason") is { Length: > 0 } reason)
                return reason;
            var signal = Integer(terminated, "signal");
            return signal != 0 ? Format($"Signal:{signal}") : Format($"ExitCode:{Integer(terminated, "exitCode")}");
        }

        private static DateTimeOffset? Later(DateTimeOffset? latest, Map status)
        {
            var finished = Time(Text(status, "lastState", "terminated", "finishedAt"));
            return latest is null || finished > latest ? finished ?? latest : latest;
        }
    }
}
