using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ComponentBase.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.Scheduler.Tests;

/// <summary>Pods and nodes go into a fake API, bindings, events and statuses come out.</summary>
public sealed class SchedulerTests : IAsyncDisposable
{
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Nodes = new("", "v1", "nodes");
    private static readonly GroupVersionResource Events = new("", "v1", "events");

    private readonly FakeApiServer _api = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SharedInformerFactory _informers;
    private readonly Scheduler _scheduler;
    private readonly List<Task> _running = [];

    public SchedulerTests()
    {
        var client = new BindingClient(_api);
        _informers = new SharedInformerFactory(client, _time, NullLoggerFactory.Instance);
        var events = new EventBroadcaster(client, _time, NullLogger.Instance);
        _scheduler = new Scheduler(new ControllerContext(client, _informers, events, _time, NullLoggerFactory.Instance));
        _running.Add(events.RunAsync(_stop.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        await _informers.StoppedAsync();
        _scheduler.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task BindsAndSaysSo()
    {
        await AddAsync(Objects.Node("n1"));
        await AddAsync(Objects.Pod("schedulerName: default-scheduler, " + Objects.Container("cpu: 1"), "a"));
        Start();
        await Eventually.TrueAsync(() => NodeOf("a") == "n1", "a is on n1");
        await Eventually.TrueAsync(() => HasEvent("Scheduled", "Successfully assigned ns/a to n1"), "event");
    }

    [Fact]
    public async Task PodsOfOtherSchedulersAreLeftAlone()
    {
        await AddAsync(Objects.Node("n1"));
        await AddAsync(Objects.Pod("schedulerName: other", "a"));
        await AddAsync(Objects.Pod("schedulerName: default-scheduler", "b"));
        Start();
        await Eventually.TrueAsync(() => NodeOf("b") == "n1", "b is on n1");
        Assert.Equal("", NodeOf("a"));
    }

    [Fact]
    public async Task SaysWhyNoNodeFitsAndTriesAgainWhenOneComes()
    {
        const string Message = "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.";
        await AddAsync(Objects.Node("small", status: "allocatable: {cpu: 1, pods: 110}"));
        await AddAsync(Objects.Node("tainted", "taints: [{key: a, effect: NoSchedule}]"));
        await AddAsync(Objects.Node("cordoned", "unschedulable: true"));
        await AddAsync(Objects.Pod("schedulerName: default-scheduler, " + Objects.Container("cpu: 2"), "a"));
        Start();
        await Eventually.TrueAsync(() => HasEvent("FailedScheduling", Message), "event");
        await Eventually.TrueAsync(() => Condition("a") is not null, "condition");
        var condition = Condition("a")!;
        Assert.Equal(
            ("PodScheduled", "False", "Unschedulable", Message),
            (condition.GetString("type"), condition.GetString("status"), condition.GetString("reason"), condition.GetString("message")));

        await AddAsync(Objects.Node("large"));
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return NodeOf("a") == "large";
            },
            "a is on large");
    }

    [Fact]
    public async Task NoNodesAtAll()
    {
        await AddAsync(Objects.Pod("schedulerName: default-scheduler", "a"));
        Start();
        await Eventually.TrueAsync(() => HasEvent("FailedScheduling", "no nodes available to schedule pods"), "event");
    }

    [Fact]
    public async Task DecisionsCountBeforeTheyAreBound()
    {
        await AddAsync(Objects.Node("n1", status: "allocatable: {cpu: 2, memory: 1Gi, pods: 110}"));
        await AddAsync(Objects.Node("n2", status: "allocatable: {cpu: 2, memory: 1Gi, pods: 110}"));
        for (var i = 0; i < 5; i++)
            await AddAsync(Objects.Pod("schedulerName: default-scheduler, " + Objects.Container("cpu: 1"), $"p{i}"));
        Start();
        await Eventually.TrueAsync(() => HasEvent("FailedScheduling", "0/2 nodes are available: 2 Insufficient cpu."), "one is left");
        await Eventually.TrueAsync(() => Enumerable.Range(0, 5).Count(i => NodeOf($"p{i}").Length > 0) == 4, "four are bound");
        Assert.All(["n1", "n2"], node => Assert.Equal(2, Enumerable.Range(0, 5).Count(i => NodeOf($"p{i}") == node)));
    }

    [Fact]
    public async Task FailedBindingsAreTriedAgain()
    {
        var failures = 0;
        _api.OnRequest = (_, request, _) =>
        {
            if (request.Subresource == "binding" && Interlocked.Increment(ref failures) == 1)
                throw new InvalidOperationException("lost");
        };
        await AddAsync(Objects.Node("n1", status: "allocatable: {cpu: 1, memory: 1Gi, pods: 1}"));
        await AddAsync(Objects.Pod("schedulerName: default-scheduler, " + Objects.Container("cpu: 1"), "a"));
        Start();
        await Eventually.TrueAsync(() => Condition("a")?.GetString("reason") == "SchedulerError", "condition");
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return NodeOf("a") == "n1";
            },
            "a is on n1");
    }

    // schedule_one_test.go TestNumFeasibleNodesToFind
    [Theory]
    [InlineData(0, 10, 10)]
    [InlineData(40, 10, 10)]
    [InlineData(0, 1000, 420)]
    [InlineData(40, 1000, 400)]
    [InlineData(0, 6000, 300)]
    [InlineData(40, 6000, 2400)]
    public void EnoughNodes(int percentage, int nodes, int expected) =>
        Assert.Equal(expected, NodeSelection.NumFeasibleNodesToFind(percentage, nodes));

    private void Start()
    {
        _running.Add(_scheduler.RunAsync(_stop.Token));
        _informers.Start(_stop.Token);
    }

    private Task AddAsync(Map obj)
    {
        var resource = obj.GetString("kind") == "Pod" ? Pods : Nodes;
        return _api.CreateAsync(new ResourceRequest(resource, resource == Pods ? "ns" : ""), obj, CancellationToken.None);
    }

    private string NodeOf(string pod) => _api.Find(Pods, $"ns/{pod}")?.GetMap("spec")?.GetString("nodeName") ?? "";

    private Map? Condition(string pod) =>
        _api.Find(Pods, $"ns/{pod}")?.GetMap("status")?.GetSequence("conditions") is { } conditions ? conditions[0].AsMap : null;

    private bool HasEvent(string reason, string message) =>
        _api.All(Events).Any(ev => ev.GetString("reason") == reason && ev.GetString("message") == message);

    /// <summary>Does what the API does with a binding.</summary>
    private sealed class BindingClient(FakeApiServer api) : IApiClient
    {
        public Task<Map> GetAsync(ResourceRequest request, CancellationToken cancellationToken) => api.GetAsync(request, cancellationToken);

        public Task<Map> CreateAsync(ResourceRequest request, Map body, CancellationToken cancellationToken)
        {
            if (request.Subresource != "binding")
                return api.CreateAsync(request, body, cancellationToken);
            var patch = new Map { { "spec", new Map { { "nodeName", body.GetMap("target")!.GetString("name") } } } };
            return api.PatchAsync(request, PatchType.Merge, patch, cancellationToken);
        }

        public Task<Map> UpdateAsync(ResourceRequest request, Map body, CancellationToken cancellationToken) =>
            api.UpdateAsync(request, body, cancellationToken);

        public Task<Map> PatchAsync(ResourceRequest request, PatchType type, Value patch, CancellationToken cancellationToken) =>
            api.PatchAsync(request, type, patch, cancellationToken);

        public Task<Map> DeleteAsync(ResourceRequest request, Map? options, CancellationToken cancellationToken) =>
            api.DeleteAsync(request, options, cancellationToken);

        public Task<Map> DeleteCollectionAsync(ResourceRequest request, ListOptions list, Map? options, CancellationToken cancellationToken) =>
            api.DeleteCollectionAsync(request, list, options, cancellationToken);

        public Task<ApiList> ListAsync(ResourceRequest request, ListOptions options, CancellationToken cancellationToken) =>
            api.ListAsync(request, options, cancellationToken);

        public IAsyncEnumerable<ApiWatchEvent> WatchAsync(ResourceRequest request, ListOptions options, CancellationToken cancellationToken) =>
            api.WatchAsync(request, options, cancellationToken);
    }
}
