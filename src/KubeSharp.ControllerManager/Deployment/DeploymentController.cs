using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;

namespace KubeSharp.ControllerManager.Deployment;

/// <summary>deployment-controller: moves the pods of a deployment from one replica set to the next
/// (pkg/controller/deployment, v1.36). Rolling updates, recreation, pausing, scaling, history.</summary>
public sealed class DeploymentController : Controller
{
    private const string ByController = "controller";

    private static readonly GroupVersionResource Deployments = new("apps", "v1", "deployments");
    private static readonly GroupVersionResource ReplicaSets = new("apps", "v1", "replicasets");

    private readonly Lister _deployments;
    private readonly Lister _sets;
    private readonly EventRecorder _events;

    public DeploymentController(ControllerContext context)
        : base("deployment-controller", context)
    {
        _events = context.Events.RecorderFor(Name);
        var deployments = context.Informers.ForResource(Deployments);
        var sets = context.Informers.ForResource(ReplicaSets);
        sets.AddIndexer(ByController, set => ObjectMetaAccessor.GetControllerOf(set)?.GetString("uid") is { } uid ? [uid] : []);
        _deployments = deployments.Lister;
        _sets = sets.Lister;
        deployments.AddHandler(new ResourceEventHandler
        {
            OnAdded = d => Queue.Add(ObjectMetaAccessor.GetKey(d)),
            OnUpdated = (_, d) => Queue.Add(ObjectMetaAccessor.GetKey(d)),
        });
        sets.AddHandler(new ResourceEventHandler { OnAdded = Enqueue, OnUpdated = (_, set) => Enqueue(set), OnDeleted = Enqueue });
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_deployments.Get(key) is not { } deployment || ObjectMetaAccessor.IsBeingDeleted(deployment))
            return;
        var owned = _sets.ByIndex(ByController, ObjectMetaAccessor.GetUid(deployment)).OrderBy(ObjectMetaAccessor.GetCreationTimestamp, StringComparer.Ordinal).ToList();
        var rollout = new Rollout(deployment, owned);
        var paused = deployment.GetMap("spec")?.GetBoolean("paused") == true;
        if (rollout.New is null && !paused)
        {
            rollout.New = await CreateSetAsync(deployment, rollout, cancellationToken).ConfigureAwait(false);
            if (rollout.New is null)
                return;
        }

