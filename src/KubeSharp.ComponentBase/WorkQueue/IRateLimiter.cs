namespace KubeSharp.ComponentBase.WorkQueue;

/// <summary>Decides how long an item waits before it is tried again (client-go/util/workqueue/default_rate_limiters.go). Thread-safe.</summary>
public interface IRateLimiter<T>
    where T : notnull
{
    /// <summary>Counts one failure of the item and says how long to wait.</summary>
    TimeSpan When(T item);

    /// <summary>Stops tracking the item, after success or when giving up.</summary>
    void Forget(T item);

    /// <summary>How often the item failed since it was last forgotten.</summary>
    int RequeueCount(T item);
}
