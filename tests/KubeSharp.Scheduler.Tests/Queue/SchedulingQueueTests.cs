using KubeSharp.ComponentBase.Tests;
using KubeSharp.Scheduler.Framework;
using KubeSharp.Scheduler.Plugins;
using KubeSharp.Scheduler.Queue;

namespace KubeSharp.Scheduler.Tests.Queue;

public sealed class SchedulingQueueTests : IDisposable
{
    private static readonly HashSet<string> Fit = ["NodeResourcesFit"];

    private readonly ManualTimeProvider _time = new();
    private readonly SchedulingQueue _queue;

    public SchedulingQueueTests() => _queue = new SchedulingQueue(
        new SchedulingFramework([(new SchedulingGates(), 0), (new PrioritySort(), 0), (new NodeResourcesFit(), 1), (new NodeAffinity(), 1)]), _time);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void PriorityThenTime()
    {
        foreach (var (name, priority) in new[] { ("low", 1), ("first", 5), ("second", 5), ("high", 9), ("none", 0) })
        {
            _queue.Add(Objects.PodInfo($"priority: {priority}", name));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(["high", "first", "second", "low", "none"], PopAll());
    }

    [Fact]
    public void DeletedPodsAreNotTried()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            _queue.Add(Objects.PodInfo("", name));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        _queue.Delete("uid-b");
        Assert.Equal(["a", "c", "d"], PopAll());
    }

    // backoff_queue_test.go: 1 s, 2 s, 4 s, 8 s, then 10 s.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 8)]
    [InlineData(5, 10)]
    [InlineData(64, 10)]
    public void BackoffDoubles(int attempts, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), SchedulingQueue.BackoffOf(attempts));

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void BackoffIsNotMeasuredByTheWallClock(int hours)
    {
        GiveBack(Pop("a"), new HashSet<string>());
        Assert.Equal(1, _queue.BackoffCount);
        _time.StepWallClock(TimeSpan.FromHours(hours));
        _queue.FlushBackoffCompleted();
        Assert.Equal(1, _queue.BackoffCount);
        _time.Advance(TimeSpan.FromSeconds(1));
        _queue.FlushBackoffCompleted();
        Assert.Equal(1, _queue.ActiveCount);
    }

    [Fact]
    public void UnschedulablePodsWaitForEventsThatHelp()
    {
        GiveBack(Pop("a"), Fit);
        Assert.Equal(1, _queue.UnschedulableCount);
        _time.Advance(TimeSpan.FromSeconds(20));

        _queue.MoveOnEvent(ClusterEvent.NodeUpdateLabel);
        Assert.Equal(1, _queue.UnschedulableCount);

        _queue.MoveOnEvent(ClusterEvent.AssignedPodDelete);
        Assert.Equal(1, _queue.ActiveCount);
    }

    [Fact]
    public void EventsDoNotShortenBackoff()
    {
        GiveBack(Pop("a"), Fit);
        _queue.MoveOnEvent(ClusterEvent.NodeAdd);
        Assert.Equal(1, _queue.BackoffCount);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        _queue.FlushBackoffCompleted();
        Assert.Equal(0, _queue.ActiveCount);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _queue.FlushBackoffCompleted();
        Assert.Equal(1, _queue.ActiveCount);
    }

    [Fact]
    public void EventsDuringTheAttemptAreNotMissed()
    {
        var info = Pop("a");
        _queue.MoveOnEvent(ClusterEvent.NodeAdd);
        GiveBack(info, Fit);
        Assert.Equal((1, 0), (_queue.BackoffCount, _queue.UnschedulableCount));
    }

    [Fact]
    public void EventsBeforeTheAttemptDoNotCount()
    {
        _queue.MoveOnEvent(ClusterEvent.NodeAdd);
        GiveBack(Pop("a"), Fit);
        Assert.Equal((0, 1), (_queue.BackoffCount, _queue.UnschedulableCount));
    }

    [Fact]
    public void ErrorsBackOff()
    {
        GiveBack(Pop("a"), new HashSet<string>());
        Assert.Equal((1, 0), (_queue.BackoffCount, _queue.UnschedulableCount));
    }

    [Fact]
    public void LeftoversAreTriedAfterFiveMinutes()
    {
        GiveBack(Pop("a"), Fit);
        _time.Advance(TimeSpan.FromMinutes(5));
        _queue.FlushUnschedulableLeftover();
        Assert.Equal(0, _queue.ActiveCount);
        _time.Advance(TimeSpan.FromSeconds(1));
        _queue.FlushUnschedulableLeftover();
        Assert.Equal(1, _queue.ActiveCount);
    }

    [Fact]
    public void GatedPodsWaitForTheirGates()
    {
        var gated = Objects.PodInfo("schedulingGates: [{name: foo}]", "a");
        _queue.Add(gated);
        _queue.MoveAll();
        Assert.Equal((0, 1), (_queue.ActiveCount, _queue.UnschedulableCount));
        _queue.Update(gated.Map, Objects.PodInfo("", "a"));
        Assert.Equal((1, 0), (_queue.ActiveCount, _queue.UnschedulableCount));
    }

    [Fact]
    public void OnlyChangesOfWhatIsAskedForCount()
    {
        var info = Pop("a");
        var pod = info.Pod.Map;
        GiveBack(info, Fit);
        _time.Advance(TimeSpan.FromSeconds(20));
        _queue.Update(pod, new PodInfo(Objects.Pod("", "a", "resourceVersion: '7'")));
        Assert.Equal(1, _queue.UnschedulableCount);
        _queue.Update(pod, Objects.PodInfo("nodeSelector: {a: b}", "a"));
        Assert.Equal(1, _queue.ActiveCount);
    }

    [Fact]
    public void PodsThatAreGoneAreNotTakenBack()
    {
        var info = Pop("a");
        Assert.False(_queue.AddUnschedulable(info, Fit, () => null));
        Assert.False(_queue.AddUnschedulable(info, Fit, () => Objects.Pod("nodeName: n1", "a")));
        Assert.Equal(0, _queue.UnschedulableCount);
    }

    [Fact]
    public async Task PopWaits()
    {
        var pop = _queue.PopAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(pop.IsCompleted);
        _queue.Add(Objects.PodInfo("", "a"));
        Assert.Equal("a", (await pop).Pod.Name);
    }

    private QueuedPodInfo Pop(string name)
    {
        _queue.Add(Objects.PodInfo("", name));
        return _queue.TryPop()!;
    }

    private void GiveBack(QueuedPodInfo info, IReadOnlySet<string> rejectedBy) =>
        Assert.True(_queue.AddUnschedulable(info, rejectedBy, () => info.Pod.Map));

    private List<string> PopAll()
    {
        var names = new List<string>();
        while (_queue.TryPop() is { } info)
            names.Add(info.Pod.Name);
        return names;
    }
}
