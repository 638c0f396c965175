using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ComponentBase.Tests;
using KubeSharp.ControllerManager.ClusterRoleAggregation;
using KubeSharp.ControllerManager.Namespace;
using KubeSharp.ControllerManager.NodeLifecycle;
using KubeSharp.ControllerManager.PodGarbageCollector;
using KubeSharp.ControllerManager.RootCaCertificatePublisher;
using KubeSharp.ControllerManager.ServiceAccount;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.ControllerManager.Tests;

/// <summary>The controllers that keep namespaces, nodes and their pods in order, against the fake API.</summary>
public sealed class ClusterControllersTests : IAsyncDisposable
{
    private static readonly GroupVersionResource Namespaces = new("", "v1", "namespaces");
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Nodes = new("", "v1", "nodes");
    private static readonly GroupVersionResource ConfigMaps = new("", "v1", "configmaps");
    private static readonly GroupVersionResource ClusterRoles = new("rbac.authorization.k8s.io", "v1", "clusterroles");
    private static readonly GroupVersionResource ServiceAccounts = new("", "v1", "serviceaccounts");

    private readonly FakeApiServer _api = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ControllerContext _context;
    private Controller? _controller;
    private Task _running = Task.CompletedTask;

    public ClusterControllersTests() => _context = new ControllerContext(
        _api, new SharedInformerFactory(_api, _time, NullLoggerFactory.Instance),
        new EventBroadcaster(_api, _time, NullLogger.Instance), _time, NullLoggerFactory.Instance);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _context.Informers.StoppedAsync();
        _controller?.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task ActiveNamespacesGetTheirAccount()
    {
        await CreateAsync(Namespaces, "Namespace", "", "a", ("status", new Map { { "phase", "Active" } }));
        await CreateAsync(Namespaces, "Namespace", "", "b", ("status", new Map { { "phase", "Terminating" } }));
        Start(new ServiceAccountsController(_context));

        await Eventually.TrueAsync(() => _api.Find(ServiceAccounts, "a/default") is not null, "the account");
        Assert.Null(_api.Find(ServiceAccounts, "b/default"));
    }

    [Fact]
    public async Task NamespacesGetTheRootCertificate()
    {
        await CreateAsync(Namespaces, "Namespace", "", "a", ("status", new Map { { "phase", "Active" } }));
        Start(new RootCaCertificatePublisherController(_context, "PEM"));

        await Eventually.TrueAsync(() => _api.Find(ConfigMaps, "a/kube-root-ca.crt") is not null, "the certificate");
        Assert.Equal("PEM", _api.Find(ConfigMaps, "a/kube-root-ca.crt")!.GetMap("data")!.GetString("ca.crt"));
    }

    [Fact]
    public async Task AggregatedRolesCollectTheRulesOfTheirSelectors()
    {
        var first = Rule("get", "pods");
        await CreateRoleAsync("a", "to-edit", first, Rule("list", "pods"));
        await CreateRoleAsync("b", "to-edit", first, Rule("get", "jobs"));
        await CreateRoleAsync("c", "to-other", Rule("delete", "nodes"));
        var selector = new Map { { "matchLabels", new Map { { "to-edit", "true" } } } };
        await CreateAsync(ClusterRoles, "ClusterRole", "", "edit", ("aggregationRule", new Map { { "clusterRoleSelectors", new Sequence { selector } } }));
        Start(new ClusterRoleAggregationController(_context));

        await Eventually.TrueAsync(() => _api.Find(ClusterRoles, "edit")!.GetSequence("rules") is { Count: > 0 }, "the rules");
        Assert.True(_api.Find(ClusterRoles, "edit")!.GetSequence("rules")!.DeepEquals([first, Rule("list", "pods"), Rule("get", "jobs")]));

        static Map Rule(string verb, string resource) => new() { { "verbs", new Sequence { verb } }, { "apiGroups", new Sequence { "" } }, { "resources", new Sequence { resource } } };

        async Task CreateRoleAsync(string name, string label, params Value[] rules)
        {
            var role = FakeApiServer.Object("ClusterRole", "", name);
            role.EditMap("metadata")["labels"] = new Map { { label, "true" } };
            foreach (var rule in rules)
                role.EditSequence("rules").Add(rule.DeepClone());
            await _api.CreateAsync(new(ClusterRoles), role, _stop.Token);
        }
    }

