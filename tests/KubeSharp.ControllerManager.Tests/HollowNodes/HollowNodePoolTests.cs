using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Tests;
using KubeSharp.ControllerManager.HollowNodes;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.ControllerManager.Tests.HollowNodes;

public sealed class HollowNodePoolTests : IAsyncDisposable
{
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Nodes = new("", "v1", "nodes");
    private static readonly GroupVersionResource Leases = new("coordination.k8s.io", "v1", "leases");

    private readonly FakeApiServer _api = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task _running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task RegistersNodesAndRenewsLeases()
    {
        await StartAsync(25);
        Assert.Equal(25, _api.All(Nodes).Count);
        var node = _api.Find(Nodes, "hollow-7")!;
        Assert.Equal(
            ["DiskPressure=False", "MemoryPressure=False", "PIDPressure=False", "Ready=True"],
            node.GetMap("status")!.GetSequence("conditions")!.Select(c => $"{c.AsMap!.GetString("type")}={c.AsMap.GetString("status")}").Order(StringComparer.Ordinal));
        Assert.Equal("110", node.GetMap("status")!.GetMap("allocatable")!.GetString("pods"));
        Assert.Equal("hollow-7", ObjectMetaAccessor.GetLabel(node, "kubernetes.io/hostname"));
        var lease = _api.Find(Leases, "kube-node-lease/hollow-7")!;
        Assert.Equal(ObjectMetaAccessor.GetUid(node), ObjectMetaAccessor.GetOwnerReferences(lease)![0].AsMap!.GetString("uid"));
        Assert.Equal(40, lease.GetMap("spec")!.GetInteger("leaseDurationSeconds"));

        var first = Renewals();
        for (var second = 0; second < 10; second++)
        {
            await Eventually.TrueAsync(() => _time.UntilNextTimer is not null, "the next second");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await Eventually.TrueAsync(() => Renewals().All(renewal => first[renewal.Key] != renewal.Value), "all leases to be renewed");
    }

    [Fact]
    public async Task StartsAPodWithItsInitContainersDone()
    {
        await StartAsync(2);
        await _api.CreateAsync(new(Pods, "a"), Pod("web", "hollow-1", spec => spec["initContainers"] = new Sequence
        {
            new Map { { "name", "setup" }, { "image", "busybox" } },
            new Map { { "name", "sidecar" }, { "image", "proxy" }, { "restartPolicy", "Always" } },
        }), _stop.Token);
        var pod = await PhaseAsync("web", "Running");
        var status = pod.GetMap("status")!;
        Assert.Equal(
            ["ContainersReady=True", "Initialized=True", "PodReadyToStartContainers=True", "PodScheduled=True", "Ready=True"],
            status.GetSequence("conditions")!.Select(c => $"{c.AsMap!.GetString("type")}={c.AsMap.GetString("status")}").Order(StringComparer.Ordinal));
        Assert.StartsWith("10.64.1.", status.GetString("podIP"), StringComparison.Ordinal);
        Assert.Equal("172.16.0.2", status.GetString("hostIP"));
        Assert.Equal("2026-01-02T03:04:05Z", status.GetString("startTime"));
        Assert.NotNull(status.GetSequence("containerStatuses")![0].AsMap!.GetMap("state")!.GetMap("running"));
        Assert.Equal("Completed", status.GetSequence("initContainerStatuses")![0].AsMap!.GetMap("state")!.GetMap("terminated")!.GetString("reason"));
        Assert.NotNull(status.GetSequence("initContainerStatuses")![1].AsMap!.GetMap("state")!.GetMap("running"));
    }

    [Fact]
    public async Task PodsHaveAddressesOfTheirOwn()
    {
        await StartAsync(1);
        for (var i = 0; i < 110; i++)
            await _api.CreateAsync(new(Pods, "a"), Pod($"p{i}", "hollow-0"), _stop.Token);
        await Eventually.TrueAsync(() => _api.All(Pods).All(pod => pod.GetMap("status")?.GetString("phase") == "Running"), "all pods to run");
        Assert.Equal(110, _api.All(Pods).Select(pod => pod.GetMap("status")!.GetString("podIP")).Distinct().Count());
    }

    [Fact]
    public async Task LeavesPodsOfOtherNodesAlone()
    {
        await StartAsync(1);
        await _api.CreateAsync(new(Pods, "a"), Pod("theirs", "real"), _stop.Token);
        await _api.CreateAsync(new(Pods, "a"), Pod("ours", "hollow-0"), _stop.Token);
        await PhaseAsync("ours", "Running");
        Assert.Null(_api.Find(Pods, "a/theirs")!.GetMap("status"));
    }

    [Theory]
    [InlineData("Job", "", "Never", 1)]
    [InlineData("Job", "30", "OnFailure", 30)]
    [InlineData("", "5", "Never", 5)]
    [InlineData("", "", "Never", 0)]
    [InlineData("", "5", "Always", 0)]
    public async Task EndsPodsThatMayEnd(string owner, string annotation, string policy, int seconds)
    {
        await StartAsync(1);
        var pod = Pod("work", "hollow-0", spec => spec["restartPolicy"] = policy);
        if (annotation.Length > 0)
            pod.EditMap("metadata").Set("annotations", new Map { { HollowNodePool.RunSecondsAnnotation, annotation } });
        if (owner.Length > 0)
            pod.EditMap("metadata").Set("ownerReferences", new Sequence { new Map { { "kind", owner }, { "controller", true } } });
        await _api.CreateAsync(new(Pods, "a"), pod, _stop.Token);
        await PhaseAsync("work", "Running");

        // The heartbeat's timer and, when the pod is to end, the queue's.
        await Eventually.TrueAsync(() => _time.PendingTimers == (seconds > 0 ? 2 : 1), "the pod's end to be planned");
        var started = _time.GetUtcNow();
        for (var second = 0; second < 40 && Phase("work") == "Running"; second++)
        {
            var armed = _time.ArmedCount;
            _time.Advance(TimeSpan.FromSeconds(1));
            await _time.WaitForArmedAsync(armed + 1);
            if (seconds > 0 && second + 1 >= seconds)
                break;
        }

        if (seconds == 0)
        {
            Assert.Equal("Running", Phase("work"));
            return;
        }

        var ended = await PhaseAsync("work", "Succeeded");
        var finished = ended.GetMap("status")!.GetSequence("containerStatuses")![0].AsMap!.GetMap("state")!.GetMap("terminated")!.GetString("finishedAt");
        Assert.Equal(started + TimeSpan.FromSeconds(seconds), Rfc3339.ParseOrNull(finished));
        Assert.Equal("PodCompleted", HollowPodStatus.FindCondition(ended, "Ready")!.GetString("reason"));
    }

    [Fact]
    public async Task DeletesAfterASecondWithTheUid()
    {
        await StartAsync(1);
        await _api.CreateAsync(new(Pods, "a"), Pod("web", "hollow-0"), _stop.Token);
        var pod = (await PhaseAsync("web", "Running")).ShallowClone();
        pod.EditMap("metadata")["deletionTimestamp"] = Rfc3339.Format(_time.GetUtcNow() + TimeSpan.FromSeconds(30));
        pod.EditMap("metadata")["deletionGracePeriodSeconds"] = 30;
        await _api.UpdateAsync(new(Pods, "a", "web"), pod, _stop.Token);
        await Eventually.TrueAsync(() => _time.PendingTimers == 2, "the end to be planned");
        Assert.NotNull(_api.Find(Pods, "a/web"));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => _api.Find(Pods, "a/web") is null, "the pod to be gone");
        var options = (Map)_api.Requests.Single(request => request.Verb == "delete").Detail!;
        Assert.Equal(0, options.GetInteger("gracePeriodSeconds"));
        Assert.Equal(ObjectMetaAccessor.GetUid(pod), options.GetMap("preconditions")!.GetString("uid"));
    }

