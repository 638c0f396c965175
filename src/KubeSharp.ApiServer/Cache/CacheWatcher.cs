using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// One watch's queue of changes. Bounded: a watcher that stays full is ended, as upstream's forgetWatcher does, and
/// delays neither the others nor the cache (apiserver/pkg/storage/cacher/cache_watcher.go, v1.36).
/// One reader; <see cref="Dispose"/> may be called by it at any time.
/// </summary>
public sealed class CacheWatcher : IDisposable
{
    private readonly WatchCache _cache;
    private readonly int _capacity;
    private readonly Channel<WatchCacheEvent> _queue = Channel.CreateUnbounded<WatchCacheEvent>(new() { SingleWriter = true });
    private int _replayed;

    internal CacheWatcher(WatchCache cache, int capacity, WatchScope scope)
    {
        Scope = scope;
        _cache = cache;
        _capacity = capacity;
    }

    /// <summary>What the watch can be about.</summary>
    internal WatchScope Scope { get; }

    /// <summary>Waits for a change; false when the watch was ended by the cache.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _queue.Reader.WaitToReadAsync(cancellationToken);

    public bool TryRead([NotNullWhen(true)] out WatchCacheEvent? change) => _queue.Reader.TryRead(out change);

    public bool IsEmpty => _queue.Reader.Count == 0;

    public void Dispose()
    {
        _cache.Forget(this);
        _queue.Writer.TryComplete();
    }

    /// <summary>Adds a live change; false when the queue is full and the watch has been ended.</summary>
    internal bool Offer(WatchCacheEvent change)
    {
        // What was replayed at the start does not count against the bound: the buffer bounds that.
        if (_queue.Reader.Count >= _capacity + _replayed || !_queue.Writer.TryWrite(change))
        {
            Terminate();
            return false;
        }

        return true;
    }

    /// <summary>Adds a change of the buffer before the watch goes live.</summary>
    internal void Replay(WatchCacheEvent change)
    {
        _replayed++;
        _queue.Writer.TryWrite(change);
    }

    internal void Terminate() => _queue.Writer.TryComplete();
}
