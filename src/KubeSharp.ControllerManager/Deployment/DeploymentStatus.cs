using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ControllerManager.Pods;
using KubeSharp.ControllerManager.ReplicaSet;

namespace KubeSharp.ControllerManager.Deployment;

/// <summary>What a deployment reports: counts, availability, progress
/// (pkg/controller/deployment/{progress,sync}.go, v1.36).</summary>
internal static class DeploymentStatus
{
    public const string Progressing = "Progressing";
    public const string NewSetAvailable = "NewReplicaSetAvailable";
    public const string TimedOut = "ProgressDeadlineExceeded";

    /// <summary>Counts and availability; other conditions stay.</summary>
    public static Map Calculate(Rollout rollout, DateTimeOffset now)
    {
        var deployment = rollout.Deployment;
        var available = rollout.All.Sum(Rollout.Available);
        var status = new Map();
        ReplicaSetController.SetCount(status, "observedGeneration", ObjectMetaAccessor.GetGeneration(deployment));
        ReplicaSetController.SetCount(status, "replicas", rollout.All.Sum(Rollout.StatusReplicas));
        ReplicaSetController.SetCount(status, "updatedReplicas", rollout.New is null ? 0 : Rollout.StatusReplicas(rollout.New));
        ReplicaSetController.SetCount(status, "readyReplicas", rollout.All.Sum(Rollout.Ready));
        ReplicaSetController.SetCount(status, "availableReplicas", available);
        ReplicaSetController.SetCount(status, "unavailableReplicas", Math.Max(0, rollout.All.Sum(Rollout.SpecReplicas) - available));
        if (Terminating(rollout) is { } terminating)
            status.Set("terminatingReplicas", terminating);
        if (deployment.GetMap("status")?.GetInteger("collisionCount") is { } collisions)
            status.Set("collisionCount", collisions);
        status.Set("conditions", (deployment.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty).DeepClone());
        if (available >= rollout.Desired - rollout.MaxUnavailable)
            SetCondition(status, NewCondition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now));
        else
            SetCondition(status, NewCondition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now));
        return status;
    }

    /// <summary>Adds to a calculated status how the rollout goes (syncRolloutStatus).</summary>
    public static void AddProgress(Rollout rollout, Map status, DateTimeOffset now)
    {
        var before = rollout.Deployment.GetMap("status") ?? Map.Empty;
        var current = PodState.Condition(rollout.Deployment, Progressing);
        if (rollout.Deadline is null)
            RemoveCondition(status, Progressing);
        else if (current?.GetString("reason") != NewSetAvailable || Of(status, "replicas") != Of(status, "updatedReplicas"))
        {
            var what = rollout.New is null ? $"Deployment \"{ObjectMetaAccessor.GetName(rollout.Deployment)}\"" : $"ReplicaSet \"{ObjectMetaAccessor.GetName(rollout.New)}\"";
            if (IsComplete(rollout, status))
            {
                SetCondition(status, NewCondition(Progressing, "True", NewSetAvailable, $"{what} has successfully progressed.", now));
            }
            else if (HasMoved(before, status))
            {
                // The time of the update tells of each progress, so the condition is always a new one.
                var condition = NewCondition(Progressing, "True", "ReplicaSetUpdated", $"{what} is progressing.", now);
                if (current?.GetString("status") == "True")
                    condition.Set("lastTransitionTime", current["lastTransitionTime"]);
                RemoveCondition(status, Progressing);
                SetCondition(status, condition);
            }
            else if (HasTimedOut(current, rollout.Deadline.Value, now))
            {
                SetCondition(status, NewCondition(Progressing, "False", TimedOut, $"{what} has timed out progressing.", now));
            }
        }

        AddFailure(rollout, status);
    }

    /// <summary>When to look again whether the deadline is over; null: not at all (requeueStuckDeployment).</summary>
    public static TimeSpan? NextCheck(Rollout rollout, Map status, DateTimeOffset now)
    {
        if (rollout.Deadline is not { } deadline || PodState.Condition(rollout.Deployment, Progressing) is not { } current
            || IsComplete(rollout, status) || current.GetString("reason") == TimedOut)
        {
            return null;
        }

        var after = (Rfc3339.ParseOrNull(current.GetString("lastUpdateTime")) ?? DateTimeOffset.MinValue).AddSeconds(deadline) - now;
        return after < TimeSpan.FromSeconds(1) ? TimeSpan.Zero : after + TimeSpan.FromSeconds(1);
    }

    /// <summary>All pods are of the current template and available (DeploymentComplete).</summary>
    public static bool IsComplete(Rollout rollout, Map status) =>
        Of(status, "updatedReplicas") == rollout.Desired && Of(status, "replicas") == rollout.Desired && Of(status, "availableReplicas") == rollout.Desired
        && Of(status, "observedGeneration") >= ObjectMetaAccessor.GetGeneration(rollout.Deployment);

    /// <summary>A condition that begins now.</summary>
    public static Map NewCondition(string type, string value, string reason, string message, DateTimeOffset now) => new()
    {
        { "type", type }, { "status", value }, { "lastUpdateTime", Rfc3339.Format(now) }, { "lastTransitionTime", Rfc3339.Format(now) },
        { "reason", reason }, { "message", message },
    };

    /// <summary>Sets a condition of a status that may be changed. One that has this status and reason is left as it is.</summary>
    public static void SetCondition(Map status, Map condition)
    {
        var old = Condition(status, condition.GetString("type")!);
        if (old?.GetString("status") == condition.GetString("status"))
        {
            if (old!.GetString("reason") == condition.GetString("reason"))
                return;
            condition.Set("lastTransitionTime", old["lastTransitionTime"]);
        }

        RemoveCondition(status, condition.GetString("type")!);
        status.EditSequence("conditions").Add(condition);
    }

    // A new set's failure comes before those of old ones.
    private static void AddFailure(Rollout rollout, Map status)
    {
        var failure = rollout.New is null ? null : PodState.Condition(rollout.New, "ReplicaFailure");
        failure ??= rollout.Old.Select(set => PodState.Condition(set, "ReplicaFailure")).FirstOrDefault(found => found is not null);
        if (failure is null)
        {
            RemoveCondition(status, "ReplicaFailure");
            return;
        }

        var condition = failure.DeepClone();
        condition.Set("lastUpdateTime", failure["lastTransitionTime"]);
        SetCondition(status, condition);
    }

    private static bool HasMoved(Map before, Map status) =>
        Of(status, "updatedReplicas") > Of(before, "updatedReplicas")
        || Of(status, "replicas") - Of(status, "updatedReplicas") < Of(before, "replicas") - Of(before, "updatedReplicas")
        || Of(status, "readyReplicas") > Of(before, "readyReplicas")
        || Of(status, "availableReplicas") > Of(before, "availableReplicas");

    private static bool HasTimedOut(Map? condition, long deadline, DateTimeOffset now) => condition is not null && condition.GetString("reason") switch
    {
        NewSetAvailable => false,
        TimedOut => true,
        _ => (Rfc3339.ParseOrNull(condition.GetString("lastUpdateTime")) ?? DateTimeOffset.MinValue).AddSeconds(deadline) < now,
    };

    // Null: a set does not tell. One that was never synced has no pods.
    private static long? Terminating(Rollout rollout)
    {
        long total = 0;
        foreach (var set in rollout.All.Select(set => set.GetMap("status") ?? Map.Empty))
        {
            if (set.GetInteger("terminatingReplicas") is { } terminating)
                total += terminating;
            else if ((set.GetInteger("observedGeneration") ?? 0) != 0)
                return null;
        }

        return total;
    }

    private static long Of(Map status, string field) => status.GetInteger(field) ?? 0;

    private static Map? Condition(Map status, string type) =>
        (status.GetSequence("conditions") ?? Sequence.Empty).Select(item => item.AsMap!).FirstOrDefault(condition => condition.GetString("type") == type);

    private static void RemoveCondition(Map status, string type)
    {
        var kept = new Sequence();
        foreach (var item in status.GetSequence("conditions") ?? Sequence.Empty)
        {
            if (item.AsMap?.GetString("type") != type)
                kept.Add(item);
        }

        if (kept.Count > 0)
            status.Set("conditions", kept);
        else
            status.Remove("conditions");
    }
}
