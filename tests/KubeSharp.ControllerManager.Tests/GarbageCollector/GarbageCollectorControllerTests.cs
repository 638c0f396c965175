using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Tests;
using KubeSharp.ControllerManager.GarbageCollector;

namespace KubeSharp.ControllerManager.Tests.GarbageCollector;

public sealed class GarbageCollectorControllerTests : IAsyncDisposable
{
    private static readonly GroupVersionResource Sets = new("apps", "v1", "replicasets");
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Nodes = new("", "v1", "nodes");

    private readonly ControllerFixture _fixture = new(Sets, Pods, Nodes);

    public GarbageCollectorControllerTests() => _fixture.Start(context => new GarbageCollectorController(
        context, [new(Sets, "ReplicaSet", true), new(Pods, "Pod", true), new(Nodes, "Node", false)]));

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Dependents_go_after_their_owner_in_the_background()
    {
        await CreateSetAsync("owner");
        await CreatePodAsync("p", Ref("owner"));
        await _fixture.DrainAsync();
        Assert.Equal("p", Left());

        await _fixture.DeleteAsync(Sets, "ns/owner");
        await _fixture.DrainAsync();
        Assert.Equal("", Left());
        var (_, _, detail) = Assert.Single(_fixture.Api.Requests, r => r.Verb == "delete");
        Assert.True(((Map)detail!).DeepEquals(ControllerFixture.Yaml("{preconditions: {uid: p}, propagationPolicy: Background}")));
    }

    [Fact]
    public async Task A_kind_that_comes_later_is_collected_and_forgotten_when_it_goes()
    {
        var widgets = new GroupVersionResource("example.org", "v1", "widgets");
        List<GarbageCollectedResource> resources = [new(Sets, "ReplicaSet", true), new(Pods, "Pod", true)];
        await using var fixture = new ControllerFixture(Sets, Pods);
        await fixture.CreateAsync(widgets, "{apiVersion: example.org/v1, kind: Widget, metadata: {name: w, namespace: ns, uid: w}}");
        await fixture.CreateAsync(Pods, "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns, uid: p, ownerReferences: [{apiVersion: example.org/v1, kind: Widget, name: w, uid: w}]}}");
        GarbageCollectorController? collector = null;
        fixture.Start(context => collector = new GarbageCollectorController(context, [.. resources], _ => new([.. resources])));
        await fixture.DeleteAsync(widgets, "ns/w");
        await fixture.DrainAsync();
        // An owner of a kind that nobody knows may be there.
        Assert.NotNull(fixture.Api.Find(Pods, "ns/p"));

        resources.Add(new(widgets, "Widget", true));
        await collector!.ResyncMonitorsAsync(fixture.Token);
        await fixture.CreateAsync(widgets, "{apiVersion: example.org/v1, kind: Widget, metadata: {name: top, namespace: ns, uid: top}}");
        await fixture.CreateAsync(widgets, "{apiVersion: example.org/v1, kind: Widget, metadata: {name: below, namespace: ns, uid: below, ownerReferences: [{apiVersion: example.org/v1, kind: Widget, name: top, uid: top}]}}");
        await fixture.ChangeAsync(Pods, "ns/p", pod => pod.EditMap("metadata").Set("labels", new Map { { "seen", "again" } }));
        await Eventually.TrueAsync(() => collector.Queue.Count > 0, "the widgets");
        await fixture.DrainAsync();
        Assert.Null(fixture.Api.Find(Pods, "ns/p"));
        await fixture.DeleteAsync(widgets, "ns/top");
        await Eventually.TrueAsync(() => collector.Queue.Count > 0, "the deletion");
        await fixture.DrainAsync();
        Assert.Empty(fixture.Api.All(widgets));

        await fixture.CreateAsync(Pods, "{apiVersion: v1, kind: Pod, metadata: {name: q, namespace: ns, uid: q, ownerReferences: [{apiVersion: example.org/v1, kind: Widget, name: w, uid: w}]}}");
        resources.RemoveAt(2);
        await collector.ResyncMonitorsAsync(fixture.Token);
        await fixture.DrainAsync();
        Assert.NotNull(fixture.Api.Find(Pods, "ns/q"));
    }

