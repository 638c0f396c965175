using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ControllerManager.ReplicaSet;

namespace KubeSharp.ControllerManager.Tests.ReplicaSet;

public sealed class ReplicaSetControllerTests : IAsyncDisposable
{
    private static readonly GroupVersionResource Sets = new("apps", "v1", "replicasets");
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");

    private readonly ControllerFixture _fixture = new(Sets, Pods);

    public ReplicaSetControllerTests() => _fixture.Start(context => new ReplicaSetController(context));

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Pods_are_made_of_the_template()
    {
        var set = await CreateSetAsync(1, annotations: "{note: x}");
        await _fixture.DrainAsync();

        var pod = Assert.Single(_fixture.Api.All(Pods));
        Assert.StartsWith("web-", ObjectMetaAccessor.GetName(pod), StringComparison.Ordinal);
        Assert.Equal("web-", ObjectMetaAccessor.GetGenerateName(pod));
        Assert.Equal("web", ObjectMetaAccessor.GetLabel(pod, "app"));
        Assert.Equal("x", ObjectMetaAccessor.GetAnnotation(pod, "note"));
        Assert.Equal("image", pod.GetMap("spec")!.GetSequence("containers")![0].AsMap!.GetString("image"));
        var owner = Assert.Single(ObjectMetaAccessor.GetOwnerReferences(pod)!).AsMap!;
        Assert.True(owner.DeepEquals(ControllerFixture.Yaml(
            $"{{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: {ObjectMetaAccessor.GetUid(set)}, controller: true, blockOwnerDeletion: true}}")));
        Assert.Contains($"Normal SuccessfulCreate: Created pod: {ObjectMetaAccessor.GetName(pod)}", await _fixture.EventsAsync());
    }

