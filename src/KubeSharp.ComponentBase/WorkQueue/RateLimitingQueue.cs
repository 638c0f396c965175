using KubeSharp.ComponentBase.Metrics;

namespace KubeSharp.ComponentBase.WorkQueue;

/// <summary>
/// The work queue of controllers: an item waits in it once however often it is added; one that is added while it is being
/// processed is handed out once more after <see cref="Done"/>, so that no two workers ever hold the same item. Items can
/// be added after a delay or as a rate limiter says. Thread-safe.
/// Follows client-go/util/workqueue/{queue,delaying_queue,rate_limiting_queue}.go.
/// </summary>
public sealed class RateLimitingQueue<T> : IDisposable
    where T : notnull
{
    // Longer delays are re-armed on the way; platform timers end at about 49 days.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly IRateLimiter<T> _limiter;
    private readonly ITimer _timer;
    private readonly Queue<T> _ready = [];
    private readonly HashSet<T> _dirty = [];
    private readonly HashSet<T> _processing = [];
    private readonly Queue<TaskCompletionSource<(T? Item, bool ShuttingDown)>> _waiters = [];
    private readonly DelayedItems<T> _delayed = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WorkQueueMetrics? _metrics;
    private readonly Dictionary<T, long>? _since;
    private bool _shuttingDown;

    /// <param name="time">The clock.</param>
    /// <param name="limiter">Delays of failing items; upstream's usual one when null.</param>
    /// <param name="name">The name in the queue's metrics; a queue without one has none.</param>
    public RateLimitingQueue(TimeProvider time, IRateLimiter<T>? limiter = null, string name = "")
    {
        _time = time;
        if (name.Length > 0)
        {
            _metrics = new WorkQueueMetrics(name);
            _since = [];
        }

        _limiter = limiter ?? ControllerRateLimiter.Create<T>(time);
        _timer = time.CreateTimer(static state => ((RateLimitingQueue<T>)state!).AddDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Items ready to be handed out (not those delayed or being processed).</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _ready.Count;
        }
    }

    public bool IsShuttingDown
    {
        get
        {
            lock (_lock)
                return _shuttingDown;
        }
    }

    /// <summary>Marks the item as needing work. Ignored once shutting down.</summary>
    public void Add(T item)
    {
        lock (_lock)
            AddLocked(item);
    }

    /// <summary>Adds the item after a delay; of several delays pending for one item the earliest counts.</summary>
    public void AddAfter(T item, TimeSpan delay)
    {
        lock (_lock)
        {
            if (_shuttingDown)
                return;
            if (delay <= TimeSpan.Zero)
            {
                AddLocked(item);
                return;
            }

            if (_delayed.Add(item, _time.SteadyNow() + delay))
                ArmTimer();
        }
    }

    /// <summary>Counts a failure of the item and adds it after the delay that its limiter gives.</summary>
    public void AddRateLimited(T item)
    {
        _metrics?.Retried();
        AddAfter(item, _limiter.When(item));
    }

    /// <summary>Clears the item's failures. It does not leave the queue.</summary>
    public void Forget(T item) => _limiter.Forget(item);

    public int RequeueCount(T item) => _limiter.RequeueCount(item);

    /// <summary>Waits for an item, which the caller then owns until it calls <see cref="Done"/>; after shutdown what is
    /// ready is still handed out, then <c>ShuttingDown</c> is true and there is no item.</summary>
    public ValueTask<(T? Item, bool ShuttingDown)> GetAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<(T? Item, bool ShuttingDown)> waiter;
        lock (_lock)
        {
            if (cancellationToken.IsCancellationRequested)
                return ValueTask.FromCanceled<(T? Item, bool ShuttingDown)>(cancellationToken);
            if (_ready.TryDequeue(out var item))
            {
                Take(item);
                return ValueTask.FromResult(((T?)item, false));
            }

            if (_shuttingDown)
                return ValueTask.FromResult((default(T), true));
            waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
            while (_waiters.TryPeek(out var first) && first.Task.IsCompleted)
                _waiters.Dequeue();
            _waiters.Enqueue(waiter);
        }

        return AwaitAsync(waiter, cancellationToken);
    }

    /// <summary>Ends the work on an item; when it was added meanwhile it is ready again.</summary>
    public void Done(T item)
    {
        lock (_lock)
        {
            _processing.Remove(item);
            if (_since is not null && _since.Remove(item, out var started))
                _metrics!.Finished(_time.GetElapsedTime(started));
            if (_dirty.Contains(item))
                Push(item);
            CheckDrained();
        }
    }

    /// <summary>Ignores all later additions and drops delayed ones; workers get what is ready, then the end.</summary>
    public void ShutDown()
    {
        lock (_lock)
        {
            _shuttingDown = true;
            _delayed.Clear();
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            while (_waiters.TryDequeue(out var waiter))
                waiter.TrySetResult((default, true));
            CheckDrained();
        }
    }

    /// <summary>Shuts down and waits until workers have finished all that is ready or in their hands.</summary>
    public Task ShutDownWithDrainAsync(CancellationToken cancellationToken)
    {
        ShutDown();
        return _drained.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Shuts down and gives the timer back.</summary>
    public void Dispose()
    {
        ShutDown();
        _timer.Dispose();
    }

    private static async ValueTask<(T? Item, bool ShuttingDown)> AwaitAsync(
        TaskCompletionSource<(T? Item, bool ShuttingDown)> waiter, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<(T? Item, bool ShuttingDown)>)state!).TrySetCanceled(token), waiter).ConfigureAwait(false);
        return await waiter.Task.ConfigureAwait(false);
    }

    private void AddLocked(T item)
    {
        if (_shuttingDown || !_dirty.Add(item))
            return;
        _metrics?.Added();
        if (!_processing.Contains(item))
            Push(item);
    }

    // Hands the item to the longest waiting worker, or keeps it.
    private void Push(T item)
    {
        while (_waiters.TryDequeue(out var waiter))
        {
            if (!waiter.TrySetResult((item, false)))
                continue;
            Take(item);
            return;
        }

        _ready.Enqueue(item);
        if (_since is not null)
            _since[item] = _time.GetTimestamp();
    }

    private void Take(T item)
    {
        _dirty.Remove(item);
        _processing.Add(item);
        if (_since is null)
            return;
        var now = _time.GetTimestamp();
        _metrics!.Taken(_since.TryGetValue(item, out var since) ? _time.GetElapsedTime(since, now) : TimeSpan.Zero);
        _since[item] = now;
    }

    private void CheckDrained()
    {
        if (_shuttingDown && _processing.Count == 0 && _ready.Count == 0)
            _drained.TrySetResult();
    }

    private void AddDue()
    {
        lock (_lock)
        {
            if (_shuttingDown)
                return;
            while (_delayed.TryTakeDue(_time.SteadyNow(), out var item))
                AddLocked(item);
            ArmTimer();
        }
    }

    private void ArmTimer()
    {
        if (_delayed.NextDue is not { } next)
            return;
        var wait = next - _time.SteadyNow();

        // Rounded up: a timer counts whole milliseconds, and one that fires early would only be armed again.
        wait = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Clamp(wait.TotalMilliseconds, 0, LongestTimer.TotalMilliseconds)));
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }
}