    [Fact]
    public async Task Chains_of_owners_go()
    {
        await CreateSetAsync("top");
        await _fixture.CreateAsync(Sets, $"{{apiVersion: apps/v1, kind: ReplicaSet, metadata: {{name: middle, namespace: ns, uid: middle, ownerReferences: [{Ref("top")}]}}}}");
        await CreatePodAsync("p", Ref("middle"));
        await _fixture.DeleteAsync(Sets, "ns/top");
        await _fixture.DrainAsync();

        Assert.Empty(_fixture.Api.All(Sets));
        Assert.Equal("", Left());
    }

    [Theory]
    [InlineData("one that is there", "{apiVersion: apps/v1, kind: ReplicaSet, name: owner, uid: owner}", true)]
    [InlineData("one that never was", "{apiVersion: apps/v1, kind: ReplicaSet, name: gone, uid: gone}", false)]
    [InlineData("another of its name", "{apiVersion: apps/v1, kind: ReplicaSet, name: owner, uid: before}", false)]
    [InlineData("another version of the group", "{apiVersion: apps/v1beta1, kind: ReplicaSet, name: owner, uid: owner}", true)]
    [InlineData("a kind that nobody knows", "{apiVersion: example.org/v1, kind: Thing, name: t, uid: t}", true)]
    [InlineData("a cluster-scoped one", "{apiVersion: v1, kind: Node, name: host, uid: host}", true)]
    [InlineData("a cluster-scoped one that is gone", "{apiVersion: v1, kind: Node, name: lost, uid: lost}", false)]
    [InlineData("one of two", "{apiVersion: apps/v1, kind: ReplicaSet, name: gone, uid: gone}, {apiVersion: v1, kind: Node, name: host, uid: host}", true)]
    public async Task An_object_stays_while_it_has_an_owner(string what, string owners, bool stays)
    {
        await CreateSetAsync("owner");
        await _fixture.CreateAsync(Nodes, "{apiVersion: v1, kind: Node, metadata: {name: host, uid: host}}");
        await CreatePodAsync("p", owners);
        await _fixture.DrainAsync();

        Assert.True(stays == (Left() == "p"), what);
        if (what == "one of two")
            Assert.Equal("host", Assert.Single(ObjectMetaAccessor.GetOwnerReferences(_fixture.Api.Find(Pods, "ns/p")!)!).AsMap!.GetString("name"));
    }

    [Fact]
    public async Task An_owner_in_another_namespace_is_none()
    {
        await CreateSetAsync("owner", ns: "elsewhere");
        await CreatePodAsync("p", Ref("owner"));
        await _fixture.DrainAsync();

        Assert.Equal("", Left());
        Assert.Contains("Warning OwnerRefInvalidNamespace: ownerRef [apps/v1/ReplicaSet, namespace: ns, name: owner, uid: owner] does not exist in namespace \"ns\"", await _fixture.EventsAsync());
    }

    [Theory]
    [InlineData("orphan", "Orphan")]
    [InlineData("foregroundDeletion", "Foreground")]
    [InlineData("example.org/other", "Background")]
    public async Task Finalizers_of_a_dependent_say_how_it_is_deleted(string finalizer, string policy)
    {
        await CreatePodAsync("p", Ref("gone"), $"[{finalizer}]");
        await _fixture.DrainAsync();

        var deletion = _fixture.Api.Requests.First(r => r.Verb == "delete");
        Assert.Equal(policy, ((Map)deletion.Detail!).GetString("propagationPolicy"));
    }

    [Fact]
    public async Task Orphaning_keeps_the_dependents()
    {
        await CreateSetAsync("owner");
        await CreatePodAsync("p", Ref("owner"));
        await CreatePodAsync("q", $"{Ref("owner")}, {{apiVersion: v1, kind: Node, name: host, uid: host}}");
        await _fixture.CreateAsync(Nodes, "{apiVersion: v1, kind: Node, metadata: {name: host, uid: host}}");
        await _fixture.DrainAsync();
        await _fixture.DeleteAsync(Sets, "ns/owner", "Orphan");
        await _fixture.DrainAsync();

        Assert.Empty(_fixture.Api.All(Sets));
        Assert.Equal("p q", Left());
        Assert.True(ObjectMetaAccessor.GetOwnerReferences(_fixture.Api.Find(Pods, "ns/p")!) is null or { Count: 0 });
        Assert.Equal("host", Assert.Single(ObjectMetaAccessor.GetOwnerReferences(_fixture.Api.Find(Pods, "ns/q")!)!).AsMap!.GetString("name"));
    }

