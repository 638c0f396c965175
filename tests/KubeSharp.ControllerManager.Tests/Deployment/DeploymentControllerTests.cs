using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ControllerManager.Deployment;

namespace KubeSharp.ControllerManager.Tests.Deployment;

public sealed class DeploymentControllerTests : DeploymentFixture
{
    private const string Recreate = "{type: Recreate}";

    [Fact]
    public async Task A_new_deployment_gets_its_set()
    {
        await CreateDeploymentAsync(4, metadata: "annotations: {note: x, kubectl.kubernetes.io/last-applied-configuration: y}", spec: "minReadySeconds: 5");
        await SyncAsync();

        var set = Set("new");
        var hash = ObjectMetaAccessor.GetLabel(set, "pod-template-hash");
        Assert.Equal($"web-{hash}", ObjectMetaAccessor.GetName(set));
        Assert.True(set.GetMap("spec")!.GetMap("selector")!.DeepEquals(ControllerFixture.Yaml($"{{matchLabels: {{app: web, pod-template-hash: {hash}}}}}")));
        Assert.True(ObjectMetaAccessor.GetLabels(set)!.DeepEquals(set.GetMap("spec")!.GetMap("template")!.GetMap("metadata")!.GetMap("labels")!));
        Assert.True(ObjectMetaAccessor.GetAnnotations(set)!.DeepEquals(ControllerFixture.Yaml($"{{note: x, {Revision}: '1', {Desired}: '4', {Max}: '5'}}")));
        Assert.True(ObjectMetaAccessor.IsControlledBy(set, Deployment));
        Assert.Equal((4, 5), (set.GetMap("spec")!.GetInteger("replicas"), set.GetMap("spec")!.GetInteger("minReadySeconds")));
        Assert.Equal("1", ObjectMetaAccessor.GetAnnotation(Deployment, Revision));
        Assert.Contains($"Normal ScalingReplicaSet: Scaled up replica set web-{hash} from 0 to 4", await Fixture.EventsAsync());
    }

    [Fact]
    public async Task A_rolling_update_keeps_its_bounds()
    {
        await CreateDeploymentAsync(4, image: "old");
        await Fixture.DrainAsync();
        await SetAvailableAsync("old");
        await Fixture.DrainAsync();
        await ChangeImageAsync("new");
        var steps = new List<string>();
        for (var round = 0; round < 10; round++)
        {
            await Fixture.DrainAsync();
            steps.Add(Sizes());
            if (Sizes() == "new=4 old=0")
                break;
            await SetAvailableAsync("new");
            await SetAvailableAsync("old");
        }

        // A surge of 1, at most 1 unavailable: never more than 5 in all, never fewer than 3 available.
        Assert.Equal(["new=2 old=3", "new=4 old=1", "new=4 old=0"], steps);
        Assert.Equal("2", ObjectMetaAccessor.GetAnnotation(Deployment, Revision));
    }

    [Fact]
    public async Task Recreation_waits_for_the_last_old_pod()
    {
        await CreateDeploymentAsync(3, Recreate);
        await CreateSetAsync("a", "old", 3);
        await Fixture.CreateAsync(Pods, "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: a, uid: a, controller: true}]}, status: {phase: Running}}");
        await Fixture.DrainAsync();
        Assert.Equal("old=0", Sizes());
        await SetAvailableAsync("old");
        await Fixture.DrainAsync();
        Assert.Equal("old=0", Sizes()); // its status counts no pods, but one is still there

        await Fixture.DeleteAsync(Pods, "ns/p");
        await Fixture.DrainAsync();
        Assert.Equal("new=3 old=0", Sizes());
        Assert.Equal("3", ObjectMetaAccessor.GetAnnotation(Set("new"), Max));
    }

