using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ControllerManager.EndpointSlice;

namespace KubeSharp.ControllerManager.Tests.EndpointSlice;

public sealed class EndpointSliceControllerTests : IAsyncDisposable
{
    private static readonly GroupVersionResource Services = new("", "v1", "services");
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Slices = new("discovery.k8s.io", "v1", "endpointslices");

    private readonly ControllerFixture _fixture = new(Services, Pods, Slices);

    public EndpointSliceControllerTests() => _fixture.Start(context => new EndpointSliceController(context));

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_slice_belongs_to_its_service()
    {
        await CreateServiceAsync(metadata: "labels: {team: x, service.kubernetes.io/headless: forged}");
        await CreatePodAsync("a", 1);
        await _fixture.DrainAsync();

        var slice = Assert.Single(_fixture.Api.All(Slices));
        Assert.StartsWith("web-", ObjectMetaAccessor.GetName(slice), StringComparison.Ordinal);
        Assert.True(ObjectMetaAccessor.GetLabels(slice)!.DeepEquals(ControllerFixture.Yaml(
            "{team: x, kubernetes.io/service-name: web, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io}")));
        Assert.True(ObjectMetaAccessor.GetOwnerReferences(slice)![0].AsMap!.DeepEquals(ControllerFixture.Yaml(
            "{apiVersion: v1, kind: Service, name: web, uid: s1, controller: true, blockOwnerDeletion: true}")));
        Assert.Equal("IPv4", slice.GetString("addressType"));
        Assert.True(slice.GetSequence("ports")![0].AsMap!.DeepEquals(ControllerFixture.Yaml("{name: '', port: 8080, protocol: TCP}")));
        Assert.True(slice.GetSequence("endpoints")![0].AsMap!.DeepEquals(ControllerFixture.Yaml(
            "{addresses: [10.0.0.1], conditions: {ready: true, serving: true, terminating: false}, nodeName: n1, targetRef: {kind: Pod, namespace: ns, name: a, uid: a}}")));
    }

    [Theory]
    // ready, being deleted, publishNotReadyAddresses; then ready, serving, terminating
    [InlineData(true, false, false, true, true, false)]
    [InlineData(false, false, false, false, false, false)]
    [InlineData(true, true, false, false, true, true)]
    [InlineData(false, true, false, false, false, true)]
    [InlineData(false, false, true, true, false, false)]
    [InlineData(true, true, true, true, true, true)]
    public async Task Conditions(bool podReady, bool deleted, bool publish, bool ready, bool serving, bool terminating)
    {
        await CreateServiceAsync(publish ? "publishNotReadyAddresses: true" : "clusterIP: 10.1.0.1");
        await CreatePodAsync("a", 1, podReady, deleted);
        await _fixture.DrainAsync();

        var conditions = Assert.Single(_fixture.Api.All(Slices)).GetSequence("endpoints")![0].AsMap!.GetMap("conditions")!;
        Assert.Equal((ready, serving, terminating), (conditions.GetBoolean("ready"), conditions.GetBoolean("serving"), conditions.GetBoolean("terminating")));
    }

    [Fact]
    public async Task A_headless_service_is_labelled()
    {
        await CreateServiceAsync("clusterIP: None");
        await _fixture.DrainAsync();

        Assert.Equal("", ObjectMetaAccessor.GetLabel(Assert.Single(_fixture.Api.All(Slices)), "service.kubernetes.io/headless"));
    }

