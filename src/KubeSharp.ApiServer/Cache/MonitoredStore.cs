using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using KubeSharp.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// Measures every request to the store, and says once when the store is lost, once when it is back, and at most once a second
/// that it is slow. Source: apiserver/pkg/storage/etcd3/store.go (RecordEtcdRequest; traces of more than 500 ms), v1.36.
/// </summary>
internal sealed partial class MonitoredStore(IRevisionedStore inner, TimeProvider time) : IRevisionedStore
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(1);

    /// <summary>Resources by the part of the key that names them; bounded by the kinds that there are.</summary>
    private readonly ConcurrentDictionary<string, (string Group, string Resource)> _resources = new(StringComparer.Ordinal);

    private long _lostAt;
    private long _saidSlowAt;
    private int _slowSince;

    /// <summary>Set when logging has been built.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    public bool IsLocal => inner.IsLocal;

    public ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken cancellationToken) =>
        MeasureAsync("get", key, inner.GetAsync(key, revision, cancellationToken));

    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken) =>
        MeasureAsync(OperationOf(request), request.Start, inner.RangeAsync(request, cancellationToken));

    public ValueTask<WriteResult> PutAsync(string key, long expectedModRevision, ReadOnlyMemory<byte> value, long lease, object? attachment, CancellationToken cancellationToken) =>
        MeasureAsync(expectedModRevision == 0 ? "create" : "update", key, inner.PutAsync(key, expectedModRevision, value, lease, attachment, cancellationToken));

    public ValueTask<WriteResult> DeleteAsync(string key, long expectedModRevision, CancellationToken cancellationToken) =>
        MeasureAsync("delete", key, inner.DeleteAsync(key, expectedModRevision, cancellationToken));

    public IAsyncEnumerable<WatchBatch> WatchAsync(string prefix, long startRevision, CancellationToken cancellationToken) => inner.WatchAsync(prefix, startRevision, cancellationToken);

    public ValueTask<long> CurrentRevisionAsync(CancellationToken cancellationToken) => inner.CurrentRevisionAsync(cancellationToken);

    public ValueTask RequestProgressAsync(CancellationToken cancellationToken) => inner.RequestProgressAsync(cancellationToken);

    public ValueTask<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken) => inner.GrantLeaseAsync(timeToLive, cancellationToken);

    public ValueTask<bool> KeepLeaseAliveAsync(long lease, CancellationToken cancellationToken) => inner.KeepLeaseAliveAsync(lease, cancellationToken);

    public ValueTask<bool> RevokeLeaseAsync(long lease, CancellationToken cancellationToken) => inner.RevokeLeaseAsync(lease, cancellationToken);

    public ValueTask<TimeSpan?> LeaseTimeToLiveAsync(long lease, CancellationToken cancellationToken) => inner.LeaseTimeToLiveAsync(lease, cancellationToken);

    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken) => inner.CompactAsync(revision, cancellationToken);

    public ValueTask<long> SizeAsync(CancellationToken cancellationToken) => inner.SizeAsync(cancellationToken);

    /// <summary>The store is the caller's, who opened it.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> MeasureAsync<T>(string operation, string key, ValueTask<T> request)
    {
        var started = time.GetTimestamp();
        var failed = true;
        try
        {
            var result = await request.ConfigureAwait(false);
            failed = false;
            if (Volatile.Read(ref _lostAt) != 0)
                SayFound();
            return result;
        }
        catch (StoreUnavailableException exception)
        {
            SayLost(exception);
            throw;
        }
        finally
        {
            var elapsed = time.GetElapsedTime(started);
            var (group, resource) = ResourceOf(key);
            StorageMetrics.Of(operation, group, resource).Record(elapsed, failed);
            if (elapsed > Slow)
                SaySlow(operation, key, elapsed);
        }
    }

    private static string OperationOf(RangeRequest request)
    {
        // The range of one key.
        if (request.End.Length == request.Start.Length + 1 && request.End[^1] == '\0')
            return "get";
        if (request.CountOnly)
            return "listWithCount";
        return request.KeysOnly ? "listOnlyKeys" : "list";
    }

    private (string Group, string Resource) ResourceOf(string key)
    {
        var path = key.AsSpan();
        if (!path.StartsWith(StoreFeed.Root, StringComparison.Ordinal))
            return ("", "");
        path = path[StoreFeed.Root.Length..];
        var end = path.IndexOf('/');
        if (end < 0)
            return ("", "");
        // Groups have dots, and their resource comes next, as for services ("services/specs").
        var first = path[..end];
        if (first.Contains('.') || first is "services")
        {
            var rest = path[(end + 1)..];
            var next = rest.IndexOf('/');
            end = next < 0 ? path.Length : end + 1 + next;
        }

        var lookup = _resources.GetAlternateLookup<ReadOnlySpan<char>>();
        return lookup.TryGetValue(path[..end], out var known) ? known : _resources.GetOrAdd(path[..end].ToString(), Parse);
    }

    private static (string Group, string Resource) Parse(string prefix)
    {
        if (Registry.BuiltInResources.All.FirstOrDefault(r => !r.Virtual && r.StoragePrefix == prefix) is { } builtIn)
            return (builtIn.Group, builtIn.Resource);
        var slash = prefix.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? ("", prefix) : (prefix[..slash], prefix[(slash + 1)..]);
    }

    private void SayLost(StoreUnavailableException exception)
    {
        if (Interlocked.CompareExchange(ref _lostAt, Math.Max(1, time.GetTimestamp()), 0) == 0)
            Log.Lost(Logger, exception.Message);
    }

    private void SayFound()
    {
        var lost = Interlocked.Exchange(ref _lostAt, 0);
        if (lost == 0 || !Logger.IsEnabled(LogLevel.Information))
            return;
        var seconds = time.GetElapsedTime(lost).TotalSeconds;
        Log.Found(Logger, seconds);
    }

    private void SaySlow(string operation, string key, TimeSpan elapsed)
    {
        var said = Volatile.Read(ref _saidSlowAt);
        Interlocked.Increment(ref _slowSince);
        if ((said != 0 && time.GetElapsedTime(said) < QuietTime) || Interlocked.CompareExchange(ref _saidSlowAt, Math.Max(1, time.GetTimestamp()), said) != said)
            return;
        var (milliseconds, more) = ((long)elapsed.TotalMilliseconds, Interlocked.Exchange(ref _slowSince, 0) - 1);
        Log.Slow(Logger, operation, key, milliseconds, more);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The store is not available: {Reason}")]
        public static partial void Lost(ILogger logger, string reason);

        [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "The store is available again after {Seconds:0.0} s")]
        public static partial void Found(ILogger logger, double seconds);

        [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "The store is slow: {Operation} {Key} took {Milliseconds} ms; {More} more since this was last said")]
        public static partial void Slow(ILogger logger, string operation, string key, long milliseconds, int more);
    }
}
