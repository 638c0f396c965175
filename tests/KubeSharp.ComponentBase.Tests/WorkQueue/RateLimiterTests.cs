using KubeSharp.ComponentBase.WorkQueue;

namespace KubeSharp.ComponentBase.Tests.WorkQueue;

/// <summary>Delays as client-go/util/workqueue/default_rate_limiters_test.go expects them.</summary>
public sealed class RateLimiterTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void ExponentialPerItem()
    {
        var limiter = new ItemExponentialFailureRateLimiter<string>(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        Assert.Equal([1, 2, 4, 8, 16], Enumerable.Range(0, 5).Select(_ => limiter.When("one").TotalMilliseconds));
        Assert.Equal(5, limiter.RequeueCount("one"));
        Assert.Equal([1, 2], Enumerable.Range(0, 2).Select(_ => limiter.When("two").TotalMilliseconds));
        limiter.Forget("one");
        Assert.Equal(0, limiter.RequeueCount("one"));
        Assert.Equal(1, limiter.When("one").TotalMilliseconds);
    }

    [Fact]
    public void ExponentialStopsAtTheMaximumWithoutOverflow()
    {
        var limiter = new ItemExponentialFailureRateLimiter<string>(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1000));
        for (var i = 0; i < 5000; i++)
            limiter.When("one");
        Assert.Equal(TimeSpan.FromSeconds(1000), limiter.When("one"));
    }

    [Fact]
    public void BucketGivesABurstThenARate()
    {
        var limiter = new BucketRateLimiter<string>(10, 100, _time);
        for (var i = 0; i < 100; i++)
            Assert.Equal(TimeSpan.Zero, limiter.When("any"));
        Assert.Equal(100, limiter.When("any").TotalMilliseconds, 6);
        Assert.Equal(200, limiter.When("any").TotalMilliseconds, 6);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, limiter.When("any"));
    }

    [Fact]
    public void ControllersWaitForTheSlowerOfBoth()
    {
        var limiter = ControllerRateLimiter.Create<int>(_time);
        Assert.Equal(5, limiter.When(0).TotalMilliseconds);
        for (var i = 1; i < 100; i++)
            Assert.Equal(5, limiter.When(i).TotalMilliseconds);
        Assert.Equal(100, limiter.When(100).TotalMilliseconds, 6);
        Assert.Equal(1, limiter.RequeueCount(100));
    }
}
