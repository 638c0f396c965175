using KubeSharp.ComponentBase.WorkQueue;

namespace KubeSharp.ComponentBase.Tests.WorkQueue;

public sealed class RateLimitingQueueTests
{
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HandsOutAnItemOnceHoweverOftenItIsAdded()
    {
        using var queue = new RateLimitingQueue<string>(_time);
        queue.Add("a");
        queue.Add("b");
        queue.Add("a");

        Assert.Equal(2, queue.Count);
        Assert.Equal("a", (await queue.GetAsync(Token)).Item);
        Assert.Equal("b", (await queue.GetAsync(Token)).Item);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task AnItemAddedWhileProcessedIsHandedOutOnceMoreAfterDone()
    {
        using var queue = new RateLimitingQueue<string>(_time);
        queue.Add("a");
        await queue.GetAsync(Token);
        queue.Add("a");
        queue.Add("a");
        Assert.Equal(0, queue.Count);

        var next = queue.GetAsync(Token).AsTask();
        Assert.False(next.IsCompleted);
        queue.Done("a");
        Assert.Equal("a", (await next).Item);
        queue.Done("a");
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task AWaiterThatGaveUpDoesNotSwallowAnItem()
    {
        using var queue = new RateLimitingQueue<string>(_time);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var lost = queue.GetAsync(source.Token).AsTask();
        var kept = queue.GetAsync(Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lost);

        queue.Add("a");
        Assert.Equal("a", (await kept).Item);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void ADelayIsNotMeasuredByTheWallClock(int hours)
    {
        using var queue = new RateLimitingQueue<string>(_time);
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _time.StepWallClock(TimeSpan.FromHours(hours));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, queue.Count);
        queue.AddAfter("b", TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, queue.Count);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(2, queue.Count);
    }

    [Fact]
    public async Task ADelayedItemIsReadyWhenItsEarliestTimeHasCome()
    {
        using var queue = new RateLimitingQueue<string>(_time);
        queue.AddAfter("late", TimeSpan.FromSeconds(30));
        queue.AddAfter("a", TimeSpan.FromSeconds(20));
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        queue.AddAfter("a", TimeSpan.FromSeconds(10));

        _time.Advance(TimeSpan.FromMilliseconds(4999));
        Assert.Equal(0, queue.Count);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("a", (await queue.GetAsync(Token)).Item);
        queue.Done("a");

        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, queue.Count);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("late", (await queue.GetAsync(Token)).Item);
    }

    [Fact]
    public void ADelayLongerThanAnyTimerIsKept()
    {
        using var queue = new RateLimitingQueue<string>(_time);
        queue.AddAfter("a", TimeSpan.FromDays(90));
        _time.Advance(TimeSpan.FromDays(90) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, queue.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public async Task ShutdownHandsOutWhatIsReadyThenEnds()
    {
        using var queue = new RateLimitingQueue<string>(_time);
        queue.Add("a");
        queue.AddAfter("never", TimeSpan.FromSeconds(1));
        queue.ShutDown();
        queue.Add("b");
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(("a", false), await queue.GetAsync(Token));
        Assert.Equal((null, true), await queue.GetAsync(Token));
    }

    [Fact]
    public async Task ShutdownReleasesWaitingWorkers()
    {
        using var queue = new RateLimitingQueue<string>(_time);
        var waiting = queue.GetAsync(Token).AsTask();
        queue.ShutDown();
        Assert.True((await waiting).ShuttingDown);
    }

    [Fact]
    public async Task DrainWaitsForWorkInHandAndWorkReady()
    {
        using var queue = new RateLimitingQueue<string>(_time);
        queue.Add("a");
        queue.Add("b");
        await queue.GetAsync(Token);
        var drained = queue.ShutDownWithDrainAsync(Token);

        queue.Done("a");
        Assert.False(drained.IsCompleted);
        await queue.GetAsync(Token);
        Assert.False(drained.IsCompleted);
        queue.Done("b");
        await drained;
    }

    [Fact]
    public async Task RateLimitedAddsBackOffUntilForgotten()
    {
        using var queue = new RateLimitingQueue<string>(_time, new ItemExponentialFailureRateLimiter<string>(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)));
        foreach (var seconds in new[] { 1, 2, 4 })
        {
            queue.AddRateLimited("a");
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(0, queue.Count);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await queue.GetAsync(Token);
            queue.Done("a");
        }

        Assert.Equal(3, queue.RequeueCount("a"));
        queue.Forget("a");
        Assert.Equal(0, queue.RequeueCount("a"));
    }

    [Fact]
    public async Task NoTwoWorkersHoldOneItem()
    {
        using var queue = new RateLimitingQueue<int>(_time);
        var held = new int[8];
        var processed = 0;
        var workers = Enumerable.Range(0, 4).Select(async _ =>
        {
            await Task.Yield();
            while (await queue.GetAsync(Token) is (var item, false))
            {
                Assert.Equal(1, Interlocked.Increment(ref held[item]));
                await Task.Yield();
                Interlocked.Decrement(ref held[item]);
                Interlocked.Increment(ref processed);
                queue.Done(item);
            }
        }).ToArray();

        for (var i = 0; i < 20_000; i++)
            queue.Add(i % held.Length);
        await queue.ShutDownWithDrainAsync(Token);
        await Task.WhenAll(workers);
        Assert.InRange(processed, held.Length, 20_000);
    }
}
