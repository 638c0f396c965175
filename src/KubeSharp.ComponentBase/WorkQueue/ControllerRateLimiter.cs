namespace KubeSharp.ComponentBase.WorkQueue;

/// <summary>The limiter that upstream's controllers use unless they say otherwise.</summary>
public static class ControllerRateLimiter
{
    /// <summary>The slower of 5 ms to 1000 s per failing item and 10 retries a second (100 at once) over all items.</summary>
    public static IRateLimiter<T> Create<T>(TimeProvider time)
        where T : notnull =>
        new MaxOfRateLimiter<T>(
            new ItemExponentialFailureRateLimiter<T>(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1000)),
            new BucketRateLimiter<T>(10, 100, time));
}
