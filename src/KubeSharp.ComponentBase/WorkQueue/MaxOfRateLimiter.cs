namespace KubeSharp.ComponentBase.WorkQueue;

/// <summary>Asks several limiters and waits for the slowest (client-go/util/workqueue/default_rate_limiters.go).</summary>
public sealed class MaxOfRateLimiter<T>(params IReadOnlyList<IRateLimiter<T>> limiters) : IRateLimiter<T>
    where T : notnull
{
    public TimeSpan When(T item) => limiters.Max(limiter => limiter.When(item));

    public void Forget(T item)
    {
        foreach (var limiter in limiters)
            limiter.Forget(item);
    }

    public int RequeueCount(T item) => limiters.Max(limiter => limiter.RequeueCount(item));
}