    [Fact]
    public async Task AReadinessGateHoldsReadyBackUntilItIsTrue()
    {
        await StartAsync(1);
        await _api.CreateAsync(new(Pods, "a"), Pod("web", "hollow-0", spec => spec["readinessGates"] = new Sequence { new Map { { "conditionType", "x/y" } } }), _stop.Token);
        var pod = await PhaseAsync("web", "Running");
        Assert.Equal("ReadinessGatesNotReady", HollowPodStatus.FindCondition(pod, "Ready")!.GetString("reason"));

        var turned = pod.ShallowClone();
        turned.EditMap("status").EditSequence("conditions").Add(new Map { { "type", "x/y" }, { "status", "True" } });
        await _api.UpdateAsync(new(Pods, "a", "web"), turned, _stop.Token);
        await Eventually.TrueAsync(() => HollowPodStatus.FindCondition(_api.Find(Pods, "a/web")!, "Ready")!.GetString("status") == "True", "the pod to be ready");
        Assert.NotNull(HollowPodStatus.FindCondition(_api.Find(Pods, "a/web")!, "x/y"));
    }

    private static Map Pod(string name, string node, Action<Map>? change = null)
    {
        var pod = FakeApiServer.Object("Pod", "a", name);
        var spec = new Map { { "nodeName", node }, { "containers", new Sequence { new Map { { "name", "c" }, { "image", "nginx" } } } } };
        change?.Invoke(spec);
        pod["spec"] = spec;
        return pod;
    }

    private async Task StartAsync(int count)
    {
        var pool = new HollowNodePool(new HollowNodeOptions { Count = count }, _api, _time, NullLogger.Instance);
        _running = pool.RunAsync(_stop.Token);
        await Eventually.TrueAsync(() => _api.WatcherCount == 1, "the watch of pods");
    }

    private Dictionary<string, string?> Renewals() =>
        _api.All(Leases).ToDictionary(ObjectMetaAccessor.GetName, lease => lease.GetMap("spec")!.GetString("renewTime"));

    private string? Phase(string name) => _api.Find(Pods, $"a/{name}")?.GetMap("status")?.GetString("phase");

    private async Task<Map> PhaseAsync(string name, string phase)
    {
        await Eventually.TrueAsync(() => Phase(name) == phase, $"{name} to be {phase}");
        return _api.Find(Pods, $"a/{name}")!;
    }
}
