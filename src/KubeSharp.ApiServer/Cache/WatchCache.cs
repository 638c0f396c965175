using KubeSharp.ApiMachinery.Errors;

namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// What the server knows of one stored resource: the newest state of every object in key order, and the last changes.
/// One writer (<see cref="StoreFeed"/>) applies changes in revision order; readers take the current snapshot without a
/// lock. Source: apiserver/pkg/storage/cacher/watch_cache.go, v1.36 (there: a store, a cyclic buffer, the same bounds).
/// </summary>
public sealed class WatchCache
{
    /// <summary>How long changes stay at hand for watches that resume (upstream's eventFreshDuration).</summary>
    private static readonly TimeSpan FreshDuration = TimeSpan.FromSeconds(75);

    /// <summary>Upstream's bounds of the buffer of changes.</summary>
    private const int MinEvents = 100;
    private const int MaxEvents = 100 * 1024;

    /// <summary>How many of the newest objects keep their decoded trees.</summary>
    private const int RecentTrees = 256;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Queue<WatchCacheEvent> _events = new();
    private readonly Queue<CachedObject> _recent = new();
    private readonly WatcherTable _watchers;
    private readonly int _triggerField;
    private CacheState _state;
    private long _oldestRevision;

    public WatchCache(string keyPrefix, ObjectCodec codec, TimeProvider time)
    {
        KeyPrefix = keyPrefix;
        Codec = codec;
        _time = time;
        _triggerField = codec.Strategy.TriggerField is { } trigger ? codec.Strategy.SelectableFieldNames.ToList().IndexOf(trigger) : -1;
        _watchers = new WatcherTable(_triggerField);
        _state = new CacheState(OrderedSnapshot.Empty, 0, IndexOf([]));
    }

    /// <summary><c>/registry/pods/</c>, with the slash at its end.</summary>
    public string KeyPrefix { get; }

    public ObjectCodec Codec { get; }

    /// <summary>The newest state of all objects and the revision of its last change. Immutable; take it once per request.</summary>
    public CacheState State => Volatile.Read(ref _state);

    public OrderedSnapshot Snapshot => State.Snapshot;

    public int WatcherCount
    {
        get
        {
            lock (_lock)
                return _watchers.Count;
        }
    }

    /// <summary>Starts with what a range read found. Watches can resume from this revision on.</summary>
    internal void Replace(IReadOnlyList<CachedObject> sorted, long revision)
    {
        lock (_lock)
        {
            Volatile.Write(ref _state, new CacheState(OrderedSnapshot.FromSorted(sorted), revision, IndexOf(sorted)));
            _events.Clear();
            _oldestRevision = revision;
            // The watchers of before have a gap that cannot be filled: they must list again.
            EndWatches();
        }

        foreach (var cached in sorted)
            cached.DropTree();
    }

    /// <summary>Ends all watches: no change will come any more, and their clients list again.</summary>
    internal void EndWatches()
    {
        lock (_lock)
        {
            _watchers.Terminate();
        }
    }

    /// <summary>Applies one change and hands it to the watchers. Called by the feed alone, in revision order.</summary>
    internal void Apply(WatchCacheEvent change)
    {
        lock (_lock)
        {
            var snapshot = _state.Snapshot;
            snapshot = change.Type == WatchEventType.Deleted ? snapshot.Without(change.Object.Key) : snapshot.With(change.Object);
            Volatile.Write(ref _state, new CacheState(snapshot, change.Revision, _state.Index?.With(change)));
            _events.Enqueue(change);
            Evict();
            _watchers.Offer(change);
        }

        _recent.Enqueue(change.Object);
        if (_recent.Count > RecentTrees)
            _recent.Dequeue().DropTree();
    }

    /// <summary>
    /// Opens a watch on all changes after <paramref name="afterRevision"/>, or on the current state and all that follows
    /// when that is null.
    /// </summary>
    /// <param name="afterRevision">The revision that the client has seen, or null.</param>
    /// <param name="capacity">How many changes may wait for the watcher.</param>
    /// <param name="scope">What the watch can be about; its reader still judges every change.</param>
    /// <returns>The watcher, and the state that initial events are made of (null when resuming).</returns>
    /// <exception cref="StatusException">410 Expired: the revision is older than the buffer.</exception>
    public (CacheWatcher Watcher, CacheState? Initial) Watch(long? afterRevision, int capacity, WatchScope scope)
    {
        var watcher = new CacheWatcher(this, capacity, scope);
        lock (_lock)
        {
            if (afterRevision is not { } after)
            {
                _watchers.Add(watcher);
                return (watcher, _state);
            }

            if (after < _oldestRevision)
                throw StatusErrors.ResourceExpired($"too old resource version: {after} ({_oldestRevision})");
            foreach (var change in _events)
            {
                if (change.Revision > after)
                    watcher.Replay(change);
            }

            _watchers.Add(watcher);
            return (watcher, null);
        }
    }

    internal void Forget(CacheWatcher watcher)
    {
        lock (_lock)
            _watchers.Remove(watcher);
    }

    private FieldIndex? IndexOf(IReadOnlyList<CachedObject> sorted) => _triggerField < 0 ? null : FieldIndex.Of(_triggerField, sorted);

    private void Evict()
    {
        var now = _time.GetUtcNow();
        while (_events.Count > MinEvents && (_events.Count > MaxEvents || now - _events.Peek().ReceivedAt > FreshDuration))
            _oldestRevision = _events.Dequeue().Revision;
    }
}

/// <summary>All objects of a resource after the change at <paramref name="Revision"/>; later revisions of the store did
/// not touch this resource as long as this is the cache's state. <paramref name="Index"/> has the same objects by their
/// trigger field, for resources with one.</summary>
public sealed record CacheState(OrderedSnapshot Snapshot, long Revision, FieldIndex? Index);
