using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ControllerManager.Endpoint;

namespace KubeSharp.ControllerManager.Tests.Endpoint;

public sealed class EndpointsControllerTests : IAsyncDisposable
{
    private static readonly GroupVersionResource Services = new("", "v1", "services");
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Endpoints = new("", "v1", "endpoints");

    private const string Port = "[{port: 80, protocol: TCP, targetPort: 8080}]";

    private readonly ControllerFixture _fixture = new(Services, Pods, Endpoints);

    public EndpointsControllerTests() => _fixture.Start(context => new EndpointsController(context));

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Ready_and_unready_pods_are_told_apart()
    {
        await CreateServiceAsync(Port);
        await CreatePodAsync("a", "10.0.0.1", ready: true);
        await CreatePodAsync("b", "10.0.0.2", ready: false);
        await CreatePodAsync("other", "10.0.0.3", ready: true, labels: "{app: other}");
        await CreatePodAsync("ended", "10.0.0.4", ready: true, phase: "Succeeded");
        await CreatePodAsync("going", "10.0.0.5", ready: true, deleted: true);
        await CreatePodAsync("starting", "", ready: false);
        await _fixture.DrainAsync();

        Assert.True(Subsets().DeepEquals(Sequence(
            """
            [{addresses: [{ip: 10.0.0.1, nodeName: n1, targetRef: {kind: Pod, namespace: ns, name: a, uid: a}}],
              notReadyAddresses: [{ip: 10.0.0.2, nodeName: n1, targetRef: {kind: Pod, namespace: ns, name: b, uid: b}}],
              ports: [{port: 8080, protocol: TCP}]}]
            """)));
    }

    [Fact]
    public async Task Addresses_are_published_before_and_after_they_are_ready_where_asked()
    {
        await CreateServiceAsync(Port, "publishNotReadyAddresses: true");
        await CreatePodAsync("a", "10.0.0.1", ready: false);
        await CreatePodAsync("b", "10.0.0.2", ready: true, deleted: true);
        await _fixture.DrainAsync();

        Assert.Equal("10.0.0.1 10.0.0.2", Ips("addresses"));
        Assert.Equal("", Ips("notReadyAddresses"));
    }

    [Theory]
    [InlineData("clusterIP: None", "[]", true, "10.0.0.1")] // names without ports
    [InlineData("clusterIP: 10.1.0.1", "[]", false, "")]
    [InlineData("clusterIP: None", Port, true, "10.0.0.1")]
    [InlineData("clusterIP: 10.1.0.1", Port, false, "10.0.0.1")]
    [InlineData("clusterIP: 10.1.0.1", "[{port: 80, protocol: TCP, targetPort: absent}]", false, "")]
    public async Task Headless_services(string spec, string ports, bool headless, string ips)
    {
        await CreateServiceAsync(ports, spec);
        await CreatePodAsync("a", "10.0.0.1", ready: true);
        await _fixture.DrainAsync();

        Assert.Equal(ips, Ips("addresses"));
        Assert.Equal(headless ? "" : null, ObjectMetaAccessor.GetLabel(Found()!, "service.kubernetes.io/headless"));
        Assert.Equal("endpoint-controller", ObjectMetaAccessor.GetLabel(Found()!, "endpoints.kubernetes.io/managed-by"));
    }

    [Fact]
    public async Task Named_ports_are_looked_up_in_each_pod()
    {
        await CreateServiceAsync("[{name: web, port: 80, protocol: TCP, targetPort: http}, {name: dns, port: 53, protocol: UDP, targetPort: http}]");
        await CreatePodAsync("a", "10.0.0.1", ready: true, spec: "containers: [{name: c, ports: [{name: http, containerPort: 8001, protocol: TCP}]}]");
        await CreatePodAsync("b", "10.0.0.2", ready: true, spec: "initContainers: [{name: s, restartPolicy: Always, ports: [{name: http, containerPort: 8002}]}]");
        await CreatePodAsync("c", "10.0.0.3", ready: true, spec: "initContainers: [{name: s, ports: [{name: http, containerPort: 8003}]}]");
        await _fixture.DrainAsync();

        Assert.Equal(
            ["10.0.0.1 web:8001/TCP", "10.0.0.2 web:8002/TCP"],
            Subsets().Select(s => s.AsMap!).Select(s => $"{s.GetSequence("addresses")![0].AsMap!.GetString("ip")} {Ports(s)}"));
    }

