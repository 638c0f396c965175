using System.Collections.Concurrent;

namespace KubeSharp.ApiServer.Serving;

/// <summary>
/// How far a server is on its way down, and what it still works on. Safe for concurrent use.
/// Source: apiserver/pkg/server/{lifecycle_signals,genericapiserver}.go, v1.36.
/// </summary>
public sealed class LifecycleSignals : IDisposable
{
    /// <summary>Watches are ended at this rate or faster, so that not all clients come back at one moment.</summary>
    private const int MinWatchesPerSecond = 200;

    private readonly CancellationTokenSource _shutdownInitiated = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<ActiveWatch, bool> _watches = new();

    /// <summary>Requests that are being answered, and one for the server itself as long as it takes in new ones.</summary>
    private int _inFlight = 1;

    private volatile bool _notAccepting;

    /// <summary>Cancelled when the server has been asked to stop; it goes on serving, and is not ready any more.</summary>
    public CancellationToken ShutdownInitiated => _shutdownInitiated.Token;

    /// <summary>From here on new requests are refused.</summary>
    public bool IsNotAcceptingNewRequests => _notAccepting;

    /// <summary>Completes when new requests are refused and the last of the old ones has been answered; watches are not counted.</summary>
    public Task InFlightRequestsDrained => _drained.Task;

    /// <summary>How many watches run.</summary>
    public int ActiveWatches => _watches.Count;

    public void InitiateShutdown() => _shutdownInitiated.Cancel();

    public void StopAcceptingRequests()
    {
        if (_notAccepting)
            return;
        _notAccepting = true;
        EndRequest();
    }

    /// <summary>Counts a request; false when it has to be refused. Who gets true calls <see cref="EndRequest"/>.</summary>
    public bool TryBeginRequest()
    {
        Interlocked.Increment(ref _inFlight);
        if (!_notAccepting)
            return true;
        EndRequest();
        return false;
    }

    public void EndRequest()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0)
            _drained.TrySetResult();
    }

    /// <summary>Counts a watch until the result is disposed.</summary>
    /// <param name="end">Lets the watch end by itself; may be called more than once, and from any thread.</param>
    public IDisposable BeginWatch(Action end)
    {
        var watch = new ActiveWatch(this, end);
        _watches[watch] = true;
        // Asked after it is in the table: it is either found by the round that ends all, or sees that there is one.
        if (_notAccepting)
            end();
        return watch;
    }

    /// <summary>Asks all watches to end, spread over the grace period, and waits until they have.</summary>
    /// <param name="grace">How long that may take (<c>--shutdown-watch-termination-grace-period</c>); zero: all at once.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task EndWatchesAsync(TimeSpan grace, TimeProvider time, CancellationToken cancellationToken)
    {
        var watches = _watches.Keys;
        var perSecond = Math.Max(MinWatchesPerSecond, grace > TimeSpan.Zero ? watches.Count / grace.TotalSeconds : double.MaxValue);
        var started = time.GetTimestamp();
        var ended = 0;
        foreach (var watch in watches)
        {
            if (grace > TimeSpan.Zero && ended / perSecond - time.GetElapsedTime(started).TotalSeconds is > 0.01 and var early)
                await Task.Delay(TimeSpan.FromSeconds(early), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            watch.End();
            ended++;
        }

        while (!_watches.IsEmpty && !cancellationToken.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _shutdownInitiated.Dispose();

    private sealed class ActiveWatch(LifecycleSignals signals, Action end) : IDisposable
    {
        public void End() => end();

        public void Dispose() => signals._watches.TryRemove(this, out _);
    }
}