    [Theory]
    [InlineData(5, 0, 5, 0)]
    [InlineData(5, 2, 3, 0)]
    [InlineData(3, 3, 0, 0)]
    [InlineData(1, 4, 0, 3)]
    [InlineData(0, 2, 0, 2)]
    [InlineData(600, 0, 500, 0)] // BurstReplicas
    public async Task A_round_closes_the_difference(int wanted, int there, int created, int deleted)
    {
        await CreateSetAsync(wanted);
        for (var i = 0; i < there; i++)
            await CreatePodAsync($"p{i}");
        await _fixture.SyncAsync("ns/web");

        Assert.Equal(created, _fixture.Writes.Count(w => w == "create pods"));
        Assert.Equal(deleted, _fixture.Writes.Count(w => w.StartsWith("delete pods ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task More_than_a_burst_takes_rounds()
    {
        await CreateSetAsync(600);
        await _fixture.DrainAsync();

        Assert.Equal(600, _fixture.Api.All(Pods).Count);
        Assert.Equal(600, Status().GetInteger("replicas"));
    }

    [Theory]
    [InlineData(0, 1)] // nothing succeeds: one is tried
    [InlineData(1, 3)] // 1 + 2
    [InlineData(3, 7)] // 1 + 2 + 4
    [InlineData(7, 10)] // 1 + 2 + 4 + 3
    public async Task Creation_starts_slowly(int allowed, int tried)
    {
        await CreateSetAsync(10);
        await _fixture.SettleAsync();
        var creations = 0;
        _fixture.Api.OnRequest = (verb, request, _) =>
        {
            if (verb == "create" && request.Resource == Pods && Interlocked.Increment(ref creations) > allowed)
                throw StatusErrors.Forbidden(Pods.GroupResource, "", "quota");
        };

        var failure = await Assert.ThrowsAsync<StatusException>(() => _fixture.SyncAsync("ns/web"));
        Assert.Equal(tried, creations);
        Assert.Equal(allowed, _fixture.Api.All(Pods).Count);
        var condition = Assert.Single(Status().GetSequence("conditions")!).AsMap!;
        Assert.Equal("ReplicaFailure=True FailedCreate", $"{condition.GetString("type")}={condition.GetString("status")} {condition.GetString("reason")}");
        Assert.Equal(failure.Message, condition.GetString("message"));

        // What failed is expected no longer, and the condition goes with the failure.
        _fixture.Api.OnRequest = null;
        await _fixture.SyncAsync("ns/web");
        Assert.Equal(10, _fixture.Api.All(Pods).Count);
        Assert.Null(Status().GetSequence("conditions"));
    }

    [Fact]
    public async Task Creations_not_seen_yet_are_not_made_again()
    {
        await CreateSetAsync(2);
        await _fixture.SettleAsync();
        // The watch of pods is cut: the informer does not hear of the new ones.
        _fixture.Api.OnRequest = (verb, request, _) =>
        {
            if (verb is "list" or "watch" && request.Resource == Pods)
                throw StatusErrors.InternalError("cut");
            // Its status would conflict until the informer of sets has come back.
            if (verb == "update")
                throw StatusErrors.InternalError("cut");
        };
        _fixture.Api.EndWatches();
        for (var round = 0; round < 2; round++)
            Assert.EndsWith("cut", (await Assert.ThrowsAsync<StatusException>(() => _fixture.Controller.SyncAsync("ns/web", _fixture.Token))).Message, StringComparison.Ordinal);
        Assert.Equal(2, _fixture.Api.All(Pods).Count);

        // After five minutes expectations no longer count.
        _fixture.Time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<StatusException>(() => _fixture.Controller.SyncAsync("ns/web", _fixture.Token));
        Assert.Equal(4, _fixture.Api.All(Pods).Count);
    }

    [Fact]
    public async Task Surplus_pods_go_in_order()
    {
        await CreateSetAsync(1);
        await CreatePodAsync("ready", "{nodeName: n1}", "{phase: Running, conditions: [{type: Ready, status: 'True', lastTransitionTime: '2026-01-02T03:00:00Z'}]}");
        await CreatePodAsync("pending", "{nodeName: n1}", "{phase: Pending}");
        await CreatePodAsync("unassigned");
        await _fixture.DrainAsync();

        Assert.Equal("ready", ControllerFixture.Names(_fixture.Api.All(Pods)));
        // At one moment there is room for one event about the set: their names are made of the time.
        Assert.StartsWith("Normal SuccessfulDelete: Deleted pod: ", Assert.Single(await _fixture.EventsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_go_first_where_other_sets_of_the_deployment_have_pods()
    {
        const string Owner = "[{apiVersion: apps/v1, kind: Deployment, name: d, uid: d1, controller: true}]";
        await CreateSetAsync(1, owners: Owner);
        await _fixture.CreateAsync(Sets, $"{{apiVersion: apps/v1, kind: ReplicaSet, metadata: {{name: old, namespace: ns, ownerReferences: {Owner}}}, spec: {{replicas: 1, selector: {{matchLabels: {{app: old}}}}, template: {{metadata: {{labels: {{app: old}}}}}}}}}}");
        await _fixture.CreateAsync(Pods, "{apiVersion: v1, kind: Pod, metadata: {name: other, namespace: ns, labels: {app: old}}, spec: {nodeName: shared}, status: {phase: Running}}");
        await CreatePodAsync("a", "{nodeName: own}", "{phase: Running}");
        await CreatePodAsync("b", "{nodeName: shared}", "{phase: Running}");
        await _fixture.SyncAsync("ns/web");

        Assert.Contains("delete pods b", _fixture.Writes);
        Assert.DoesNotContain("delete pods a", _fixture.Writes);
    }

    [Fact]
    public async Task A_deletion_that_fails_is_told()
    {
        await CreateSetAsync(0);
        await CreatePodAsync("a");
        await _fixture.SettleAsync();
        _fixture.Api.OnRequest = (verb, request, _) =>
        {
            if (verb == "delete" && request.Resource == Pods)
                throw StatusErrors.Forbidden(Pods.GroupResource, "a", "no");
        };

        var failure = await Assert.ThrowsAsync<StatusException>(() => _fixture.SyncAsync("ns/web"));
        var condition = Assert.Single(Status().GetSequence("conditions")!).AsMap!;
        Assert.Equal("FailedDelete", condition.GetString("reason"));
        Assert.Equal($"unable to delete pods: {failure.Message}", condition.GetString("message"));
        Assert.Contains($"Warning FailedDelete: Error deleting: {failure.Message}", await _fixture.EventsAsync());
    }

    [Theory]
    [InlineData("an orphan that matches", "{app: web}", "", true, true)]
    [InlineData("an orphan that does not", "{app: other}", "", false, false)]
    [InlineData("somebody else's", "{app: web}", "[{apiVersion: v1, kind: ReplicationController, name: rc, uid: u9, controller: true}]", false, false)]
    [InlineData("one with an owner that is no controller", "{app: web}", "[{apiVersion: v1, kind: Node, name: n, uid: u9}]", true, true)]
    [InlineData("one that has ended", "{app: web}", "ended", false, false)]
    [InlineData("one that is being deleted", "{app: web}", "deleted", false, false)]
    public async Task Orphans_are_adopted(string what, string labels, string owners, bool adopted, bool counted)
    {
        var set = await CreateSetAsync(1);
        var metadata = owners switch { "" or "ended" => "", "deleted" => ", deletionTimestamp: '2026-01-02T03:00:00Z'", _ => $", ownerReferences: {owners}" };
        await _fixture.CreateAsync(Pods, $"{{apiVersion: v1, kind: Pod, metadata: {{name: p, namespace: ns, labels: {labels}{metadata}}}, status: {{phase: {(owners == "ended" ? "Failed" : "Running")}}}}}");
        await _fixture.SyncAsync("ns/web");

        Assert.True(adopted == ObjectMetaAccessor.IsControlledBy(_fixture.Api.Find(Pods, "ns/p")!, set), what);
        Assert.Equal(counted ? 0 : 1, _fixture.Writes.Count(w => w == "create pods"));
        if (owners.Contains("Node", StringComparison.Ordinal))
            Assert.Equal(2, ObjectMetaAccessor.GetOwnerReferences(_fixture.Api.Find(Pods, "ns/p")!)!.Count);
    }

    [Fact]
    public async Task Pods_that_no_longer_match_are_released()
    {
        var set = await CreateSetAsync(1);
        await CreatePodAsync("mine");
        await _fixture.ChangeAsync(Pods, "ns/mine", pod => pod.EditMap("metadata").EditMap("labels").Set("app", "debug"));
        await _fixture.SyncAsync("ns/web");

        var pod = _fixture.Api.Find(Pods, "ns/mine")!;
        Assert.False(ObjectMetaAccessor.IsControlledBy(pod, set));
        Assert.Contains("create pods", _fixture.Writes);
    }

    [Fact]
    public async Task A_set_that_is_being_deleted_is_left_to_the_garbage_collector()
    {
        await CreateSetAsync(2, deleted: true);
        await CreatePodAsync("released");
        await _fixture.ChangeAsync(Pods, "ns/released", pod => pod.EditMap("metadata").EditMap("labels").Set("app", "debug"));
        await CreatePodAsync("kept");
        await _fixture.CreateAsync(Pods, "{apiVersion: v1, kind: Pod, metadata: {name: orphan, namespace: ns, labels: {app: web}}}");
        await _fixture.SyncAsync("ns/web");

        Assert.Equal(["update replicasets/status web"], _fixture.Writes);
        Assert.Equal(1, Status().GetInteger("replicas"));
    }

    [Fact]
    public async Task Nothing_is_adopted_by_a_set_that_the_server_knows_to_be_going()
    {
        await CreateSetAsync(1);
        await _fixture.CreateAsync(Pods, "{apiVersion: v1, kind: Pod, metadata: {name: orphan, namespace: ns, labels: {app: web}}}");
        await _fixture.SettleAsync();
        _fixture.Api.OnRequest = (verb, request, _) =>
        {
            if (verb == "get" && request.Resource == Sets)
                throw StatusErrors.NotFound(Sets.GroupResource, "web");
        };

        await Assert.ThrowsAsync<AggregateException>(() => _fixture.SyncAsync("ns/web"));
        Assert.Empty(_fixture.Writes);
    }

    [Fact]
    public async Task The_status_counts()
    {
        await CreateSetAsync(5, minReadySeconds: 60, generation: 7);
        await CreatePodAsync("available", "{nodeName: n1}", "{phase: Running, conditions: [{type: Ready, status: 'True', lastTransitionTime: '2026-01-02T03:03:05Z'}]}");
        await CreatePodAsync("ready", "{nodeName: n1}", "{phase: Running, conditions: [{type: Ready, status: 'True', lastTransitionTime: '2026-01-02T03:03:25Z'}]}");
        await CreatePodAsync("unready", "{nodeName: n1}", "{phase: Running}");
        await CreatePodAsync("ended", "{nodeName: n1}", "{phase: Failed}");
        await CreatePodAsync("going", "{nodeName: n1}", "{phase: Running}");
        await _fixture.ChangeAsync(Pods, "ns/going", pod => pod.EditMap("metadata").Set("deletionTimestamp", "2026-01-02T03:04:00Z"));
        await _fixture.ChangeAsync(Pods, "ns/unready", pod => pod.EditMap("metadata").EditMap("labels").Remove("tier"));
        await _fixture.SyncAsync("ns/web");

        Assert.True(Status().DeepEquals(ControllerFixture.Yaml(
            "{replicas: 3, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 1, terminatingReplicas: 1, observedGeneration: 7}")));

        // The second ready pod is available after its minute, without any event.
        await _fixture.DrainAsync();
        Assert.Equal(TimeSpan.FromSeconds(20), _fixture.Time.UntilNextTimer);
        _fixture.Time.Advance(TimeSpan.FromSeconds(20));
        await _fixture.DrainAsync();
        Assert.Equal(2, Status().GetInteger("availableReplicas"));
    }

    [Fact]
    public async Task A_status_that_holds_is_not_written_again()
    {
        await CreateSetAsync(1);
        await _fixture.DrainAsync();
        _fixture.ForgetRequests();
        await _fixture.SyncAsync("ns/web");

        Assert.Empty(_fixture.Writes);
    }

    [Fact]
    public async Task Pods_of_a_set_of_the_same_name_are_not_counted_for_its_successor()
    {
        await CreateSetAsync(1);
        await _fixture.CreateAsync(Pods, "{apiVersion: v1, kind: Pod, metadata: {name: old, namespace: ns, labels: {app: web}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: before, controller: true}]}}");
        await _fixture.DrainAsync();

        Assert.Equal(2, _fixture.Api.All(Pods).Count);
        Assert.Equal(1, Status().GetInteger("replicas"));
    }

    [Fact]
    public async Task A_pod_that_goes_is_replaced()
    {
        await CreateSetAsync(2);
        await _fixture.DrainAsync();
        await _fixture.DeleteAsync(Pods, ObjectMetaAccessor.GetKey(_fixture.Api.All(Pods)[0]));
        await _fixture.DrainAsync();

        Assert.Equal(2, _fixture.Api.All(Pods).Count);
        Assert.Equal(["create pods"], _fixture.Writes.Where(w => w.Contains(" pods", StringComparison.Ordinal)));
    }

    private Map Status() => _fixture.Api.Find(Sets, "ns/web")!.GetMap("status")!;

    private Task<Map> CreateSetAsync(int replicas, int minReadySeconds = 0, int generation = 1, string annotations = "{}", string? owners = null, bool deleted = false)
    {
        var set = ControllerFixture.Yaml(
            $$"""
            apiVersion: apps/v1
            kind: ReplicaSet
            metadata: {name: web, namespace: ns, uid: set-1, generation: {{generation}} }
            spec:
              replicas: {{replicas}}
              minReadySeconds: {{minReadySeconds}}
              selector: {matchLabels: {app: web} }
              template:
                metadata: {labels: {app: web, tier: front}, annotations: {{annotations}} }
                spec: {containers: [{name: c, image: image}]}
            """);
        if (owners is not null)
            set.EditMap("metadata").Set("ownerReferences", ControllerFixture.Yaml($"{{o: {owners}}}").GetSequence("o")!);
        if (deleted)
            set.EditMap("metadata").Set("deletionTimestamp", "2026-01-02T03:04:00Z");
        return _fixture.CreateAsync(Sets, set);
    }

    private Task<Map> CreatePodAsync(string name, string spec = "{}", string status = "{}") => _fixture.CreateAsync(
        Pods,
        $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          namespace: ns
          labels: {app: web, tier: front}
          ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: set-1, controller: true, blockOwnerDeletion: true}]
        spec: {{spec}}
        status: {{status}}
        """);
}