    [Fact]
    public async Task Foreground_deletion_ends_with_the_owner()
    {
        await CreateSetAsync("owner");
        await CreatePodAsync("blocking", Ref("owner", true), "[example.org/held]");
        await CreatePodAsync("free", Ref("owner"));
        await _fixture.DrainAsync();
        await _fixture.DeleteAsync(Sets, "ns/owner", "Foreground");
        await _fixture.DrainAsync();

        // The owner waits for the one that blocks it.
        Assert.Equal("blocking", Left());
        Assert.NotNull(_fixture.Api.Find(Sets, "ns/owner"));
        Assert.True(ObjectMetaAccessor.IsBeingDeleted(_fixture.Api.Find(Pods, "ns/blocking")!));

        await _fixture.ChangeAsync(Pods, "ns/blocking", pod => pod.EditMap("metadata").Remove("finalizers"));
        await _fixture.DrainAsync();
        Assert.Equal("", Left());
        Assert.Empty(_fixture.Api.All(Sets));
    }

    [Fact]
    public async Task Dependents_that_do_not_block_do_not_delay_their_owner()
    {
        await CreateSetAsync("owner");
        await CreatePodAsync("held", Ref("owner"), "[example.org/held]");
        await _fixture.DrainAsync();
        await _fixture.DeleteAsync(Sets, "ns/owner", "Foreground");
        await _fixture.DrainAsync();

        Assert.Empty(_fixture.Api.All(Sets));
    }

    [Fact]
    public async Task A_reference_to_an_owner_in_foreground_deletion_goes_when_another_owner_lives()
    {
        await CreateSetAsync("dying");
        await CreateSetAsync("living");
        await CreatePodAsync("p", $"{Ref("dying", true)}, {Ref("living")}");
        await _fixture.DrainAsync();
        await _fixture.DeleteAsync(Sets, "ns/dying", "Foreground");
        await _fixture.DrainAsync();

        Assert.Equal("p", Left());
        Assert.False(ObjectMetaAccessor.IsBeingDeleted(_fixture.Api.Find(Pods, "ns/p")!));
        Assert.Equal("living", Assert.Single(ObjectMetaAccessor.GetOwnerReferences(_fixture.Api.Find(Pods, "ns/p")!)!).AsMap!.GetString("name"));
        Assert.Equal("living", ControllerFixture.Names(_fixture.Api.All(Sets)));
    }

    [Fact]
    public async Task An_object_is_not_deleted_when_the_server_cannot_tell_of_its_owner()
    {
        await _fixture.SettleAsync();
        _fixture.Api.OnRequest = (verb, _, _) =>
        {
            if (verb == "get")
                throw StatusErrors.InternalError("down");
        };
        await CreatePodAsync("p", Ref("gone"));
        var failures = await _fixture.DrainAsync();

        Assert.NotEmpty(failures);
        Assert.Equal("p", Left());
        _fixture.Api.OnRequest = null;
    }

    private static string Ref(string name, bool blocks = false) =>
        $"{{apiVersion: apps/v1, kind: ReplicaSet, name: {name}, uid: {name}{(blocks ? ", blockOwnerDeletion: true" : "")}}}";

    private string Left() => ControllerFixture.Names(_fixture.Api.All(Pods));

    private Task<Map> CreateSetAsync(string name, string ns = "ns") =>
        _fixture.CreateAsync(Sets, $"{{apiVersion: apps/v1, kind: ReplicaSet, metadata: {{name: {name}, namespace: {ns}, uid: {name}}}}}");

    private Task<Map> CreatePodAsync(string name, string owners, string finalizers = "[]") => _fixture.CreateAsync(
        Pods, $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: ns, uid: {name}, ownerReferences: [{owners}], finalizers: {finalizers}}}}}");
}