    [Fact]
    public async Task Named_ports_that_differ_make_slices()
    {
        await CreateServiceAsync(ports: "[{name: web, port: 80, protocol: TCP, targetPort: http, appProtocol: h2c}]");
        await CreatePodAsync("a", 1, spec: "containers: [{name: c, ports: [{name: http, containerPort: 8001}]}]");
        await CreatePodAsync("b", 2, spec: "containers: [{name: c, ports: [{name: http, containerPort: 8002}]}]");
        await CreatePodAsync("c", 3, spec: "containers: [{name: c, ports: [{name: http, containerPort: 8001}]}]");
        await _fixture.DrainAsync();

        Assert.Equal(
            ["8001 h2c: a c", "8002 h2c: b"],
            _fixture.Api.All(Slices).Select(slice => $"{slice.GetSequence("ports")![0].AsMap!.GetInteger("port")} {slice.GetSequence("ports")![0].AsMap!.GetString("appProtocol")}: {Targets(slice)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task More_than_a_hundred_pods_take_two_slices()
    {
        await CreateServiceAsync();
        for (var i = 1; i <= 101; i++)
            await CreatePodAsync($"p{i}", i);
        await _fixture.DrainAsync();
        Assert.Equal([1, 100], _fixture.Api.All(Slices).Select(s => s.GetSequence("endpoints")!.Count).Order());

        await _fixture.DeleteAsync(Pods, "ns/p7");
        await _fixture.DrainAsync();
        Assert.Equal(100, _fixture.Api.All(Slices).Sum(s => s.GetSequence("endpoints")!.Count));
    }

    [Fact]
    public async Task The_last_pod_leaves_an_empty_slice()
    {
        await CreateServiceAsync();
        await CreatePodAsync("a", 1);
        await _fixture.DrainAsync();
        await _fixture.DeleteAsync(Pods, "ns/a");
        await _fixture.DrainAsync();

        Assert.Empty(Assert.Single(_fixture.Api.All(Slices)).GetSequence("endpoints")!);
    }

    [Fact]
    public async Task Labels_follow_the_service()
    {
        await CreateServiceAsync();
        await _fixture.DrainAsync();
        await _fixture.ChangeAsync(Services, "ns/web", s => s.EditMap("metadata").Set("labels", ControllerFixture.Yaml("{team: x}")));
        await _fixture.DrainAsync();

        Assert.Equal("x", ObjectMetaAccessor.GetLabel(Assert.Single(_fixture.Api.All(Slices)), "team"));
    }

    [Fact]
    public async Task What_others_change_or_delete_is_put_right()
    {
        await CreateServiceAsync();
        await CreatePodAsync("a", 1);
        await _fixture.DrainAsync();
        var key = ObjectMetaAccessor.GetKey(_fixture.Api.All(Slices)[0]);
        await _fixture.ChangeAsync(Slices, key, slice =>
        {
            slice.EditMap("metadata").Set("generation", 9);
            slice.Set("endpoints", new Sequence(0));
        });
        await _fixture.DrainAsync();
        Assert.Equal("a", Targets(_fixture.Api.Find(Slices, key)!));

        await _fixture.DeleteAsync(Slices, key);
        await _fixture.DrainAsync();
        Assert.Equal("a", Targets(Assert.Single(_fixture.Api.All(Slices))));
    }

    [Fact]
    public async Task Slices_of_others_are_left_alone()
    {
        await CreateServiceAsync();
        await _fixture.CreateAsync(Slices, "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: mine, namespace: ns, labels: {kubernetes.io/service-name: web, endpointslice.kubernetes.io/managed-by: me}}, endpoints: []}");
        await CreatePodAsync("a", 1);
        await _fixture.DrainAsync();

        Assert.Equal(2, _fixture.Api.All(Slices).Count);
        Assert.Empty(_fixture.Api.Find(Slices, "ns/mine")!.GetSequence("endpoints")!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_service_that_goes_gets_no_new_slice(bool gone)
    {
        await CreateServiceAsync(metadata: "deletionTimestamp: '2026-01-02T03:00:00Z'");
        if (gone)
            await _fixture.DeleteAsync(Services, "ns/web");
        await _fixture.DrainAsync();

        Assert.Empty(_fixture.Writes);
    }

    private static string Targets(Map slice) => ControllerFixture.Names(slice.GetSequence("endpoints")!.Select(e => new Map { { "metadata", e.AsMap!.GetMap("targetRef")!.DeepClone() } }));

    private Task<Map> CreateServiceAsync(string spec = "clusterIP: 10.1.0.1", string ports = "[{port: 80, protocol: TCP, targetPort: 8080}]", string metadata = "labels: {}") => _fixture.CreateAsync(
        Services, $"{{apiVersion: v1, kind: Service, metadata: {{name: web, namespace: ns, uid: s1, {metadata}}}, spec: {{selector: {{app: web}}, ports: {ports}, {spec}}}}}");

    private async Task CreatePodAsync(string name, int ip, bool ready = true, bool deleted = false, string spec = "containers: [{name: c}]")
    {
        var pod = ControllerFixture.Yaml(
            $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: ns, uid: {name}, labels: {{app: web}}}}, spec: {{nodeName: n1, {spec}}}, status: {{phase: Running, podIP: 10.0.0.{ip}, conditions: [{{type: Ready, status: '{ready}'}}]}}}}");
        if (deleted)
            pod.EditMap("metadata").Set("deletionTimestamp", "2026-01-02T03:04:00Z");
        await _fixture.CreateAsync(Pods, pod);
    }
}