    [Theory]
    [InlineData("Succeeded", "new=3 old=0")]
    [InlineData("Failed", "new=3 old=0")]
    [InlineData("Pending", "old=0")]
    [InlineData("Unknown", "old=0")]
    public async Task Recreation_does_not_wait_for_pods_that_have_ended(string phase, string expected)
    {
        await CreateDeploymentAsync(3, Recreate);
        await CreateSetAsync("a", "old", 0);
        await Fixture.CreateAsync(Pods, $"{{apiVersion: v1, kind: Pod, metadata: {{name: p, namespace: ns, ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: a, uid: a, controller: true}}]}}, status: {{phase: {phase}}}}}");
        await Fixture.DrainAsync();

        Assert.Equal(expected, Sizes());
    }

    [Fact]
    public async Task A_recreated_deployment_is_available_only_with_all_pods()
    {
        await CreateDeploymentAsync(3, Recreate);
        await CreateSetAsync("a", "new", 3, available: 2);
        await Fixture.DrainAsync();

        Assert.Equal("False MinimumReplicasUnavailable", Condition("Available"));
    }

    [Fact]
    public async Task Undoing_a_change_brings_its_set_back_as_the_newest_revision()
    {
        await CreateDeploymentAsync(2, image: "first");
        await CreateSetAsync("a", "first", 0, revision: 1);
        await CreateSetAsync("b", "second", 2, revision: 2);
        await Fixture.DrainAsync();

        Assert.Equal("3", ObjectMetaAccessor.GetAnnotation(Set("first"), Revision));
        Assert.Equal("1", ObjectMetaAccessor.GetAnnotation(Set("first"), "deployment.kubernetes.io/revision-history"));
        Assert.Equal("3", ObjectMetaAccessor.GetAnnotation(Deployment, Revision));
        Assert.Equal(2, Fixture.Api.All(Sets).Count);
    }

    [Theory]
    [InlineData("1", "first", "Normal DeploymentRollback: Rolled back deployment \"web\" to revision 1")]
    [InlineData("0", "second", "Normal DeploymentRollback: Rolled back deployment \"web\" to revision 2")]
    [InlineData("3", "third", "Warning DeploymentRollbackTemplateUnchanged: The rollback revision contains the same template as current deployment \"web\"")]
    [InlineData("9", "third", "Warning DeploymentRollbackRevisionNotFound: Unable to find the revision to rollback to.")]
    public async Task The_old_rollback_annotation_is_obeyed(string revision, string image, string message)
    {
        await CreateDeploymentAsync(2, image: "third", metadata: $"annotations: {{deprecated.deployment.rollback.to: '{revision}', own: x, {Revision}: '3'}}");
        await CreateSetAsync("a", "first", 0, revision: 1);
        await CreateSetAsync("b", "second", 0, revision: 2);
        await CreateSetAsync("c", "third", 2, revision: 3);
        await Fixture.DrainAsync();

        Assert.Equal(image, Image(Deployment));
        Assert.Null(ObjectMetaAccessor.GetAnnotation(Deployment, "deprecated.deployment.rollback.to"));
        Assert.Null(ObjectMetaAccessor.GetLabel(Deployment.GetMap("spec")!.GetMap("template")!, "pod-template-hash"));
        Assert.Contains(message, await Fixture.EventsAsync());
    }

    [Fact]
    public async Task A_paused_deployment_scales_and_does_not_roll()
    {
        await CreateDeploymentAsync(6, spec: "paused: true\n  progressDeadlineSeconds: 600");
        await CreateSetAsync("a", "old", 4, desired: 4, max: 5);
        await Fixture.DrainAsync();
        Assert.Equal("old=6", Sizes());
        Assert.Equal("Unknown DeploymentPaused", Condition("Progressing"));

        await Fixture.ChangeAsync(Deployments, "ns/web", d => d.EditMap("spec").Remove("paused"));
        await SyncAsync();
        Assert.Equal("new=2 old=5", Sizes()); // 2 more than 6; 8 - 2 new ones - 5 that must be available may go
        Assert.Equal("True NewReplicaSetCreated", Condition("Progressing"));
    }

