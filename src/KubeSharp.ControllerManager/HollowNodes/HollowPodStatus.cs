using System.Security.Cryptography;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ControllerManager.HollowNodes;

/// <summary>The pod statuses that a kubelet would write if its containers did nothing, well
/// (kubelet/kubelet_pods.go, kubelet/status/generate.go).</summary>
internal static class HollowPodStatus
{
    private const string Completed = "PodCompleted";

    /// <summary>All containers started, init containers done one after the other, whatever a readiness gate says.</summary>
    public static Map Running(Map pod, string hostIP, string podIP, DateTimeOffset now)
    {
        var gate = UnsatisfiedGate(pod);
        var status = Begin(pod, "Running", hostIP, podIP, now);
        var time = Rfc3339.Format(now)!;
        status["conditions"] = Conditions(
            pod, time,
            ("PodReadyToStartContainers", "True", "", ""),
            ("Initialized", "True", "", ""),
            gate is null ? ("Ready", "True", "", "") : ("Ready", "False", "ReadinessGatesNotReady", gate),
            ("ContainersReady", "True", "", ""));
        status.Set("initContainerStatuses", InitContainers(pod, time, false));
        status["containerStatuses"] = Containers(pod, "containers", "containerStatuses", time, false);
        return status;
    }

    /// <summary>All containers ended with exit code 0.</summary>
    public static Map Succeeded(Map pod, string hostIP, string podIP, DateTimeOffset now)
    {
        var status = Begin(pod, "Succeeded", hostIP, podIP, now);
        var time = Rfc3339.Format(now)!;
        status["conditions"] = Conditions(
            pod, time,
            ("PodReadyToStartContainers", "False", "", ""),
            ("Initialized", "True", Completed, ""),
            ("Ready", "False", Completed, ""),
            ("ContainersReady", "False", Completed, ""));
        status.Set("initContainerStatuses", InitContainers(pod, time, true));
        status["containerStatuses"] = Containers(pod, "containers", "containerStatuses", time, true);
        return status;
    }

    /// <summary>Why the pod is not ready though its containers are, or null.</summary>
    public static string? UnsatisfiedGate(Map pod)
    {
        foreach (var item in pod.GetMap("spec")?.GetSequence("readinessGates") ?? Sequence.Empty)
        {
            var type = item.AsMap?.GetString("conditionType") ?? "";
            var condition = FindCondition(pod, type);
            if (condition is null)
                return $"corresponding condition of pod readiness gate \"{type}\" does not exist.";
            if (condition.GetString("status") != "True")
                return $"the status of pod readiness gate \"{type}\" is not \"True\", but {condition.GetString("status")}";
        }

        return null;
    }

    public static Map? FindCondition(Map pod, string type) => FindBy(pod.GetMap("status")?.GetSequence("conditions"), "type", type);

    private static Map Begin(Map pod, string phase, string hostIP, string podIP, DateTimeOffset now)
    {
        var status = new Map(16)
        {
            { "observedGeneration", ObjectMetaAccessor.GetGeneration(pod) },
            { "phase", phase },
            { "hostIP", hostIP },
            { "hostIPs", new Sequence { new Map { { "ip", hostIP } } } },
            { "podIP", podIP },
            { "podIPs", new Sequence { new Map { { "ip", podIP } } } },
            { "startTime", pod.GetMap("status")?.GetString("startTime") ?? Rfc3339.Format(now) },
        };
        return status;
    }

    // The node's conditions first, then what others have set; a transition is a change of status.
    private static Sequence Conditions(Map pod, string time, params (string Type, string Status, string Reason, string Message)[] wanted)
    {
        var generation = ObjectMetaAccessor.GetGeneration(pod);
        var conditions = new Sequence();
        foreach (var (type, status, reason, message) in wanted.Append(("PodScheduled", "True", "", "")))
        {
            var old = FindCondition(pod, type);
            var transition = old?.GetString("status") == status ? old.GetString("lastTransitionTime") ?? time : time;
            var condition = new Map
            {
                { "type", type }, { "observedGeneration", generation }, { "status", status },
                { "lastProbeTime", Value.Null }, { "lastTransitionTime", transition },
            };
            if (reason.Length > 0)
                condition["reason"] = reason;
            if (message.Length > 0)
                condition["message"] = message;
            conditions.Add(condition);
        }

        foreach (var item in pod.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty)
        {
            if (item.AsMap is { } other && FindBy(conditions, "type", other.GetString("type") ?? "") is null)
                conditions.Add(other);
        }

        return conditions;
    }

    private static Sequence? InitContainers(Map pod, string time, bool ended) =>
        pod.GetMap("spec")?.GetSequence("initContainers") is { Count: > 0 } ? Containers(pod, "initContainers", "initContainerStatuses", time, ended) : null;

    private static Sequence Containers(Map pod, string specs, string statuses, string time, bool ended)
    {
        var result = new Sequence();
        foreach (var item in pod.GetMap("spec")?.GetSequence(specs) ?? Sequence.Empty)
        {
            if (item.AsMap is not { } container)
                continue;
            var name = container.GetString("name") ?? "";
            var old = FindBy(pod.GetMap("status")?.GetSequence(statuses), "name", name);

            // Init containers are done once the pod runs, but for sidecars.
            var done = ended || (specs == "initContainers" && container.GetString("restartPolicy") != "Always");
            var id = ContainerId(pod, name);
            result.Add(new Map
            {
                { "name", name },
                { "state", State(old, id, time, done) },
                { "lastState", new Map() },
                { "ready", !ended },
                { "restartCount", old?.GetInteger("restartCount") ?? 0 },
                { "image", container.GetString("image") ?? "" },
                { "imageID", $"{container.GetString("image")}@hollow" },
                { "containerID", id },
                { "started", !done },
            });
        }

        return result;
    }

    private static Map State(Map? old, string id, string time, bool done)
    {
        if (old?.GetMap("state")?.GetMap("terminated") is { } terminated)
            return new Map { { "terminated", terminated } };
        var started = old?.GetMap("state")?.GetMap("running")?.GetString("startedAt") ?? time;
        if (!done)
            return new Map { { "running", new Map { { "startedAt", started } } } };
        return new Map
        {
            {
                "terminated", new Map
                {
                    { "exitCode", 0 }, { "reason", "Completed" }, { "startedAt", started }, { "finishedAt", time }, { "containerID", id },
                }
            },
        };
    }

    private static string ContainerId(Map pod, string container) =>
        "hollow://" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{ObjectMetaAccessor.GetUid(pod)}/{container}")));

    private static Map? FindBy(Sequence? items, string key, string value)
    {
        foreach (var item in items ?? Sequence.Empty)
        {
            if (item.AsMap is { } map && map.GetString(key) == value)
                return map;
        }

        return null;
    }
}
