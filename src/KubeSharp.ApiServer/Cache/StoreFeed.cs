using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ComponentBase;
using KubeSharp.Storage;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// Fills the watch caches: one range read of everything under <c>/registry/</c>, then one watch from there on. A single
/// stream gives all resources one order and one progress, so that a consistent read waits for one number
/// (upstream has a reflector per resource and progress requests for each; KEP-2340).
/// Differs: one watch for all resources, because every replica caches them all anyway and the store sends each event once.
/// </summary>
public sealed partial class StoreFeed : IDisposable
{
    public const string Root = "/registry/";

    /// <summary>How long a read waits for the cache to catch up before it is told to come again (upstream: 3 s).</summary>
    private static readonly TimeSpan CatchUpTimeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    private const int PageSize = 1000;

    /// <summary>How many revisions before the newest the caches begin, where the store still has them: watches that a restart has cut
    /// go on from where they were instead of listing anew (upstream's caches begin at the newest, and answer 410).</summary>
    private const long HistoryAtStart = 2000;

    /// <summary>How long a key management service is not asked again by the feed after it failed.</summary>
    private static readonly TimeSpan RemoteFailureTime = TimeSpan.FromSeconds(3);

    /// <summary>How many objects one read tries again of those that only another configuration can help.</summary>
    private const int MaxLastingRetries = 8;

    private readonly IRevisionedStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Dictionary<string, WatchCache> _caches = new(StringComparer.Ordinal);
    private readonly Lock _waitersLock = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiters = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision;
    private int _asking;
    private RemoteFailure? _remoteFailure;