    [Fact]
    public async Task A_lack_of_progress_is_not_covered_by_a_pause()
    {
        await CreateDeploymentAsync(1, spec: "paused: true\n  progressDeadlineSeconds: 600");
        await Fixture.ChangeAsync(Deployments, "ns/web", d => d.Set("status", ControllerFixture.Yaml("{conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]}")));
        await SyncAsync();

        Assert.Equal("False ProgressDeadlineExceeded", Condition("Progressing"));
    }

    [Fact]
    public async Task A_change_of_size_does_not_hasten_the_rollout()
    {
        await CreateDeploymentAsync(20);
        await CreateSetAsync("a", "old", 8, desired: 10, max: 13);
        await CreateSetAsync("b", "new", 5, desired: 10, max: 13);
        await SyncAsync();

        // 25 pods instead of 13: 8 * 25 / 13 = 15.4 and 5 * 25 / 13 = 9.6
        Assert.Equal("new=10 old=15", Sizes());
        foreach (var image in (string[])["old", "new"])
            Assert.Equal(("20", "25"), (ObjectMetaAccessor.GetAnnotation(Set(image), Desired), ObjectMetaAccessor.GetAnnotation(Set(image), Max)));
    }

    [Theory]
    [InlineData("0", "d")]
    [InlineData("2", "b c d")]
    [InlineData("9", "a b c d")]
    [InlineData("2147483647", "a b c d")] // no limit
    public async Task History_is_cut_when_the_rollout_is_complete(string limit, string left)
    {
        await CreateDeploymentAsync(1, spec: $"revisionHistoryLimit: {limit}");
        await CreateSetAsync("a", "one", 0, revision: 1);
        await CreateSetAsync("b", "two", 0, revision: 2);
        await CreateSetAsync("c", "three", 0, revision: 3);
        await CreateSetAsync("d", "new", 1, available: 0, revision: 4);
        await Fixture.DrainAsync();
        Assert.Equal("a b c d", ControllerFixture.Names(Fixture.Api.All(Sets)));

        await SetAvailableAsync("new");
        await Fixture.DrainAsync();
        Assert.Equal(left, ControllerFixture.Names(Fixture.Api.All(Sets)));
    }

    [Fact]
    public async Task Sets_with_pods_or_unseen_changes_stay_beyond_the_limit()
    {
        await CreateDeploymentAsync(1, spec: "revisionHistoryLimit: 0");
        await CreateSetAsync("a", "one", 0, revision: 1);
        await Fixture.ChangeAsync(Sets, "ns/a", set => set.EditMap("status").Set("replicas", 1)); // its pod is on its way out
        await CreateSetAsync("b", "two", 0, revision: 2);
        await Fixture.ChangeAsync(Sets, "ns/b", set => set.EditMap("metadata").Set("generation", 2));
        await CreateSetAsync("c", "new", 1, revision: 3);
        await Fixture.ChangeAsync(Deployments, "ns/web", d => d.Set("status", ControllerFixture.Yaml("{replicas: 1, updatedReplicas: 1, availableReplicas: 1, observedGeneration: 1}")));
        await Fixture.DrainAsync();

        Assert.Equal("a b c", ControllerFixture.Names(Fixture.Api.All(Sets)));
    }

    [Fact]
    public async Task Orphans_are_adopted_and_strangers_left()
    {
        await CreateDeploymentAsync(1);
        await CreateSetAsync("orphan", "old", 0, owner: "");
        await CreateSetAsync("stranger", "x", 0, owner: "d9");
        await CreateSetAsync("unselected", "y", 0, owner: "", app: "other");
        await Fixture.DrainAsync();

        Assert.True(ObjectMetaAccessor.IsControlledBy(Fixture.Api.Find(Sets, "ns/orphan")!, Deployment));
        Assert.False(ObjectMetaAccessor.IsControlledBy(Fixture.Api.Find(Sets, "ns/stranger")!, Deployment));
        Assert.Null(ObjectMetaAccessor.GetControllerOf(Fixture.Api.Find(Sets, "ns/unselected")!));
    }

