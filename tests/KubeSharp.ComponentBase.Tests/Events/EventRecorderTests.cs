using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Events;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.ComponentBase.Tests.Events;

/// <summary>Bounds as client-go/tools/record/events_cache.go sets them.</summary>
public sealed class EventRecorderTests : IAsyncDisposable
{
    private static readonly GroupVersionResource Events = new("", "v1", "events");

    private readonly FakeApiServer _api = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly EventBroadcaster _broadcaster;
    private readonly EventRecorder _recorder;
    private readonly Map _pod;
    private Task _running = Task.CompletedTask;

    public EventRecorderTests()
    {
        _broadcaster = new EventBroadcaster(_api, _time, NullLogger.Instance, new Random(1));
        _recorder = _broadcaster.RecorderFor("test-controller");
        _pod = FakeApiServer.Object("Pod", "a", "web");
        _pod.EditMap("metadata")["uid"] = "u-1";
        _pod.EditMap("metadata")["resourceVersion"] = "7";
        _pod.Freeze();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task WritesWhatUpstreamWrites()
    {
        Start();
        _recorder.Event(_pod, EventRecorder.Normal, "Started", "It runs", "spec.containers{c}");
        await WrittenAsync(1);


        var ev = _api.All(Events).Single();
        var nanoseconds = (_time.GetUtcNow().ToUnixTimeSeconds() * 1_000_000_000).ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal($"web.{nanoseconds}", ObjectMetaAccessor.GetName(ev));
        Assert.Equal("a", ObjectMetaAccessor.GetNamespace(ev));
        var involved = new Map
        {
            { "kind", "Pod" }, { "namespace", "a" }, { "name", "web" }, { "uid", "u-1" }, { "apiVersion", "v1" },
            { "resourceVersion", "7" }, { "fieldPath", "spec.containers{c}" },
        };
        Assert.True(involved.DeepEquals(ev.GetMap("involvedObject")!));
        Assert.Equal("test-controller", ev.GetMap("source")!.GetString("component"));
        Assert.Equal("test-controller", ev.GetString("reportingComponent"));
        Assert.Equal("", ev.GetString("reportingInstance"));
        Assert.Equal("2026-01-02T03:04:05Z", ev.GetString("firstTimestamp"));
        Assert.Equal("2026-01-02T03:04:05Z", ev.GetString("lastTimestamp"));
        Assert.Equal(("Normal", "Started", "It runs", 1L), (ev.GetString("type"), ev.GetString("reason"), ev.GetString("message"), ev.GetInteger("count")));
    }

    [Theory]
    [InlineData("system:kube-scheduler")]
    [InlineData("UPPER")]
    public void ANameThatIsNoneForAnEventIsReplaced(string name) =>
        Assert.True(Guid.TryParseExact(EventRecorder.EventName(name, 1), "D", out _));

    [Fact]
    public async Task ClusterScopedObjectsHaveTheirEventsInDefault()
    {
        Start();
        _recorder.Event(FakeApiServer.Object("Node", "", "n1"), EventRecorder.Warning, "NodeNotReady", "x");
        await WrittenAsync(1);
        Assert.Equal("default", ObjectMetaAccessor.GetNamespace(_api.All(Events).Single()));
    }

    [Fact]
    public async Task ARepeatedEventRaisesTheCount()
    {
        Start();
        for (var i = 1; i <= 3; i++)
        {
            _recorder.Event(_pod, EventRecorder.Normal, "Pulled", "same");
            await WrittenAsync(i);
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        var ev = _api.All(Events).Single();
        Assert.Equal(3, ev.GetInteger("count"));
        Assert.Equal("2026-01-02T03:04:05Z", ev.GetString("firstTimestamp"));
        Assert.Equal("2026-01-02T03:04:25Z", ev.GetString("lastTimestamp"));
        Assert.Equal(["create", "patch", "patch"], _api.Requests.Select(request => request.Verb));
    }

    [Fact]
    public async Task AnEventThatExpiredMeanwhileIsCreatedAnew()
    {
        Start();
        _recorder.Event(_pod, EventRecorder.Normal, "Pulled", "same");
        await WrittenAsync(1);
        var first = _api.All(Events).Single();
        await _api.DeleteAsync(new(Events, "a", ObjectMetaAccessor.GetName(first)), null, _stop.Token);
        _recorder.Event(_pod, EventRecorder.Normal, "Pulled", "same");
        await WrittenAsync(4);
        Assert.Equal(2, _api.All(Events).Single().GetInteger("count"));
        Assert.Equal(["create", "delete", "patch", "create"], _api.Requests.Select(request => request.Verb));
    }

    [Fact]
    public async Task TheTenthOfSimilarEventsIsCombined()
    {
        Start();
        for (var i = 1; i <= 12; i++)
        {
            _recorder.Event(_pod, EventRecorder.Warning, "Failed", $"attempt {i}");
            await WrittenAsync(i);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var events = _api.All(Events).OrderBy(ObjectMetaAccessor.GetName, StringComparer.Ordinal).ToList();
        Assert.Equal(10, events.Count);
        Assert.Equal("attempt 9", events[8].GetString("message"));
        Assert.Equal(3, events[9].GetInteger("count"));
        Assert.Equal("(combined from similar events): attempt 12", events[9].GetString("message"));
    }

    [Fact]
    public void AnObjectIsHeardTwentyFiveTimesThenOnceInFiveMinutes()
    {
        var correlator = new EventCorrelator(_time);
        Map Event(int i) => new() { { "involvedObject", new Map { { "name", "x" } } }, { "reason", $"R{i}" }, { "message", "m" }, { "count", 1 } };
        var heard = Enumerable.Range(0, 40).Count(i => correlator.Correlate(Event(i)).Event is not null);
        Assert.Equal(25, heard);
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Null(correlator.Correlate(Event(50)).Event);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(correlator.Correlate(Event(51)).Event);
        Assert.Null(correlator.Correlate(Event(52)).Event);
    }

    [Fact]
    public async Task AServerThatIsAwayIsAskedAgain()
    {
        var away = 2;
        _api.OnRequest = (_, _, _) =>
        {
            if (Interlocked.Decrement(ref away) >= 0)
                throw new HttpRequestException("connection refused");
        };
        Start();
        _recorder.Event(_pod, EventRecorder.Normal, "Started", "It runs");
        await Eventually.TrueAsync(() => _time.UntilNextTimer is not null, "the first delay");
        Assert.InRange(_time.UntilNextTimer!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        _time.Advance(_time.UntilNextTimer.Value);
        await Eventually.TrueAsync(() => _time.UntilNextTimer is not null, "the second delay");
        Assert.Equal(TimeSpan.FromSeconds(10), _time.UntilNextTimer);
        _time.Advance(TimeSpan.FromSeconds(10));
        await WrittenAsync(3);
        Assert.Single(_api.All(Events));
    }

    [Fact]
    public async Task AFullQueueDrops()
    {
        for (var i = 0; i < 1100; i++)
            _recorder.Event(FakeApiServer.Object("Pod", "a", $"p{i}"), EventRecorder.Normal, "Started", "It runs");
        Start();
        await Eventually.TrueAsync(() => _api.All(Events).Count == 1000, "the events that were kept");
        _recorder.Event(FakeApiServer.Object("Pod", "a", "last"), EventRecorder.Normal, "Started", "It runs");
        await Eventually.TrueAsync(() => _api.All(Events).Count == 1001, "the next event");
        Assert.DoesNotContain(_api.All(Events), ev => ev.GetMap("involvedObject")!.GetString("name") == "p1000");
    }

    private void Start() => _running = _broadcaster.RunAsync(_stop.Token);

    private Task WrittenAsync(int requests) => Eventually.TrueAsync(() => _api.Requests.Count >= requests && _broadcaster.IsIdle, $"{requests} requests");
}