    public StoreFeed(IRevisionedStore store, TimeProvider time, ILogger logger)
    {
        _store = store;
        _time = time;
        _logger = logger;
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>All changes up to this revision are in the caches and in the watchers' queues.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>Completes when the caches have been filled for the first time.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Adds the cache of a stored resource; before <see cref="RunAsync"/> starts.</summary>
    public WatchCache Add(string storagePrefix, ObjectCodec codec)
    {
        var cache = new WatchCache($"{Root}{storagePrefix}/", codec, _time);
        _caches.Add(storagePrefix, cache);
        return cache;
    }

    /// <summary>Adds the cache of a resource while the feed runs (custom resources); it is filled when this returns. One that was
    /// there before stays as it is from now on: its watches are the caller's to end.</summary>
    public async Task<WatchCache> AddAsync(string storagePrefix, ObjectCodec codec, CancellationToken cancellationToken)
    {
        var cache = new WatchCache($"{Root}{storagePrefix}/", codec, _time);
        while (true)
        {
            // No batch is applied meanwhile: what is read is what the other caches hold.
            await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var revision = Revision;
                var found = await ReadAsync(cache, revision, cancellationToken).ConfigureAwait(false);
                cache.Replace(found.Objects, found.Undecodable, revision);
                _caches = new Dictionary<string, WatchCache>(_caches, StringComparer.Ordinal) { [storagePrefix] = cache };
                return cache;
            }
            catch (CompactedException)
            {
                // The feed lags; it moves on once it has the gate.
            }
            finally
            {
                _gate.Release();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets a resource; its watches end.</summary>
    public async Task RemoveAsync(string storagePrefix, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_caches.TryGetValue(storagePrefix, out var cache))
                return;
            var rest = new Dictionary<string, WatchCache>(_caches, StringComparer.Ordinal);
            rest.Remove(storagePrefix);
            _caches = rest;
            cache.EndWatches();
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Found> ReadAsync(WatchCache cache, long revision, CancellationToken cancellationToken)
    {
        var found = new Found();
        var request = RangeRequest.Prefix(cache.KeyPrefix, revision, PageSize);
        while (true)
        {
            var page = await _store.RangeAsync(request, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
                found.Add(await TryOpenAsync(cache, item, cancellationToken).ConfigureAwait(false));
            if (!page.More)
                return found;
            request = request with { Start = page.Items[^1].Key + "\0" };
        }
    }

    /// <summary>Runs until cancelled. When the store ends the watch (compaction, loss of history) all caches are filled anew.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var filled = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!filled)
                {
                    await FillAsync(cancellationToken).ConfigureAwait(false);
                    filled = true;
                }

                await FollowAsync(Revision + 1, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is CompactedException or StoreUnavailableException)
            {
                Log.Restarting(_logger, exception.Message);
                // What is cached is whole up to its revision: only where the history behind that is gone it must be read anew.
                filled &= exception is StoreUnavailableException;
                await Task.Delay(TimeSpan.FromMilliseconds(200), _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Waits until the caches hold everything up to a revision.</summary>
    /// <exception cref="StatusException">504 Timeout with the cause ResourceVersionTooLarge after three seconds.</exception>
    public ValueTask WaitForAsync(long revision, CancellationToken cancellationToken) =>
        Revision >= revision ? ValueTask.CompletedTask : WaitSlowAsync(revision, cancellationToken);

    /// <summary>Waits until the caches hold everything that was acknowledged before the call (a consistent read).</summary>
    public async ValueTask<long> WaitForCurrentAsync(CancellationToken cancellationToken)
    {
        var current = await _store.CurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
        await WaitForAsync(current, cancellationToken).ConfigureAwait(false);
        return current;
    }

    private async ValueTask WaitSlowAsync(long revision, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waitersLock)
        {
            if (Revision >= revision)
                return;
            _waiters.Enqueue(waiter, revision);
        }

        if (!_store.IsLocal)
            _ = AskForProgressAsync(cancellationToken);
        try
        {
            await waiter.Task.WaitAsync(CatchUpTimeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw StatusErrors.TooLargeResourceVersion((ulong)revision, (ulong)Revision, 1);
        }
        finally
        {
            waiter.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>A store elsewhere says how far the watch is only with a change or when asked: it is asked while anybody waits
    /// (upstream's conditionalProgressRequester, every 100 ms).</summary>
    private async Task AskForProgressAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _asking, 1) == 1)
            return;
        try
        {
            while (HasWaiters())
            {
                await _store.RequestProgressAsync(cancellationToken).ConfigureAwait(false);
                await Task.Delay(ProgressInterval, _time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Who waits longer asks again.
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
            if (HasWaiters())
                _ = AskForProgressAsync(CancellationToken.None);
        }
    }

    private bool HasWaiters()
    {
        lock (_waitersLock)
        {
            // Those that were given up are still in line.
            while (_waiters.TryPeek(out var waiter, out _) && waiter.Task.IsCompleted)
                _waiters.Dequeue();
            return _waiters.Count > 0;
        }
    }

    /// <summary>Fills the caches: for the first time with a state a little before the newest, so that there is history.</summary>
    private async Task FillAsync(CancellationToken cancellationToken)
    {
        var newest = await _store.CurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
        var start = _synced.Task.IsCompleted ? newest : Math.Max(1, newest - HistoryAtStart);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            try
            {
                start = await FillAsync(start < newest ? start : 0, cancellationToken).ConfigureAwait(false);
            }
            catch (CompactedException exception) when (start < newest)
            {
                start = await FillAsync(exception.CompactRevision > start && exception.CompactRevision < newest ? exception.CompactRevision : 0, cancellationToken).ConfigureAwait(false);
            }

            Advance(start);
        }
        finally
        {
            _gate.Release();
        }

        if (start >= newest)
            _synced.TrySetResult();
        else
            _ = SyncAsync(newest, cancellationToken);
    }

    /// <summary>The caches serve when they have caught up.</summary>
    private async Task SyncAsync(long revision, CancellationToken cancellationToken)
    {
        while (!_synced.Task.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                await WaitForAsync(revision, cancellationToken).ConfigureAwait(false);
                _synced.TrySetResult();
            }
            catch (Exception exception) when (exception is StatusException or StoreUnavailableException or OperationCanceledException)
            {
                // The feed goes on trying, until it is told to end.
            }
        }
    }

    private async Task<long> FillAsync(long at, CancellationToken cancellationToken)
    {
        var found = _caches.ToDictionary(pair => pair.Key, _ => new Found(), StringComparer.Ordinal);
        var request = RangeRequest.Prefix(Root, at, PageSize);
        while (true)
        {
            var page = await _store.RangeAsync(request, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
            {
                if (PrefixOf(item.Key) is { } prefix)
                    found[prefix].Add(await TryOpenAsync(_caches[prefix], item, cancellationToken).ConfigureAwait(false));
            }

            if (!page.More)
            {
                var revision = request.Revision == 0 ? page.Revision : request.Revision;
                foreach (var (prefix, (objects, undecodable)) in found)
                    _caches[prefix].Replace(objects, undecodable, revision);
                return revision;
            }

            request = request with { Start = page.Items[^1].Key + "\0", Revision = request.Revision == 0 ? page.Revision : request.Revision };
        }
    }

    private async Task FollowAsync(long fromRevision, CancellationToken cancellationToken)
    {
        await foreach (var batch in _store.WatchAsync(Root, fromRevision, cancellationToken).ConfigureAwait(false))
        {
            await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                foreach (var change in batch.Events)
                {
                    if (PrefixOf(change.KeyValue.Key) is { } prefix)
                        await ApplyAsync(_caches[prefix], change, cancellationToken).ConfigureAwait(false);
                }

                Advance(batch.Revision);
            }
            finally
            {
                _gate.Release();
            }
        }
    }

    private async ValueTask ApplyAsync(WatchCache cache, StoreEvent change, CancellationToken cancellationToken)
    {
        var key = change.KeyValue.Key;
        var revision = change.KeyValue.ModRevision;
        var previous = cache.Snapshot.Find(key);
        var now = _time.SteadyNow();
        if (change.Type == StoreEventType.Delete)
        {
            if (previous is null)
            {
                if (cache.State.Undecodable.GetValueOrDefault(key) is { } gone)
                    cache.Resolve(gone, null, revision);
                return;
            }

            // Clients see the last state at the revision of its deletion.
            var last = previous.AtRevision(revision);
            cache.Apply(new WatchCacheEvent(WatchEventType.Deleted, revision, last, previous, now));
            return;
        }

        CachedObject? cached;
        if (change.Attachment is CachedObject written)
        {
            written.Complete(revision);
            cached = written;
        }
        else
        {
            (cached, var broken) = await TryOpenAsync(cache, change.KeyValue, cancellationToken).ConfigureAwait(false);
            if (broken is not null)
                cache.Apply(broken);
        }

        if (cached is not null)
            cache.Apply(new WatchCacheEvent(previous is null ? WatchEventType.Added : WatchEventType.Modified, revision, cached, previous, now));
    }

    /// <summary>
    /// Tries the objects of a cache again that could not be read: keys may have been added, or their service may be back.
    /// </summary>
    /// <param name="cache">The cache.</param>
    /// <param name="key">The one object that is wanted; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask RetryUndecodableAsync(WatchCache cache, string? key, CancellationToken cancellationToken) =>
        RetryUndecodableAsync(cache, key, MaxLastingRetries, cancellationToken);

    private async ValueTask RetryUndecodableAsync(WatchCache cache, string? key, int maxLasting, CancellationToken cancellationToken)
    {
        var lasting = 0;
        foreach (var broken in cache.State.Undecodable.Values)
        {
            if (key is not null ? broken.Key != key : !broken.IsTransient && lasting++ >= maxLasting)
                continue;
            var stored = await _store.GetAsync(broken.Key, 0, cancellationToken).ConfigureAwait(false);
            // Another state of the object comes by the watch.
            if (stored.KeyValue is not { } item || item.ModRevision != broken.Revision)
                continue;
            var (cached, again) = await cache.Codec.TryOpenAsync(item, cancellationToken).ConfigureAwait(false);
            if (cached is not null)
                cache.Resolve(broken, cached, broken.Revision);
            else if (again!.IsTransient)
                // The others would wait for the same service.
                return;
        }
    }

    /// <summary>Tries all objects of all caches again: the configuration has changed.</summary>
    public async Task RetryAllUndecodableAsync(CancellationToken cancellationToken)
    {
        foreach (var cache in _caches.Values)
            await RetryUndecodableAsync(cache, null, int.MaxValue, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<(CachedObject? Object, UndecodableObject? Broken)> TryOpenAsync(WatchCache cache, KeyValue item, CancellationToken cancellationToken)
    {
        // When a key management service did not answer for one object, all are held up by it; they are not waited for one by one.
        if (_remoteFailure is { } failure && failure.Cache == cache && _time.SteadyNow() < failure.Until && item.Value.Span.StartsWith("k8s:enc:kms:"u8))
            return (null, UndecodableObject.Sealed(item, failure.Problem, isTransient: true));
        var (cached, broken) = await cache.Codec.TryOpenAsync(item, cancellationToken).ConfigureAwait(false);
        if (broken is not null)
        {
            Log.Undecodable(_logger, item.Key, broken.Status.Message);
            if (broken.IsTransient)
                _remoteFailure = new RemoteFailure(cache, broken.Status.Message, _time.SteadyNow() + RemoteFailureTime);
        }

        return (cached, broken);
    }

    private sealed record RemoteFailure(WatchCache Cache, string Problem, TimeSpan Until);

    /// <summary>What a range read found of one resource.</summary>
    private sealed class Found
    {
        private readonly List<CachedObject> _objects = [];
        private readonly List<UndecodableObject> _undecodable = [];

        public List<CachedObject> Objects => _objects;

        public List<UndecodableObject> Undecodable => _undecodable;

        public void Add((CachedObject? Object, UndecodableObject? Broken) item)
        {
            if (item.Object is not null)
                _objects.Add(item.Object);
            if (item.Broken is not null)
                _undecodable.Add(item.Broken);
        }

        public void Deconstruct(out List<CachedObject> objects, out List<UndecodableObject> undecodable) => (objects, undecodable) = (_objects, _undecodable);
    }

    private void Advance(long revision)
    {
        lock (_waitersLock)
        {
            if (revision > _revision)
                Volatile.Write(ref _revision, revision);
            while (_waiters.TryPeek(out var waiter, out var wanted) && wanted <= _revision)
            {
                _waiters.Dequeue();
                waiter.TrySetResult();
            }
        }
    }

    /// <summary>The storage prefix of a key: one segment (<c>pods</c>) or two (<c>services/specs</c>); null for foreign keys.</summary>
    private string? PrefixOf(string key)
    {
        var lookup = _caches.GetAlternateLookup<ReadOnlySpan<char>>();
        var rest = key.AsSpan(Root.Length);
        var slash = rest.IndexOf('/');
        if (slash < 0)
            return null;
        if (lookup.TryGetValue(rest[..slash], out var prefix, out _))
            return prefix;
        var second = rest[(slash + 1)..].IndexOf('/');
        return second >= 0 && lookup.TryGetValue(rest[..(slash + 1 + second)], out prefix, out _) ? prefix : null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The store's watch ended, filling the caches anew: {Reason}")]
        public static partial void Restarting(ILogger logger, string reason);

        [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "The object at {Key} cannot be read, and lists that it belongs to fail: {Reason}")]
        public static partial void Undecodable(ILogger logger, string key, string reason);
    }
}