    [Fact]
    public async Task A_set_that_no_longer_matches_is_released()
    {
        await CreateDeploymentAsync(1);
        await CreateSetAsync("a", "new", 1);
        await Fixture.ChangeAsync(Sets, "ns/a", set => set.EditMap("metadata").EditMap("labels").Set("app", "other"));
        await Fixture.DrainAsync();

        Assert.Null(ObjectMetaAccessor.GetControllerOf(Fixture.Api.Find(Sets, "ns/a")!));
        Assert.Equal(2, Fixture.Api.All(Sets).Count);
    }

    [Fact]
    public async Task A_hash_that_is_taken_is_counted_and_another_is_used()
    {
        var deployment = await CreateDeploymentAsync(1);
        var taken = $"web-{TemplateHash.Of(deployment.GetMap("spec")!.GetMap("template")!, 0)}";
        await CreateSetAsync(taken, "stranger", 0, owner: "d9");
        var failures = await Fixture.DrainAsync();

        Assert.True(Assert.IsType<StatusException>(Assert.Single(failures)).IsAlreadyExists);
        Assert.Equal(1, Deployment.GetMap("status")!.GetInteger("collisionCount"));
        Assert.NotEqual(taken, ObjectMetaAccessor.GetName(Set("new")));
    }

    [Fact]
    public async Task A_set_that_cannot_be_created_is_told()
    {
        await CreateDeploymentAsync(1, spec: "progressDeadlineSeconds: 600");
        await Fixture.SettleAsync();
        Fixture.Api.OnRequest = (verb, request, _) =>
        {
            if (verb == "create" && request.Resource == Sets)
                throw StatusErrors.Forbidden(Sets.GroupResource, "web-x", "quota");
        };

        await Assert.ThrowsAsync<StatusException>(SyncAsync);
        Assert.Equal("False ReplicaSetCreateError", Condition("Progressing"));
        Assert.Contains(await Fixture.EventsAsync(), e => e.StartsWith("Warning ReplicaSetCreateError: Failed to create new replica set \"web-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deployment_that_is_being_deleted_only_reports()
    {
        await CreateDeploymentAsync(5, metadata: "deletionTimestamp: '2026-01-02T03:00:00Z'");
        await CreateSetAsync("a", "old", 2);
        await SyncAsync();

        Assert.Equal(["update deployments/status web"], Fixture.Writes);
        Assert.Equal(2, Deployment.GetMap("status")!.GetInteger("replicas"));
    }

    [Fact]
    public async Task The_new_set_follows_annotations_and_minReadySeconds()
    {
        await CreateDeploymentAsync(1);
        await CreateSetAsync("a", "new", 1);
        await Fixture.DrainAsync();
        await Fixture.ChangeAsync(Deployments, "ns/web", d =>
        {
            d.EditMap("metadata").EditMap("annotations").Set("kubernetes.io/change-cause", "why");
            d.EditMap("spec").Set("minReadySeconds", 7);
        });
        await Fixture.DrainAsync();

        Assert.Equal("why", ObjectMetaAccessor.GetAnnotation(Set("new"), "kubernetes.io/change-cause"));
        Assert.Equal(7, Set("new").GetMap("spec")!.GetInteger("minReadySeconds"));
        Assert.Equal("1", ObjectMetaAccessor.GetAnnotation(Set("new"), Revision));
    }

    [Fact]
    public async Task Selecting_everything_is_refused()
    {
        await CreateDeploymentAsync(1);
        await Fixture.ChangeAsync(Deployments, "ns/web", d => d.EditMap("spec").Set("selector", new Map()));
        await SyncAsync();

        Assert.Empty(Fixture.Api.All(Sets));
        Assert.Equal(1, Deployment.GetMap("status")!.GetInteger("observedGeneration"));
        Assert.Contains("Warning SelectingAll: This deployment is selecting all pods. A non-empty selector is required.", await Fixture.EventsAsync());
    }
}
