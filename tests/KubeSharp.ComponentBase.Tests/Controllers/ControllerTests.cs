using System.Collections.Concurrent;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ComponentBase.WorkQueue;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.ComponentBase.Tests.Controllers;

public sealed class ControllerTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ControllerContext _context;
    private readonly List<Task> _running = [];

    public ControllerTests()
    {
        var api = new FakeApiServer();
        _context = new ControllerContext(
            api, new SharedInformerFactory(api, _time, NullLoggerFactory.Instance),
            new EventBroadcaster(api, _time, NullLogger.Instance), _time, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _stop.Dispose();
    }

    [Fact]
    public async Task AFailingKeyIsTriedFifteenTimesMoreThenDropped()
    {
        using var controller = new Scripted(_context, (_, _) => throw new InvalidOperationException("no"));
        _running.Add(controller.RunAsync(2, _stop.Token));
        controller.Queue.Add("a");
        for (var tries = 1; tries <= 16; tries++)
        {
            await Eventually.TrueAsync(() => controller.Synced.Count == tries, $"try {tries}");
            if (tries < 16)
            {
                await Eventually.TrueAsync(() => _time.UntilNextTimer is not null, "the next try to be planned");
                Assert.Equal(5 * Math.Pow(2, tries - 1), _time.UntilNextTimer!.Value.TotalMilliseconds);
                _time.Advance(_time.UntilNextTimer.Value);
            }
        }

        await Eventually.TrueAsync(() => controller.Queue.RequeueCount("a") == 0, "the key to be forgotten");
        Assert.Null(_time.UntilNextTimer);
    }

    [Fact]
    public async Task SuccessForgetsFailures()
    {
        var fail = true;
        using var controller = new Scripted(_context, (_, _) => Volatile.Read(ref fail) ? throw new InvalidOperationException("no") : Task.CompletedTask);
        _running.Add(controller.RunAsync(1, _stop.Token));
        controller.Queue.Add("a");
        await Eventually.TrueAsync(() => controller.Queue.RequeueCount("a") == 1 && _time.UntilNextTimer is not null, "the failure");
        Volatile.Write(ref fail, false);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => controller.Synced.Count == 2 && controller.Queue.RequeueCount("a") == 0, "the success");
    }

    [Fact]
    public async Task WorkersWorkAtTheSameTimeAndOneFailureStopsNone()
    {
        var together = new Barrier2();
        using var controller = new Scripted(_context, async (key, token) =>
        {
            if (key == "bad")
                throw new InvalidOperationException("no");
            await together.MeetAsync(token);
        });
        _running.Add(controller.RunAsync(2, _stop.Token));
        foreach (var key in new[] { "bad", "a", "b" })
            controller.Queue.Add(key);
        await together.Met.WaitAsync(TimeSpan.FromSeconds(30), _stop.Token);
    }

    [Fact]
    public async Task StoppingCancelsTheSyncAndEnds()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var controller = new Scripted(_context, async (_, token) =>
        {
            entered.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        });
        var running = controller.RunAsync(1, _stop.Token);
        controller.Queue.Add("a");
        await entered.Task;
        await _stop.CancelAsync();
        await running;
        Assert.True(controller.Queue.IsShuttingDown);
    }

    private sealed class Scripted(ControllerContext context, Func<string, CancellationToken, Task> sync)
        : Controller("test-controller", context, new ItemExponentialFailureRateLimiter<string>(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000)))
    {
        public ConcurrentQueue<string> Synced { get; } = [];

        protected internal override Task SyncAsync(string key, CancellationToken cancellationToken)
        {
            Synced.Enqueue(key);
            return sync(key, cancellationToken);
        }
    }

    private sealed class Barrier2
    {
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _arrived;

        public Task Met => _met.Task;

        public Task MeetAsync(CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _arrived) == 2)
                _met.TrySetResult();
            return _met.Task.WaitAsync(cancellationToken);
        }
    }
}
