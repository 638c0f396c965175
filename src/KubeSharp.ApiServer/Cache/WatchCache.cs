using System.Collections.Immutable;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ComponentBase;

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
    internal void Replace(IReadOnlyList<CachedObject> sorted, IEnumerable<UndecodableObject> undecodable, long revision)
    {
        lock (_lock)
        {
            var broken = CacheState.NoneUndecodable.AddRange(undecodable.Select(u => KeyValuePair.Create(u.Key, u)));
            Volatile.Write(ref _state, new CacheState(OrderedSnapshot.FromSorted(sorted), revision, IndexOf(sorted)) { Undecodable = broken });
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
            Volatile.Write(ref _state, new CacheState(snapshot, change.Revision, _state.Index?.With(change)) { Undecodable = _state.Undecodable.Remove(change.Object.Key) });
            _events.Enqueue(change);
            Evict();
            _watchers.Offer(change);
        }

        _recent.Enqueue(change.Object);
        if (_recent.Count > RecentTrees)
            _recent.Dequeue().DropTree();
    }

    /// <summary>An object has changed into something that cannot be read. The watches end, since what they should see is not
    /// known, and those that come back later list anew.</summary>
    internal void Apply(UndecodableObject broken)
    {
        lock (_lock)
        {
            var before = _state.Snapshot.Find(broken.Key);
            var index = before is null ? _state.Index : _state.Index?.With(new WatchCacheEvent(WatchEventType.Deleted, broken.Revision, before, before, _time.SteadyNow()));
            Volatile.Write(ref _state, new CacheState(_state.Snapshot.Without(broken.Key), broken.Revision, index) { Undecodable = _state.Undecodable.SetItem(broken.Key, broken) });
            ForgetEvents(broken.Revision);
            EndWatches();
        }
    }

    /// <summary>An object that could not be read now can be, or is gone (null).</summary>
    internal void Resolve(UndecodableObject broken, CachedObject? cached, long revision)
    {
        lock (_lock)
        {
            if (_state.Undecodable.GetValueOrDefault(broken.Key) != broken)
                return;
            var snapshot = cached is null ? _state.Snapshot : _state.Snapshot.With(cached);
            var index = cached is null ? _state.Index : _state.Index?.With(new WatchCacheEvent(WatchEventType.Added, revision, cached, null, _time.SteadyNow()));
            Volatile.Write(ref _state, new CacheState(snapshot, Math.Max(revision, _state.Revision), index) { Undecodable = _state.Undecodable.Remove(broken.Key) });
            // There is no event of this at its revision: who resumes from before must list.
            ForgetEvents(_state.Revision);
            EndWatches();
        }
    }

    /// <summary>Refuses watches while there are objects that cannot be read, as upstream does whose cache cannot fill then
    /// (storage/cacher/cacher.go Watch, ready.go).</summary>
    /// <exception cref="StatusException">429 TooManyRequests.</exception>
    public void EnsureReadable()
    {
        if (!State.Undecodable.IsEmpty)
            throw StatusErrors.TooManyRequests("storage is (re)initializing", 1);
    }

    private void ForgetEvents(long revision)
    {
        _events.Clear();
        _oldestRevision = Math.Max(_oldestRevision, revision);
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
        var now = _time.SteadyNow();
        while (_events.Count > MinEvents && (_events.Count > MaxEvents || now - _events.Peek().ReceivedAt > FreshDuration))
            _oldestRevision = _events.Dequeue().Revision;
    }
}

/// <summary>All objects of a resource after the change at <paramref name="Revision"/>; later revisions of the store did
/// not touch this resource as long as this is the cache's state. <paramref name="Index"/> has the same objects by their
/// trigger field, for resources with one.</summary>
public sealed record CacheState(OrderedSnapshot Snapshot, long Revision, FieldIndex? Index)
{
    internal static readonly ImmutableSortedDictionary<string, UndecodableObject> NoneUndecodable =
        ImmutableSortedDictionary.Create<string, UndecodableObject>(StringComparer.Ordinal);

    /// <summary>The objects that are there and cannot be read, by key; nearly always none.</summary>
    public ImmutableSortedDictionary<string, UndecodableObject> Undecodable { get; init; } = NoneUndecodable;

    /// <summary>The first object below a prefix, from a key on, that cannot be read.</summary>
    public UndecodableObject? FirstUndecodable(string prefix, string start) =>
        Undecodable.IsEmpty ? null : Undecodable.Values.FirstOrDefault(u => u.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(u.Key, start) >= 0);
}
