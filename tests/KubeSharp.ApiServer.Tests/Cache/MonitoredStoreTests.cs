using KubeSharp.ApiServer.Cache;
using KubeSharp.Storage;
using Microsoft.Extensions.Logging;
using Xunit;

namespace KubeSharp.ApiServer.Tests.Cache;

public sealed class MonitoredStoreTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_lost_store_is_said_once_and_once_that_it_is_back()
    {
        var (inner, log) = (new ScriptedStore(), new RecordingLogger());
        await using var store = new MonitoredStore(inner, inner) { Logger = log };

        await store.GetAsync("/registry/pods/a/b", 0, None);
        Assert.Empty(log.Lines);

        inner.Failure = new StoreUnavailableException("connection refused", nothingChanged: true);
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetAsync("/registry/pods/a/b", 0, None));
        Assert.Equal([(LogLevel.Error, "The store is not available: connection refused")], log.Lines);

        inner.Failure = null;
        inner.Takes = TimeSpan.FromMilliseconds(400);
        for (var i = 0; i < 3; i++)
            await store.GetAsync("/registry/pods/a/b", 0, None);
        Assert.Equal((LogLevel.Information, "The store is available again after 0.4 s"), log.Lines[1]);
        Assert.Equal(2, log.Lines.Count);
    }

    [Fact]
    public async Task A_failure_that_is_not_the_stores_loss_says_nothing()
    {
        var (inner, log) = (new ScriptedStore { Failure = new CompactedException(7) }, new RecordingLogger());
        await using var store = new MonitoredStore(inner, inner) { Logger = log };
        await Assert.ThrowsAsync<CompactedException>(async () => await store.GetAsync("/registry/pods/a/b", 3, None));
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task A_slow_store_is_said_at_most_once_a_second_with_the_number_left_unsaid()
    {
        var (inner, log) = (new ScriptedStore { Takes = TimeSpan.FromMilliseconds(600) }, new RecordingLogger());
        await using var store = new MonitoredStore(inner, inner) { Logger = log };

        // At 0.6, 1.2, 1.8 and 2.4 s: the second is too early after the first, the third is not.
        for (var i = 0; i < 4; i++)
            await store.PutAsync("/registry/pods/a/b", 5, default, 0, null, None);
        Assert.Equal(
            [
                (LogLevel.Warning, "The store is slow: update /registry/pods/a/b took 600 ms; 0 more since this was last said"),
                (LogLevel.Warning, "The store is slow: update /registry/pods/a/b took 600 ms; 1 more since this was last said"),
            ],
            log.Lines);

        // Half a second is what a request may take.
        inner.Takes = TimeSpan.FromMilliseconds(500);
        await store.PutAsync("/registry/pods/a/b", 5, default, 0, null, None);
        inner.Takes = TimeSpan.FromSeconds(9);
        await store.PutAsync("/registry/pods/a/b", 0, default, 0, null, None);
        Assert.Equal((LogLevel.Warning, "The store is slow: create /registry/pods/a/b took 9000 ms; 1 more since this was last said"), log.Lines[2]);
    }

    [Theory]
    [InlineData("/registry/pods/default/web", "", "pods")]
    [InlineData("/registry/minions/n1", "", "nodes")]
    [InlineData("/registry/services/specs/default/kubernetes", "", "services")]
    [InlineData("/registry/services/endpoints/default/kubernetes", "", "endpoints")]
    [InlineData("/registry/deployments/default/web", "apps", "deployments")]
    [InlineData("/registry/leases/kube-system/x", "coordination.k8s.io", "leases")]
    [InlineData("/registry/apiregistration.k8s.io/apiservices/v1.", "apiregistration.k8s.io", "apiservices")]
    [InlineData("/registry/stable.example.com/crontabs/default/c", "stable.example.com", "crontabs")]
    [InlineData("/registry/masterleases/10.0.0.1", "", "masterleases")]
    [InlineData("/registry/", "", "")]
    [InlineData("compact_rev_key", "", "")]
    public async Task A_request_is_counted_for_the_resource_of_its_key(string key, string group, string resource)
    {
        var inner = new ScriptedStore();
        await using var store = new MonitoredStore(inner, inner);
        var series = StorageMetrics.Of("delete", group, resource);
        var (requests, errors) = (series.Requests.Value, series.Errors.Value);

        await store.DeleteAsync(key, 1, None);
        Assert.Equal((requests + 1, errors), (series.Requests.Value, series.Errors.Value));

        inner.Failure = new StoreUnavailableException("gone", nothingChanged: true);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.DeleteAsync(key, 1, None));
        Assert.Equal((requests + 2, errors + 1), (series.Requests.Value, series.Errors.Value));
    }

    [Theory]
    [InlineData("/registry/jobs/a/b\0", false, false, "get")]
    [InlineData("/registry/jobs/a0", false, false, "list")]
    [InlineData("/registry/jobs/a0", true, false, "listWithCount")]
    [InlineData("/registry/jobs/a0", false, true, "listOnlyKeys")]
    public async Task Ranges_are_told_apart(string end, bool countOnly, bool keysOnly, string operation)
    {
        var inner = new ScriptedStore();
        await using var store = new MonitoredStore(inner, inner);
        var series = StorageMetrics.Of(operation, "batch", "jobs");
        var before = series.Requests.Value;
        await store.RangeAsync(new RangeRequest("/registry/jobs/a/b", end, CountOnly: countOnly, KeysOnly: keysOnly), None);
        Assert.Equal(before + 1, series.Requests.Value);
    }

    /// <summary>A store whose clock goes on by a given time with each request, and that fails on demand.</summary>
    private sealed class ScriptedStore : TimeProvider, IRevisionedStore
    {
        private long _now = 1;

        public Exception? Failure { get; set; }

        public TimeSpan Takes { get; set; }

        public bool IsLocal => true;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken cancellationToken) => AnswerAsync(new GetResult(null, 1));

        public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken) => AnswerAsync(new RangeResult([], 0, false, 1));

        public ValueTask<WriteResult> PutAsync(string key, long expectedModRevision, ReadOnlyMemory<byte> value, long lease, object? attachment, CancellationToken cancellationToken) =>
            AnswerAsync(new WriteResult(true, 2, null));

        public ValueTask<WriteResult> DeleteAsync(string key, long expectedModRevision, CancellationToken cancellationToken) => AnswerAsync(new WriteResult(true, 2, null));

        public IAsyncEnumerable<WatchBatch> WatchAsync(string prefix, long startRevision, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> CurrentRevisionAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask RequestProgressAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> KeepLeaseAliveAsync(long lease, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<TimeSpan?> LeaseTimeToLiveAsync(long lease, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> RevokeLeaseAsync(long lease, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask CompactAsync(long revision, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> SizeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        /// <summary>Answers later, so that the time goes on after the request has begun.</summary>
        private async ValueTask<T> AnswerAsync<T>(T result)
        {
            await Task.Yield();
            _now += Takes.Ticks;
            return Failure is null ? result : throw Failure;
        }
    }

    private sealed class RecordingLogger : ILogger
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }
}