        await AnnotateRevisionAsync(rollout, cancellationToken).ConfigureAwait(false);
        foreach (var (set, replicas) in rollout.Plan())
            await ScaleAsync(rollout, set, replicas, cancellationToken).ConfigureAwait(false);
        await CleanUpAsync(rollout, cancellationToken).ConfigureAwait(false);
        await DeploymentStatus.ReportAsync(Context, rollout, Deployments, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The replica set of the current template. Null: a collision was counted, the next round tries another name.</summary>
    private async Task<Map?> CreateSetAsync(Map deployment, Rollout rollout, CancellationToken cancellationToken)
    {
        var collisions = deployment.GetMap("status")?.GetInteger("collisionCount") ?? 0;
        var hash = TemplateHash.Of(rollout.Template, collisions);
        var spec = deployment.GetMap("spec")!;
        var template = rollout.Template.DeepClone();
        template.EditMap("metadata").EditMap("labels").Set(Rollout.HashLabel, hash);
        var selector = spec.GetMap("selector")!.DeepClone();
        selector.EditMap("matchLabels").Set(Rollout.HashLabel, hash);
        var owners = new Sequence(1);
        owners.Add(ObjectMetaAccessor.NewControllerRef(deployment, "apps/v1", "Deployment"));
        var annotations = rollout.CopiedAnnotations();
        annotations.Set(Rollout.RevisionAnnotation, rollout.NextRevision().ToString(System.Globalization.CultureInfo.InvariantCulture));
        annotations.Set("deployment.kubernetes.io/desired-replicas", rollout.Desired.ToString(System.Globalization.CultureInfo.InvariantCulture));
        annotations.Set("deployment.kubernetes.io/max-replicas", (rollout.Desired + rollout.MaxSurge).ToString(System.Globalization.CultureInfo.InvariantCulture));
        var name = $"{ObjectMetaAccessor.GetName(deployment)}-{hash}";
        var replicas = rollout.InitialNewReplicas();
        var set = new Map
        {
            { "kind", "ReplicaSet" },
            { "apiVersion", "apps/v1" },
            {
                "metadata", new Map
                {
                    { "name", name }, { "namespace", ObjectMetaAccessor.GetNamespace(deployment) }, { "labels", template.GetMap("metadata")!["labels"] },
                    { "annotations", annotations }, { "ownerReferences", owners },
                }
            },
            { "spec", new Map { { "replicas", replicas }, { "minReadySeconds", spec["minReadySeconds"] }, { "selector", selector }, { "template", template } } },
        };
        try
        {
            var created = await Context.Client.CreateAsync(new ResourceRequest(ReplicaSets, ObjectMetaAccessor.GetNamespace(deployment)), set, cancellationToken).ConfigureAwait(false);
            if (replicas > 0)
                _events.Event(deployment, EventRecorder.Normal, "ScalingReplicaSet", $"Scaled up replica set {name} from 0 to {replicas}");
            return created;
        }
        catch (StatusException exception) when (exception.IsAlreadyExists)
        {
            var existing = await Context.Client.GetAsync(new ResourceRequest(ReplicaSets, ObjectMetaAccessor.GetNamespace(deployment), name), cancellationToken).ConfigureAwait(false);
            if (ObjectMetaAccessor.IsControlledBy(existing, deployment) && Rollout.SameTemplate(rollout.Template, existing.GetMap("spec")?.GetMap("template")))
                return existing;
            var next = deployment.ShallowClone();
            next.EditMap("status").Set("collisionCount", collisions + 1);
            await Context.Client.UpdateAsync(Request(Deployments, deployment, "status"), next, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>The newest set carries the highest revision, and the deployment shows it.</summary>
    private async Task AnnotateRevisionAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        if (rollout.New is not { } set)
            return;
        var highestOld = rollout.Old.Select(Rollout.Revision).DefaultIfEmpty(0).Max();
        var revision = Rollout.Revision(set);
        if (revision <= highestOld)
        {
            // Back to an older template (rollout undo): its set becomes the newest revision, and remembers the old ones.
            var next = set.ShallowClone();
            var annotations = next.EditMap("metadata").EditMap("annotations");
            if (revision > 0)
            {
                var history = annotations.GetString("deployment.kubernetes.io/revision-history");
                annotations.Set("deployment.kubernetes.io/revision-history", string.IsNullOrEmpty(history) ? $"{revision}" : $"{history},{revision}");
            }

            revision = highestOld + 1;
            annotations.Set(Rollout.RevisionAnnotation, revision.ToString(System.Globalization.CultureInfo.InvariantCulture));
            rollout.New = await Context.Client.UpdateAsync(Request(ReplicaSets, set), next, cancellationToken).ConfigureAwait(false);
        }

        var text = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (ObjectMetaAccessor.GetAnnotation(rollout.Deployment, Rollout.RevisionAnnotation) != text)
        {
            var patch = new Map { { "metadata", new Map { { "annotations", new Map { { Rollout.RevisionAnnotation, text } } } } } };
            rollout.Deployment = await Context.Client.PatchAsync(Request(Deployments, rollout.Deployment), PatchType.Merge, patch, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ScaleAsync(Rollout rollout, Map set, long replicas, CancellationToken cancellationToken)
    {
        var before = Rollout.SpecReplicas(set);
        var next = set.ShallowClone();
        next.EditMap("spec").Set("replicas", replicas);
        var annotations = next.EditMap("metadata").EditMap("annotations");
        annotations.Set("deployment.kubernetes.io/desired-replicas", rollout.Desired.ToString(System.Globalization.CultureInfo.InvariantCulture));
        annotations.Set("deployment.kubernetes.io/max-replicas", (rollout.Desired + rollout.MaxSurge).ToString(System.Globalization.CultureInfo.InvariantCulture));
        var updated = await Context.Client.UpdateAsync(Request(ReplicaSets, set), next, cancellationToken).ConfigureAwait(false);
        rollout.Replace(set, updated);
        _events.Event(rollout.Deployment, EventRecorder.Normal, "ScalingReplicaSet", $"Scaled {(replicas > before ? "up" : "down")} replica set {ObjectMetaAccessor.GetName(set)} from {before} to {replicas}");
    }

    /// <summary>Deletes old sets beyond the history limit, the oldest revision first.</summary>
    private async Task CleanUpAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var limit = rollout.Deployment.GetMap("spec")?.GetInteger("revisionHistoryLimit") ?? 10;
        var empty = rollout.Old.Where(set => Rollout.SpecReplicas(set) == 0 && Rollout.StatusReplicas(set) == 0 && !ObjectMetaAccessor.IsBeingDeleted(set)).OrderBy(Rollout.Revision).ToList();
        for (var i = 0; i < empty.Count - limit; i++)
        {
            try
            {
                await Context.Client.DeleteAsync(Request(ReplicaSets, empty[i]), null, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsNotFound)
            {
                // Gone already.
            }
        }
    }

    private static ResourceRequest Request(GroupVersionResource resource, Map obj, string subresource = "") =>
        new(resource, ObjectMetaAccessor.GetNamespace(obj), ObjectMetaAccessor.GetName(obj), subresource);

    private void Enqueue(Map set)
    {
        if (ObjectMetaAccessor.GetControllerOf(set) is { } owner && owner.GetString("kind") == "Deployment")
            Queue.Add($"{ObjectMetaAccessor.GetNamespace(set)}/{owner.GetString("name")}");
    }
}
