using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ControllerManager.Tests.Deployment;

public sealed class DeploymentStatusTests : DeploymentFixture
{
    [Fact]
    public async Task The_status_counts_over_all_sets()
    {
        await CreateDeploymentAsync(10);
        await CreateSetAsync("a", "old", 5, available: 4, desired: 10, max: 13);
        await CreateSetAsync("b", "new", 8, available: 2, desired: 10, max: 13);
        await Fixture.ChangeAsync(Sets, "ns/a", set => set.EditMap("status").Set("terminatingReplicas", 3));
        await SyncAsync();
        await SyncAsync();

        var status = Deployment.GetMap("status")!.DeepClone();
        status.Remove("conditions");
        Assert.True(status.DeepEquals(ControllerFixture.Yaml(
            "{observedGeneration: 1, replicas: 13, updatedReplicas: 8, readyReplicas: 6, availableReplicas: 6, unavailableReplicas: 7, terminatingReplicas: 3}")));
        Assert.Equal("False MinimumReplicasUnavailable", Condition("Available"));
    }

    [Fact]
    public async Task A_set_that_does_not_tell_what_terminates_hides_the_total()
    {
        await CreateDeploymentAsync(1);
        await CreateSetAsync("a", "new", 1);
        await Fixture.ChangeAsync(Sets, "ns/a", set => set.EditMap("status").Set("observedGeneration", 1));
        await Fixture.DrainAsync();

        Assert.Null(Deployment.GetMap("status")!.GetInteger("terminatingReplicas"));
    }

    [Theory]
    [InlineData(10, 8, "True MinimumReplicasAvailable")] // 25% of 10, rounded down, may be missing
    [InlineData(10, 7, "False MinimumReplicasUnavailable")]
    [InlineData(1, 0, "False MinimumReplicasUnavailable")]
    [InlineData(0, 0, "True MinimumReplicasAvailable")]
    public async Task A_deployment_is_available_with_its_minimum(long replicas, long available, string expected)
    {
        await CreateDeploymentAsync(replicas);
        await CreateSetAsync("a", "new", replicas, available);
        await Fixture.DrainAsync();

        Assert.Equal(expected, Condition("Available"));
    }

    [Fact]
    public async Task Progress_is_told_until_the_rollout_is_complete()
    {
        await CreateDeploymentAsync(2, spec: "progressDeadlineSeconds: 60");
        await Fixture.DrainAsync();
        Assert.Equal("True NewReplicaSetCreated", Condition("Progressing"));

        Fixture.Time.Advance(TimeSpan.FromSeconds(5));
        await SetAvailableAsync("new", 1);
        await SyncAsync();
        Assert.Equal("True ReplicaSetUpdated", Condition("Progressing"));
        var name = ObjectMetaAccessor.GetName(Set("new"));
        Assert.Equal($"ReplicaSet \"{name}\" is progressing.", Progressing().GetString("message"));
        Assert.Equal(("2026-01-02T03:04:05Z", "2026-01-02T03:04:10Z"), (Progressing().GetString("lastTransitionTime"), Progressing().GetString("lastUpdateTime")));

        await SetAvailableAsync("new");
        await SyncAsync();
        Assert.Equal("True NewReplicaSetAvailable", Condition("Progressing"));
        Assert.Equal($"ReplicaSet \"{name}\" has successfully progressed.", Progressing().GetString("message"));

        // What was complete does not time out when a pod fails later.
        Fixture.Time.Advance(TimeSpan.FromHours(1));
        await SetAvailableAsync("new", 1);
        await Fixture.DrainAsync();
        Assert.Equal("True NewReplicaSetAvailable", Condition("Progressing"));
    }

    [Fact]
    public async Task A_rollout_without_progress_exceeds_its_deadline_without_any_event()
    {
        await CreateDeploymentAsync(2, spec: "progressDeadlineSeconds: 60");
        await Fixture.DrainAsync();
        await SetAvailableAsync("new", 0);
        await Fixture.DrainAsync();
        Assert.Equal(TimeSpan.FromSeconds(61), Fixture.Time.UntilNextTimer);

        Fixture.Time.Advance(TimeSpan.FromSeconds(60));
        await Fixture.DrainAsync();
        Assert.Equal("True ReplicaSetUpdated", Condition("Progressing"));
        Fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await Fixture.DrainAsync();
        Assert.Equal("False ProgressDeadlineExceeded", Condition("Progressing"));
        Assert.Equal($"ReplicaSet \"{ObjectMetaAccessor.GetName(Set("new"))}\" has timed out progressing.", Progressing().GetString("message"));

        // Progress, when it comes, is told all the same.
        await SetAvailableAsync("new", 1);
        await SyncAsync();
        Assert.Equal("True ReplicaSetUpdated", Condition("Progressing"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("progressDeadlineSeconds: 2147483647")]
    public async Task Without_a_deadline_there_is_no_progress(string spec)
    {
        await CreateDeploymentAsync(2, spec: spec);
        await Fixture.DrainAsync();
        await SetAvailableAsync("new", 1);
        await Fixture.DrainAsync();

        Assert.Equal("none", Condition("Progressing"));
    }

    [Fact]
    public async Task A_failure_of_a_set_is_one_of_its_deployment()
    {
        await CreateDeploymentAsync(2);
        await Fixture.DrainAsync();
        await SetAvailableAsync("new", 1, "{conditions: [{type: ReplicaFailure, status: 'True', reason: FailedCreate, message: quota, lastTransitionTime: '2026-01-02T00:00:00Z'}]}");
        await Fixture.DrainAsync();
        Assert.Equal("True FailedCreate", Condition("ReplicaFailure"));

        await SetAvailableAsync("new");
        await Fixture.DrainAsync();
        Assert.Equal("none", Condition("ReplicaFailure"));
    }

    [Fact]
    public async Task A_set_found_before_progress_was_watched_counts_as_progress()
    {
        await CreateDeploymentAsync(2, spec: "progressDeadlineSeconds: 60", metadata: "annotations: {deployment.kubernetes.io/revision: '1'}");
        await CreateSetAsync("a", "new", 2, available: 0);
        await Fixture.ChangeAsync(Deployments, "ns/web", d => d.Set("status", ControllerFixture.Yaml("{replicas: 2, updatedReplicas: 2}")));
        await Fixture.DrainAsync();

        Assert.Equal("True FoundNewReplicaSet", Condition("Progressing"));
    }

    [Fact]
    public async Task A_status_that_holds_is_not_written_again()
    {
        await CreateDeploymentAsync(2, spec: "progressDeadlineSeconds: 60");
        await Fixture.DrainAsync();
        await SetAvailableAsync("new");
        await Fixture.DrainAsync();
        Fixture.ForgetRequests();
        Fixture.Time.Advance(TimeSpan.FromMinutes(5));
        await SyncAsync();

        Assert.Empty(Fixture.Writes);
    }

    private Map Progressing() => Deployment.GetMap("status")!.GetSequence("conditions")!.Select(c => c.AsMap!).Single(c => c.GetString("type") == "Progressing");
}
