using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ControllerManager.Pods;

namespace KubeSharp.ControllerManager.Deployment;

/// <summary>deployment-controller: moves the pods of a deployment from one replica set to the next
/// (pkg/controller/deployment, v1.36). Rolling updates, recreation, pausing, scaling, history.</summary>
public sealed partial class DeploymentController : Controller
{
    private static readonly GroupVersionResource Deployments = new("apps", "v1", "deployments");
    private static readonly GroupVersionResource ReplicaSets = new("apps", "v1", "replicasets");
    private static readonly GroupVersionResource PodsResource = new("", "v1", "pods");

    private readonly Lister _deployments;
    private readonly Lister _sets;
    private readonly Lister _pods;
    private readonly EventRecorder _events;

    public DeploymentController(ControllerContext context)
        : base("deployment-controller", context)
    {
        _events = context.Events.RecorderFor(Name);
        var deployments = context.Informers.ForResource(Deployments);
        var sets = context.Informers.ForResource(ReplicaSets);
        var pods = context.Informers.ForResource(PodsResource);
        sets.AddIndexer(ControllerIndex.Name, ControllerIndex.Of);
        pods.AddIndexer(ControllerIndex.Name, ControllerIndex.Of);
        _deployments = deployments.Lister;
        _sets = sets.Lister;
        _pods = pods.Lister;
        deployments.AddHandler(new ResourceEventHandler
        {
            OnAdded = d => Queue.Add(ObjectMetaAccessor.GetKey(d)),
            OnUpdated = (_, d) => Queue.Add(ObjectMetaAccessor.GetKey(d)),
        });
        sets.AddHandler(new ResourceEventHandler { OnAdded = SetChanged, OnUpdated = SetUpdated, OnDeleted = SetDeleted });
        pods.AddHandler(new ResourceEventHandler { OnDeleted = PodDeleted });
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_deployments.Get(key) is not { } deployment)
            return;
        if (!LabelSelector.TryFromMeta(deployment.GetMap("spec")?.GetMap("selector"), out var selector, out _))
            return;
        if (selector.IsEmpty)
        {
            await RefuseAsync(deployment, cancellationToken).ConfigureAwait(false);
            return;
        }

        var candidates = _sets.ByIndex(ControllerIndex.Name, ObjectMetaAccessor.GetUid(deployment)).Concat(_sets.ByIndex(ControllerIndex.Name, ControllerIndex.Orphans(deployment)));
        var manager = new ControllerRefManager(Context.Client, Deployments, deployment, selector);
        var rollout = new Rollout(deployment, await manager.ClaimAsync(ReplicaSets, candidates, cancellationToken).ConfigureAwait(false));
        if (ObjectMetaAccessor.IsBeingDeleted(deployment))
        {
            await PrepareNewSetAsync(rollout, create: false, cancellationToken).ConfigureAwait(false);
            await ReportAsync(rollout, withProgress: false, cancellationToken).ConfigureAwait(false);
            return;
        }

        await TellPausedAsync(rollout, cancellationToken).ConfigureAwait(false);
        var paused = IsPaused(deployment);
        if (!paused && RollbackTarget(rollout.Deployment) is { } target)
        {
            await RollBackAsync(rollout, target, cancellationToken).ConfigureAwait(false);
            return;
        }

        await PrepareNewSetAsync(rollout, create: false, cancellationToken).ConfigureAwait(false);
        if (paused || rollout.IsScalingOnly())
        {
            await ScaleAsync(rollout, rollout.PlanScaling(), cancellationToken).ConfigureAwait(false);
            if (paused && RollbackTarget(rollout.Deployment) is null)
                await CleanUpAsync(rollout, cancellationToken).ConfigureAwait(false);
            await ReportAsync(rollout, withProgress: false, cancellationToken).ConfigureAwait(false);
            return;
        }