    [Fact]
    public async Task Pods_with_a_name_in_the_service_have_a_hostname()
    {
        await CreateServiceAsync(Port);
        await CreatePodAsync("a", "10.0.0.1", ready: true, spec: "hostname: h, subdomain: web");
        await CreatePodAsync("b", "10.0.0.2", ready: true, spec: "hostname: h, subdomain: other");
        await _fixture.DrainAsync();

        Assert.Equal(["h", null], Subsets()[0].AsMap!.GetSequence("addresses")!.Select(a => a.AsMap!.GetString("hostname")));
    }

    [Fact]
    public async Task Changes_are_followed()
    {
        await CreateServiceAsync(Port);
        await CreatePodAsync("a", "10.0.0.1", ready: true);
        await _fixture.DrainAsync();
        await _fixture.ChangeAsync(Pods, "ns/a", pod => pod.EditMap("metadata").Set("labels", ControllerFixture.Yaml("{app: debug}")));
        await _fixture.DrainAsync();
        Assert.Empty(Subsets());

        await _fixture.ChangeAsync(Services, "ns/web", s => s.EditMap("metadata").Set("labels", ControllerFixture.Yaml("{team: x}")));
        await _fixture.DrainAsync();
        Assert.Equal("x", ObjectMetaAccessor.GetLabel(Found()!, "team"));
        _fixture.ForgetRequests();
        await _fixture.SyncAsync("ns/web");
        Assert.Empty(_fixture.Writes);

        await _fixture.DeleteAsync(Services, "ns/web");
        await _fixture.DrainAsync();
        Assert.Null(Found());
    }

    [Theory]
    [InlineData("type: ExternalName, externalName: example.org, selector: {app: web}")]
    [InlineData("type: ClusterIP")]
    public async Task Services_that_select_nothing_are_left_alone(string spec)
    {
        await _fixture.CreateAsync(Services, $"{{apiVersion: v1, kind: Service, metadata: {{name: web, namespace: ns}}, spec: {{{spec}, ports: {Port}}}}}");
        await CreatePodAsync("a", "10.0.0.1", ready: true);
        await _fixture.DrainAsync();

        Assert.Null(Found());
    }

    private Map? Found() => _fixture.Api.Find(Endpoints, "ns/web");

    private Sequence Subsets() => Found()!.GetSequence("subsets") ?? ApiMachinery.Documents.Sequence.Empty;

    private string Ips(string field) => string.Join(' ', Subsets().SelectMany(s => s.AsMap!.GetSequence(field) ?? ApiMachinery.Documents.Sequence.Empty).Select(a => a.AsMap!.GetString("ip")));

    private static string Ports(Map subset) =>
        string.Join(' ', subset.GetSequence("ports")!.Select(p => p.AsMap!).Select(p => $"{p.GetString("name")}:{p.GetInteger("port")}/{p.GetString("protocol")}"));

    private static Sequence Sequence(string yaml) => ControllerFixture.Yaml($"{{s: {yaml}}}").GetSequence("s")!;

    private Task<Map> CreateServiceAsync(string ports, string spec = "clusterIP: 10.1.0.1") => _fixture.CreateAsync(
        Services, $"{{apiVersion: v1, kind: Service, metadata: {{name: web, namespace: ns}}, spec: {{selector: {{app: web}}, ports: {ports}, {spec}}}}}");

    private async Task CreatePodAsync(string name, string ip, bool ready, string labels = "{app: web}", string phase = "Running", bool deleted = false, string spec = "containers: [{name: c}]")
    {
        var pod = ControllerFixture.Yaml(
            $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: ns, uid: {name}, labels: {labels}}}, spec: {{nodeName: n1, {spec}}}, status: {{phase: {phase}, conditions: [{{type: Ready, status: '{ready}'}}]}}}}");
        if (ip.Length > 0)
            pod.EditMap("status").Set("podIP", ip);
        if (deleted)
            pod.EditMap("metadata").Set("deletionTimestamp", "2026-01-02T03:04:00Z");
        await _fixture.CreateAsync(Pods, pod);
    }
}
