namespace KubeSharp.ComponentBase.WorkQueue;

/// <summary>
/// A token bucket over all items: <paramref name="burst"/> at once, then <paramref name="perSecond"/> of them, each later
/// caller reserving the next free moment (golang.org/x/time/rate as client-go's BucketRateLimiter uses it).
/// </summary>
public sealed class BucketRateLimiter<T>(double perSecond, int burst, TimeProvider time) : IRateLimiter<T>
    where T : notnull
{
    private readonly Lock _lock = new();
    private double _tokens = burst;
    private long _last = time.GetTimestamp();

    public TimeSpan When(T item)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var gained = time.GetElapsedTime(_last, now).TotalSeconds * perSecond;
            _tokens = Math.Min(burst, _tokens + Math.Max(0, gained)) - 1;
            _last = now;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
        }
    }

    public void Forget(T item)
    {
    }

    public int RequeueCount(T item) => 0;
}
