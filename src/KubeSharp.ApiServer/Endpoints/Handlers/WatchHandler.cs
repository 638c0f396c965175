using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Serving;
using KubeSharp.ComponentBase;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>
/// A watch: initial state where asked for, then every change that the selectors let through, bookmarks, and an end on
/// time. Source: handlers/watch.go, storage/cacher/cacher.go Watch, v1.36; KEP-3157 (sendInitialEvents).
/// </summary>
public sealed class WatchHandler(LifecycleSignals lifecycle, TimeSpan minTimeout, TimeProvider time) : IVerbHandler
{
    /// <summary>Changes that may wait for one slow client before its watch is ended.</summary>
    private const int QueueCapacity = 1000;

    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);

    /// <summary>The last bookmark comes this long before the end, so that clients resume from there.</summary>
    private static readonly TimeSpan BookmarkBeforeEnd = TimeSpan.FromSeconds(2);

    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Watch(request.Http.Request);
        var options = ReadOptions.From(request.Http.Request);
        options.Validate(isWatch: true);
        var store = request.Served.Store;
        var fieldSelector = request.Info.Parts.Count > 1 && request.Info.Name.Length > 0
            ? $"metadata.name={request.Info.Name}"
            : options.FieldSelector;
        var predicate = SelectionPredicate.Parse(options.LabelSelector, fieldSelector, request.Resource, store.Strategy);
        var resourceVersion = ResourceVersions.ParseForGet(options.ResourceVersion);

        await EnsureReadableAsync(store, request.Aborted).ConfigureAwait(false);
        await using var writer = await WatchWriter.StartAsync(request, format).ConfigureAwait(false);
        if (writer is null)
            return;
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, writer.PeerClosed);
        try
        {
            await WatchAsync(request, writer, options, predicate, resourceVersion, gone.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (writer.PeerClosed.IsCancellationRequested)
        {
            // The client closed its WebSocket.
        }
    }

    private async Task WatchAsync(ApiRequest request, WatchWriter writer, ReadOptions options, SelectionPredicate predicate, long? resourceVersion, CancellationToken cancellationToken)
    {
        var store = request.Served.Store;
        var timeout = TimeSpan.FromSeconds(options.TimeoutSeconds is > 0 and var seconds ? seconds : minTimeout.TotalSeconds * (1 + Random.Shared.NextDouble()));
        CacheWatcher watcher;
        CacheState? initial;
        try
        {
            (watcher, initial) = await OpenAsync(store, options, resourceVersion, predicate.Scope(store.Resource.Namespaced ? request.Info.Namespace : ""), cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.Status.Code is 410 or 504)
        {
            await writer.WriteErrorAsync(exception.Status).ConfigureAwait(false);
            return;
        }

        using (watcher)
        {
            var prefix = store.Resource.Namespaced && request.Info.Namespace.Length > 0
                ? $"{store.Cache.KeyPrefix}{request.Info.Namespace}/"
                : store.Cache.KeyPrefix;
            // A server that stops ends its watches as they end at their time: what was queued is sent, and no error.
            using var active = lifecycle.BeginWatch(watcher.Terminate);
            var session = new Session(writer, watcher, predicate, prefix, store.Feed, options, time.SteadyNow() + timeout, time);
            if (initial is not null)
                await session.SendInitialAsync(initial, cancellationToken).ConfigureAwait(false);
            await session.FollowAsync(resourceVersion ?? 0, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Before anything is answered: a watch would leave out what cannot be read.</summary>
    private static async ValueTask EnsureReadableAsync(ResourceStore store, CancellationToken cancellationToken)
    {
        if (store.Cache.State.Undecodable.IsEmpty)
            return;
        await store.Feed.RetryUndecodableAsync(store.Cache, null, cancellationToken).ConfigureAwait(false);
        store.Cache.EnsureReadable();
    }

    private static async ValueTask<(CacheWatcher Watcher, CacheState? Initial)> OpenAsync(ResourceStore store, ReadOptions options, long? resourceVersion, WatchScope scope, CancellationToken cancellationToken)
    {
        var wantsInitial = options.SendInitialEvents ?? resourceVersion is null or 0;
        if (!wantsInitial)
        {
            if (resourceVersion is null or 0)
                return store.Cache.Watch(store.Cache.State.Revision, QueueCapacity, scope);
            return store.Cache.Watch(resourceVersion, QueueCapacity, scope);
        }

        if (resourceVersion is null)
            await store.Feed.WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
        else if (resourceVersion > 0)
            await store.Feed.WaitForAsync(resourceVersion.Value, cancellationToken).ConfigureAwait(false);
        return store.Cache.Watch(null, QueueCapacity, scope);
    }

    /// <summary>The state of one watch while it runs.</summary>
    private sealed class Session(WatchWriter writer, CacheWatcher watcher, SelectionPredicate predicate, string prefix, StoreFeed feed, ReadOptions options, TimeSpan end, TimeProvider time)
    {
        private long _sent;

        public async Task SendInitialAsync(CacheState state, CancellationToken cancellationToken)
        {
            foreach (var cached in state.Snapshot.Range(prefix, prefix))
            {
                if (!predicate.Matches(cached))
                    continue;
                writer.Write(WatchEventType.Added, cached);
                await writer.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
            }

            _sent = Math.Max(state.Revision, feed.Revision < state.Revision ? state.Revision : 0);
            if (options is { SendInitialEvents: true, AllowWatchBookmarks: true })
                writer.WriteBookmark(Math.Max(state.Revision, _sent), initialEventsEnd: true);
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        public async Task FollowAsync(long after, CancellationToken cancellationToken)
        {
            _sent = Math.Max(_sent, after);
            var nextBookmark = time.SteadyNow() + BookmarkInterval;
            var finalBookmark = end - BookmarkBeforeEnd;
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            while (true)
            {
                var now = time.SteadyNow();
                if (now >= end)
                    return;
                // Read before the queue is found empty: everything up to it has been queued, so a bookmark may name it.
                var revision = feed.Revision;
                if (!watcher.IsEmpty)
                {
                    await DrainAsync(cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (options.AllowWatchBookmarks && now >= nextBookmark)
                {
                    if (revision > _sent)
                    {
                        writer.WriteBookmark(revision, initialEventsEnd: false);
                        _sent = revision;
                        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
                    }

                    nextBookmark = now + BookmarkInterval;
                }

                var wake = options.AllowWatchBookmarks ? Earliest(nextBookmark, finalBookmark > now ? finalBookmark : end, end) : end;
                if (options.AllowWatchBookmarks && finalBookmark > now && wake == finalBookmark)
                    nextBookmark = finalBookmark;
                if (!await WaitAsync(wake - now, cancellationToken).ConfigureAwait(false))
                    return;
            }
        }

        /// <summary>False when the cache ended the watch.</summary>
        private async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
        {
            var wait = watcher.WaitAsync(cancellationToken);
            if (wait.IsCompleted)
                return await wait.ConfigureAwait(false);
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var waiting = wait.AsTask();
            var delay = Task.Delay(timeout, time, timer.Token);
            if (await Task.WhenAny(waiting, delay).ConfigureAwait(false) == waiting)
            {
                await timer.CancelAsync().ConfigureAwait(false);
                return await waiting.ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
            return true;
        }

        private async ValueTask DrainAsync(CancellationToken cancellationToken)
        {
            while (watcher.TryRead(out var change))
            {
                if (change.Revision <= _sent)
                    continue;
                _sent = change.Revision;
                if (!change.Object.Key.StartsWith(prefix, StringComparison.Ordinal))
                    continue;
                if (predicate.Judge(change) is var (type, cached) && cached is not null)
                    writer.Write(type, cached);
                await writer.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
            }

            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        private static TimeSpan Earliest(TimeSpan a, TimeSpan b, TimeSpan c)
        {
            var earliest = a < b ? a : b;
            return earliest < c ? earliest : c;
        }
    }
}
