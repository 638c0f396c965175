namespace KubeSharp.ComponentBase.WorkQueue;

/// <summary>Base delay times two to the power of the failures so far, up to a maximum
/// (client-go/util/workqueue/default_rate_limiters.go). Controllers use 5 ms and 1000 s.</summary>
public sealed class ItemExponentialFailureRateLimiter<T>(TimeSpan baseDelay, TimeSpan maxDelay) : IRateLimiter<T>
    where T : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<T, int> _failures = [];

    public TimeSpan When(T item)
    {
        int failures;
        lock (_lock)
        {
            failures = _failures.GetValueOrDefault(item);
            _failures[item] = failures + 1;
        }

        var ticks = baseDelay.Ticks * Math.Pow(2, failures);
        return ticks >= maxDelay.Ticks ? maxDelay : TimeSpan.FromTicks((long)ticks);
    }

    public void Forget(T item)
    {
        lock (_lock)
            _failures.Remove(item);
    }

    public int RequeueCount(T item)
    {
        lock (_lock)
            return _failures.GetValueOrDefault(item);
    }
}