        var scaled = rollout.IsRolling
            ? await RollAsync(rollout, cancellationToken).ConfigureAwait(false)
            : await RecreateAsync(rollout, cancellationToken).ConfigureAwait(false);
        if (!scaled && DeploymentStatus.IsComplete(rollout, rollout.Deployment.GetMap("status") ?? Map.Empty))
            await CleanUpAsync(rollout, cancellationToken).ConfigureAwait(false);
        await ReportAsync(rollout, withProgress: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One step: the new set up, or else old ones down. True when a set was scaled (rolling.go).</summary>
    private async Task<bool> RollAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        await PrepareNewSetAsync(rollout, create: true, cancellationToken).ConfigureAwait(false);
        var current = Rollout.SpecReplicas(rollout.New!);
        var next = current >= rollout.Desired ? rollout.Desired : rollout.NewReplicas(current);
        if (next != current)
            return await ScaleAsync(rollout, [(rollout.New!, next)], cancellationToken).ConfigureAwait(false);
        return await ScaleAsync(rollout, rollout.PlanScalingDown(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All old pods end before the first new one begins (recreate.go).</summary>
    private async Task<bool> RecreateAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        if (await ScaleAsync(rollout, [.. rollout.Old.Where(set => Rollout.SpecReplicas(set) > 0).Select(set => (set, 0L))], cancellationToken).ConfigureAwait(false))
            return true;
        if (rollout.Old.Any(set => Rollout.StatusReplicas(set) > 0 || PodsOf(set).Any(pod => PodState.Phase(pod) is not ("Succeeded" or "Failed"))))
            return true;
        await PrepareNewSetAsync(rollout, create: true, cancellationToken).ConfigureAwait(false);
        if (Rollout.SpecReplicas(rollout.New!) != rollout.Desired)
            await ScaleAsync(rollout, [(rollout.New!, rollout.Desired)], cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>True when the size of a set changed; the totals in its annotations may have changed without that.</summary>
    private async Task<bool> ScaleAsync(Rollout rollout, IReadOnlyList<(Map Set, long Replicas)> plan, CancellationToken cancellationToken)
    {
        var scaled = false;
        foreach (var (set, replicas) in plan)
        {
            var before = Rollout.SpecReplicas(set);
            var next = set.ShallowClone();
            next.EditMap("spec").Set("replicas", replicas);
            SetAnnotations.SetTotals(next.EditMap("metadata").EditMap("annotations"), rollout);
            if (next.DeepEquals(set))
                continue;
            await Context.Client.UpdateAsync(Request(ReplicaSets, set), next, cancellationToken).ConfigureAwait(false);
            if (replicas == before)
                continue;
            scaled = true;
            _events.Event(rollout.Deployment, EventRecorder.Normal, "ScalingReplicaSet", $"Scaled {(replicas > before ? "up" : "down")} replica set {ObjectMetaAccessor.GetName(set)} from {before} to {replicas}");
        }

        return scaled;
    }

    /// <summary>Deletes old sets without pods beyond the history limit, the oldest revision first.</summary>
    private async Task CleanUpAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        if (rollout.HistoryLimit is not { } limit)
            return;
        var alive = rollout.Old.Where(set => !ObjectMetaAccessor.IsBeingDeleted(set)).OrderBy(Rollout.Revision).ToList();
        foreach (var set in alive.Take((int)Math.Max(0, alive.Count - limit)))
        {
            var observed = set.GetMap("status")?.GetInteger("observedGeneration") ?? 0;
            if (Rollout.StatusReplicas(set) != 0 || Rollout.SpecReplicas(set) != 0 || ObjectMetaAccessor.GetGeneration(set) > observed)
                continue;
            try
            {
                await Context.Client.DeleteAsync(Request(ReplicaSets, set), null, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsNotFound)
            {
                // Gone already.
            }
        }
    }

    private async Task ReportAsync(Rollout rollout, bool withProgress, CancellationToken cancellationToken)
    {
        var now = Context.Time.GetUtcNow();
        var status = DeploymentStatus.Calculate(rollout, now);
        if (withProgress)
            DeploymentStatus.AddProgress(rollout, status, now);
        if (rollout.Deployment.GetMap("status") is { } old && old.DeepEquals(status))
        {
            if (withProgress && DeploymentStatus.NextCheck(rollout, status, now) is { } after)
                CheckAgain(ObjectMetaAccessor.GetKey(rollout.Deployment), after);
            return;
        }

        await WriteStatusAsync(rollout, deployment => deployment.Set("status", status), cancellationToken).ConfigureAwait(false);
    }

    private void CheckAgain(string key, TimeSpan after)
    {
        if (after == TimeSpan.Zero)
            Queue.AddRateLimited(key);
        else
            Queue.AddAfter(key, after);
    }

    /// <summary>Pausing stops the clock of the progress, resuming starts it anew (checkPausedConditions).</summary>
    private async Task TellPausedAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var reason = PodState.Condition(rollout.Deployment, DeploymentStatus.Progressing)?.GetString("reason");
        var paused = IsPaused(rollout.Deployment);
        if (rollout.Deadline is null || reason == DeploymentStatus.TimedOut || paused == (reason == "DeploymentPaused"))
            return;
        var condition = paused
            ? DeploymentStatus.NewCondition(DeploymentStatus.Progressing, "Unknown", "DeploymentPaused", "Deployment is paused", Context.Time.GetUtcNow())
            : DeploymentStatus.NewCondition(DeploymentStatus.Progressing, "Unknown", "DeploymentResumed", "Deployment is resumed", Context.Time.GetUtcNow());
        await WriteStatusAsync(rollout, deployment => DeploymentStatus.SetCondition(deployment.EditMap("status"), condition), cancellationToken).ConfigureAwait(false);
    }

    private async Task RefuseAsync(Map deployment, CancellationToken cancellationToken)
    {
        _events.Event(deployment, EventRecorder.Warning, "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.");
        var generation = ObjectMetaAccessor.GetGeneration(deployment);
        if ((deployment.GetMap("status")?.GetInteger("observedGeneration") ?? 0) >= generation)
            return;
        await WriteStatusAsync(new Rollout(deployment, []), d => d.EditMap("status").Set("observedGeneration", generation), cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteStatusAsync(Rollout rollout, Action<Map> change, CancellationToken cancellationToken)
    {
        var next = rollout.Deployment.ShallowClone();
        change(next);
        rollout.Deployment = await Context.Client.UpdateAsync(Request(Deployments, next, "status"), next, cancellationToken).ConfigureAwait(false);
    }

    private IReadOnlyList<Map> PodsOf(Map set) => _pods.ByIndex(ControllerIndex.Name, ObjectMetaAccessor.GetUid(set));

    private static bool IsPaused(Map deployment) => deployment.GetMap("spec")?.GetBoolean("paused") == true;

    private static ResourceRequest Request(GroupVersionResource resource, Map obj, string subresource = "") =>
        new(resource, ObjectMetaAccessor.GetNamespace(obj), ObjectMetaAccessor.GetName(obj), subresource);
}
