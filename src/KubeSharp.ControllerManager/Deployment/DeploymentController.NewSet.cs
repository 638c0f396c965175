using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ControllerManager.Pods;

namespace KubeSharp.ControllerManager.Deployment;

/// <content>The replica set of the current template, and going back to that of an older one.</content>
public sealed partial class DeploymentController
{
    private const int MaxNameLength = 253;

    /// <summary>Brings the new set's annotations up to date and tells its revision, or creates it (getNewReplicaSet).</summary>
    private async Task PrepareNewSetAsync(Rollout rollout, bool create, CancellationToken cancellationToken)
    {
        if (rollout.New is not { } set)
        {
            if (create)
                await CreateNewSetAsync(rollout, cancellationToken).ConfigureAwait(false);
            return;
        }

        var annotations = SetAnnotations.Wanted(rollout, set);
        var minReady = rollout.Deployment.GetMap("spec")?.GetInteger("minReadySeconds") ?? 0;
        if (annotations is not null || (set.GetMap("spec")?.GetInteger("minReadySeconds") ?? 0) != minReady)
        {
            var next = set.ShallowClone();
            if (annotations is not null)
                next.EditMap("metadata").Set("annotations", annotations);
            next.EditMap("spec").Set("minReadySeconds", minReady);
            rollout.New = await Context.Client.UpdateAsync(Request(ReplicaSets, set), next, cancellationToken).ConfigureAwait(false);
            return;
        }

        await TellNewSetAsync(rollout, "FoundNewReplicaSet", $"Found new replica set \"{ObjectMetaAccessor.GetName(set)}\"", onlyFirst: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task CreateNewSetAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var replicas = rollout.NewReplicas(0);
        var set = NewSet(rollout, replicas);
        var name = ObjectMetaAccessor.GetName(set);
        try
        {
            rollout.New = await Context.Client.CreateAsync(new ResourceRequest(ReplicaSets, ObjectMetaAccessor.GetNamespace(deployment)), set, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsAlreadyExists)
        {
            var existing = await Context.Client.GetAsync(Request(ReplicaSets, set), cancellationToken).ConfigureAwait(false);
            if (!ObjectMetaAccessor.IsControlledBy(existing, deployment) || !Rollout.SameTemplate(rollout.Template, existing.GetMap("spec")?.GetMap("template")))
            {
                var collisions = deployment.GetMap("status")?.GetInteger("collisionCount") ?? 0;
                await WriteStatusAsync(rollout, d => d.EditMap("status").Set("collisionCount", collisions + 1), cancellationToken).ConfigureAwait(false);
                throw;
            }

            rollout.New = existing;
            await TellNewSetAsync(rollout, null, "", onlyFirst: false, cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (StatusException exception) when (!exception.IsNamespaceTerminating)
        {
            var message = $"Failed to create new replica set \"{name}\": {exception.Message}";
            if (rollout.Deadline is not null)
            {
                var condition = DeploymentStatus.NewCondition(DeploymentStatus.Progressing, "False", "ReplicaSetCreateError", message, Context.Time.GetUtcNow());
                await WriteStatusAsync(rollout, d => DeploymentStatus.SetCondition(d.EditMap("status"), condition), cancellationToken).ConfigureAwait(false);
            }

            _events.Event(deployment, EventRecorder.Warning, "ReplicaSetCreateError", message);
            throw;
        }

        if (replicas > 0)
            _events.Event(deployment, EventRecorder.Normal, "ScalingReplicaSet", $"Scaled up replica set {name} from 0 to {replicas}");
        await TellNewSetAsync(rollout, "NewReplicaSetCreated", $"Created new replica set \"{name}\"", onlyFirst: false, cancellationToken).ConfigureAwait(false);
    }

    private static Map NewSet(Rollout rollout, long replicas)
    {
        var deployment = rollout.Deployment;
        var spec = deployment.GetMap("spec")!;
        var hash = TemplateHash.Of(rollout.Template, deployment.GetMap("status")?.GetInteger("collisionCount") ?? 0);
        var template = rollout.Template.DeepClone();
        template.EditMap("metadata").EditMap("labels").Set(Rollout.HashLabel, hash);
        var selector = spec.GetMap("selector")!.DeepClone();
        selector.EditMap("matchLabels").Set(Rollout.HashLabel, hash);
        var owners = new Sequence(1);
        owners.Add(ObjectMetaAccessor.NewControllerRef(deployment, "apps/v1", "Deployment"));
        var prefix = ObjectMetaAccessor.GetName(deployment);
        var longest = MaxNameLength - 1 - hash.Length;
        return new Map
        {
            { "kind", "ReplicaSet" },
            { "apiVersion", "apps/v1" },
            {
                "metadata", new Map
                {
                    { "name", $"{(prefix.Length > longest ? prefix[..longest] : prefix)}-{hash}" }, { "namespace", ObjectMetaAccessor.GetNamespace(deployment) },
                    { "labels", template.GetMap("metadata")!.GetMap("labels")!.DeepClone() },
                    { "annotations", SetAnnotations.Wanted(rollout, null)! }, { "ownerReferences", owners },
                }
            },
            { "spec", new Map { { "replicas", replicas }, { "minReadySeconds", spec["minReadySeconds"] }, { "selector", selector }, { "template", template } } },
        };
    }

    /// <summary>Copies the new set's revision to the deployment, and notes the set as progress.</summary>
    private async Task TellNewSetAsync(Rollout rollout, string? reason, string message, bool onlyFirst, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var revision = ObjectMetaAccessor.GetAnnotation(rollout.New!, Rollout.RevisionAnnotation) ?? "";
        var tell = reason is not null && rollout.Deadline is not null && (!onlyFirst || PodState.Condition(deployment, DeploymentStatus.Progressing) is null);
        if (ObjectMetaAccessor.GetAnnotation(deployment, Rollout.RevisionAnnotation) == revision && !tell)
            return;
        await WriteStatusAsync(
            rollout,
            next =>
            {
                next.EditMap("metadata").EditMap("annotations").Set(Rollout.RevisionAnnotation, revision);
                if (tell)
                    DeploymentStatus.SetCondition(next.EditMap("status"), DeploymentStatus.NewCondition(DeploymentStatus.Progressing, "True", reason!, message, Context.Time.GetUtcNow()));
            },
            cancellationToken).ConfigureAwait(false);
    }

    // The annotation that stands for rollbackTo of extensions/v1beta1; 0: the revision before the last.
    private static long? RollbackTarget(Map deployment) =>
        long.TryParse(ObjectMetaAccessor.GetAnnotation(deployment, SetAnnotations.RollbackTo), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var revision) ? revision : null;

    private async Task RollBackAsync(Rollout rollout, long target, CancellationToken cancellationToken)
    {
        await PrepareNewSetAsync(rollout, create: true, cancellationToken).ConfigureAwait(false);
        var deployment = rollout.Deployment;
        var name = ObjectMetaAccessor.GetName(deployment);
        var last = target == 0;
        if (last)
            target = rollout.All.Select(Rollout.Revision).OrderDescending().ElementAtOrDefault(1);
        var set = target == 0 ? null : rollout.All.FirstOrDefault(candidate => Rollout.Revision(candidate) == target);
        var next = deployment.ShallowClone();
        var rolledBack = false;
        if (set is null)
        {
            _events.Event(deployment, EventRecorder.Warning, "DeploymentRollbackRevisionNotFound", last && target == 0 ? "Unable to find last revision." : "Unable to find the revision to rollback to.");
        }
        else if (Rollout.SameTemplate(rollout.Template, set.GetMap("spec")!.GetMap("template")))
        {
            _events.Event(deployment, EventRecorder.Warning, "DeploymentRollbackTemplateUnchanged", $"The rollback revision contains the same template as current deployment \"{name}\"");
        }
        else
        {
            next.EditMap("spec").Set("template", Rollout.WithoutHash(set.GetMap("spec")!.GetMap("template")!));
            next.EditMap("metadata").Set("annotations", SetAnnotations.RolledBack(deployment, set));
            rolledBack = true;
        }

        next.EditMap("metadata").EditMap("annotations").Remove(SetAnnotations.RollbackTo);
        await Context.Client.UpdateAsync(Request(Deployments, deployment), next, cancellationToken).ConfigureAwait(false);
        if (rolledBack)
            _events.Event(deployment, EventRecorder.Normal, "DeploymentRollback", $"Rolled back deployment \"{name}\" to revision {target}");
    }
}
