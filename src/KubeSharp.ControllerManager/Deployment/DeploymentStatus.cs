using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ControllerManager.Pods;
using KubeSharp.ControllerManager.ReplicaSet;

namespace KubeSharp.ControllerManager.Deployment;

/// <summary>What a deployment reports: counts, availability, progress
/// (pkg/controller/deployment/{progress,sync}.go, v1.36).</summary>
internal static class DeploymentStatus
{
    public static async Task ReportAsync(ControllerContext context, Rollout rollout, GroupVersionResource resource, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var status = Calculate(rollout, context.Time.GetUtcNow());
        if (deployment.GetMap("status") is { } old && old.DeepEquals(status))
            return;
        var next = deployment.ShallowClone();
        next.Set("status", status);
        await context.Client.UpdateAsync(new ResourceRequest(resource, ObjectMetaAccessor.GetNamespace(deployment), ObjectMetaAccessor.GetName(deployment), "status"), next, cancellationToken).ConfigureAwait(false);
    }

    private static Map Calculate(Rollout rollout, DateTimeOffset now)
    {
        var deployment = rollout.Deployment;
        var total = rollout.All.Sum(Rollout.StatusReplicas);
        var available = rollout.All.Sum(Rollout.Available);
        var updated = rollout.New is null ? 0 : Rollout.StatusReplicas(rollout.New);
        var unavailable = Math.Max(0, rollout.All.Sum(Rollout.SpecReplicas) - available);
        var status = new Map { { "observedGeneration", ObjectMetaAccessor.GetGeneration(deployment) } };
        ReplicaSetController.SetCount(status, "replicas", total);
        ReplicaSetController.SetCount(status, "updatedReplicas", updated);
        ReplicaSetController.SetCount(status, "readyReplicas", rollout.All.Sum(Rollout.Ready));
        ReplicaSetController.SetCount(status, "availableReplicas", available);
        ReplicaSetController.SetCount(status, "unavailableReplicas", unavailable);
        if (deployment.GetMap("status")?.GetInteger("collisionCount") is { } collisions)
            status.Set("collisionCount", collisions);

        var conditions = new Sequence(2);
        conditions.Add(available >= rollout.Desired - rollout.MaxUnavailable
            ? Condition(deployment, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
            : Condition(deployment, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now));
        conditions.Add(Progress(rollout, total, updated, available, now));
        status.Set("conditions", conditions);
        return status;
    }

    private static Map Progress(Rollout rollout, long total, long updated, long available, DateTimeOffset now)
    {
        var deployment = rollout.Deployment;
        var set = rollout.New is null ? "" : ObjectMetaAccessor.GetName(rollout.New);
        if (deployment.GetMap("spec")?.GetBoolean("paused") == true)
            return Condition(deployment, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", now);
        if (updated == rollout.Desired && total == rollout.Desired && available == rollout.Desired)
            return Condition(deployment, "Progressing", "True", "NewReplicaSetAvailable", $"ReplicaSet \"{set}\" has successfully progressed.", now);
        var old = deployment.GetMap("status") ?? Map.Empty;
        var condition = PodState.Condition(deployment, "Progressing");
        var moved = updated > (old.GetInteger("updatedReplicas") ?? 0) || available > (old.GetInteger("availableReplicas") ?? 0)
            || total - updated < (old.GetInteger("replicas") ?? 0) - (old.GetInteger("updatedReplicas") ?? 0)
            || condition is null
            || (condition.GetString("reason") == "NewReplicaSetAvailable" && updated < rollout.Desired);
        if (moved)
            return Condition(deployment, "Progressing", "True", "ReplicaSetUpdated", $"ReplicaSet \"{set}\" is progressing.", now, refresh: true);
        var deadline = deployment.GetMap("spec")?.GetInteger("progressDeadlineSeconds") ?? 600;
        if (condition is not null && Rfc3339.ParseOrNull(condition.GetString("lastUpdateTime")) is { } since && since.AddSeconds(deadline) < now)
            return Condition(deployment, "Progressing", "False", "ProgressDeadlineExceeded", $"ReplicaSet \"{set}\" has timed out progressing.", now);
        return condition?.DeepClone() ?? Condition(deployment, "Progressing", "True", "ReplicaSetUpdated", $"ReplicaSet \"{set}\" is progressing.", now);
    }

    /// <summary>A condition that keeps its times while nothing in it changes.</summary>
    private static Map Condition(Map deployment, string type, string status, string reason, string message, DateTimeOffset now, bool refresh = false)
    {
        var old = PodState.Condition(deployment, type);
        var time = Rfc3339.Format(now);
        var same = old is not null && old.GetString("status") == status && old.GetString("reason") == reason && old.GetString("message") == message;
        return new Map
        {
            { "type", type },
            { "status", status },
            { "lastUpdateTime", same && !refresh ? old!["lastUpdateTime"] : time },
            { "lastTransitionTime", old is not null && old.GetString("status") == status ? old["lastTransitionTime"] : time },
            { "reason", reason },
            { "message", message },
        };
    }
}