    [Fact]
    public async Task ADeletedNamespaceIsEmptiedAndLetGo()
    {
        await CreateAsync(ConfigMaps, "ConfigMap", "a", "c");
        await CreateAsync(Namespaces, "Namespace", "", "a", ("spec", new Map { { "finalizers", new Sequence { "kubernetes", "other" } } }), deleted: true);
        Start(new NamespaceController(_context, _ => new([ConfigMaps, Pods])));

        await AdvanceUntilAsync(() => _api.Requests.Any(r => r.Request.Subresource == "finalize"), "finalize");
        var ns = _api.Find(Namespaces, "a")!;
        Assert.Empty(_api.All(ConfigMaps));
        Assert.Equal("Terminating", ns.GetMap("status")!.GetString("phase"));
        await Eventually.TrueAsync(() => _api.Find(Namespaces, "a")!.GetMap("spec")!.GetSequence("finalizers")!.Count == 1, "the finalizer to go");
        Assert.Equal("other", _api.Find(Namespaces, "a")!.GetMap("spec")!.GetSequence("finalizers")![0].AsString);
    }

    [Fact]
    public async Task UnscheduledDeletedAndOrphanedPodsAreCollected()
    {
        await CreateAsync(Pods, "Pod", "a", "unscheduled", deleted: true);
        await CreateAsync(Pods, "Pod", "a", "orphan", ("spec", new Map { { "nodeName", "gone" } }));
        await CreateAsync(Nodes, "Node", "", "here");
        await CreateAsync(Pods, "Pod", "a", "fine", ("spec", new Map { { "nodeName", "here" } }));
        Start(new PodGarbageCollectorController(_context));

        await Eventually.TrueAsync(() => _api.Find(Pods, "a/unscheduled") is null, "the unscheduled pod to go");
        Assert.NotNull(_api.Find(Pods, "a/orphan"));
        await AdvanceUntilAsync(() => _api.Find(Pods, "a/orphan") is null, "the orphan to go");
        Assert.NotNull(_api.Find(Pods, "a/fine"));
    }

    [Fact]
    public async Task ASilentNodeIsTaintedAndItsPodsEvictedInTime()
    {
        await CreateAsync(Nodes, "Node", "", "n", ("status", new Map { { "conditions", new Sequence { Condition("Ready", "True") } } }));
        await CreateAsync(Pods, "Pod", "a", "intolerant", ("spec", new Map { { "nodeName", "n" } }));
        var toleration = new Map { { "key", "node.kubernetes.io/unreachable" }, { "operator", "Exists" }, { "tolerationSeconds", 300 } };
        await CreateAsync(Pods, "Pod", "a", "patient", ("spec", new Map { { "nodeName", "n" }, { "tolerations", new Sequence { toleration } } }));
        var started = _time.GetUtcNow();
        Start(new NodeLifecycleController(_context));

        await AdvanceUntilAsync(() => _api.Find(Pods, "a/intolerant") is null, "the intolerant pod to go");
        Assert.True(_time.GetUtcNow() - started > TimeSpan.FromSeconds(50));
        var node = _api.Find(Nodes, "n")!;
        Assert.Equal("Unknown", node.GetMap("status")!.GetSequence("conditions")![0].AsMap!.GetString("status"));
        Assert.Equal(
            ["NoExecute", "NoSchedule"],
            node.GetMap("spec")!.GetSequence("taints")!.Select(t => t.AsMap!).Where(t => t.GetString("key") == "node.kubernetes.io/unreachable").Select(t => t.GetString("effect")!).Order(StringComparer.Ordinal));
        Assert.NotNull(_api.Find(Pods, "a/patient"));
        await AdvanceUntilAsync(() => _api.Find(Pods, "a/patient") is null, "the patient pod to go");
        Assert.True(_time.GetUtcNow() - started > TimeSpan.FromSeconds(350));
    }

    private static Map Condition(string type, string status) => new() { { "type", type }, { "status", status } };

    private async Task CreateAsync(GroupVersionResource resource, string kind, string ns, string name, (string Field, Map Value)? part = null, bool deleted = false)
    {
        var obj = FakeApiServer.Object(kind, ns, name);
        if (part is { } given)
            obj[given.Field] = given.Value;
        if (deleted)
            obj.EditMap("metadata")["deletionTimestamp"] = Rfc3339.Format(_time.GetUtcNow());
        await _api.CreateAsync(new(resource, ns), obj, _stop.Token);
    }

    private void Start(Controller controller)
    {
        _controller = controller;
        _context.Informers.Start(_stop.Token);
        _running = controller.RunAsync(1, _stop.Token);
    }

    /// <summary>Lets a second pass whenever the controller waits for one.</summary>
    private async Task AdvanceUntilAsync(Func<bool> condition, string what)
    {
        for (var second = 0; second < 1000 && !condition(); second++)
        {
            for (var i = 0; i < 200 && !condition(); i++)
                await Task.Yield();
            await Eventually.TrueAsync(() => condition() || _time.UntilNextTimer is not null, what);
            if (!condition())
                _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(condition(), $"In vain waited for: {what}");
    }
}
