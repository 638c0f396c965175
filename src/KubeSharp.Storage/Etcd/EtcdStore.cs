using Etcdserverpb;
using Grpc.Core;

namespace KubeSharp.Storage.Etcd;

/// <summary>
/// etcd 3.4 to 3.6 behind the contract: one transaction a write, linearizable reads, watches that resume. Reads are asked of
/// another member when one fails, writes only when it is certain that nothing was done.
/// Source of the protocol: etcd.io/docs/v3.6/learning/api; of its use: apiserver/pkg/storage/etcd3, v1.36.
/// </summary>
public sealed partial class EtcdStore : IRevisionedStore
{
    /// <summary>Asks that a member without a leader refuse at once (clientv3.WithRequireLeader).</summary>
    private static readonly Metadata RequireLeader = new() { { "hasleader", "true" } };

    private readonly EtcdStoreOptions _options;
    private readonly EtcdChannels _channels;
    private readonly EtcdKeys _keys;
    private readonly TimeProvider _time;
    private readonly EtcdWatches _watches = new();
    private readonly OwnWrites _ownWrites;
    private long _lastSeen;

    private EtcdStore(EtcdStoreOptions options, EtcdChannels channels)
    {
        (_options, _channels, _keys, _time, _ownWrites) = (options, channels, new EtcdKeys(options.Prefix), options.TimeProvider, new OwnWrites(options.TimeProvider));
    }

    /// <summary>Opens a store; the first connection is made by the first request. A watch "from now" that is opened before anything
    /// else was asked begins when etcd says what now is.</summary>
    /// <exception cref="FormatException">An option cannot be used.</exception>
    public static EtcdStore Open(EtcdStoreOptions options) => new(options, new EtcdChannels(options));

    /// <inheritdoc/>
    public bool IsLocal => false;

    /// <inheritdoc/>
    public async ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken cancellationToken)
    {
        var response = await ReadRangeAsync(new() { Key = _keys.Of(key), Revision = revision }, cancellationToken).ConfigureAwait(false);
        return new GetResult(response.Kvs.Count == 0 ? null : Read(response.Kvs[0]), response.Header.Revision);
    }

    /// <inheritdoc/>
    public async ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        var response = await ReadRangeAsync(
            new Etcdserverpb.RangeRequest
            {
                Key = request.Start.Length == 0 ? EtcdKeys.None : _keys.Of(request.Start),
                RangeEnd = _keys.Of(request.End),
                Revision = request.Revision,
                Limit = request.Limit,
                CountOnly = request.CountOnly,
                KeysOnly = request.KeysOnly,
            },
            cancellationToken).ConfigureAwait(false);
        var items = new KeyValue[response.Kvs.Count];
        for (var i = 0; i < items.Length; i++)
            items[i] = Read(response.Kvs[i]);
        return new RangeResult(items, response.Count, response.More, response.Header.Revision);
    }

    /// <inheritdoc/>
    public async ValueTask<long> CurrentRevisionAsync(CancellationToken cancellationToken) =>
        (await ReadRangeAsync(new() { Key = EtcdKeys.None, CountOnly = true }, cancellationToken).ConfigureAwait(false)).Header.Revision;

    /// <inheritdoc/>
    public ValueTask RequestProgressAsync(CancellationToken cancellationToken) => _watches.RequestProgressAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<WatchBatch> WatchAsync(string prefix, long startRevision, CancellationToken cancellationToken)
    {
        // "From now" is after all that this process knows of; a store that has been asked nothing yet is asked first.
        var seen = Volatile.Read(ref _lastSeen);
        var start = startRevision > 0 ? new ValueTask<long>(startRevision)
            : seen > 0 ? new ValueTask<long>(seen + 1)
            : new ValueTask<long>(NextRevisionAsync(cancellationToken));
        return new EtcdWatch(_channels, _options, _keys, _watches, _ownWrites, prefix, Observe).RunAsync(start, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<long> SizeAsync(CancellationToken cancellationToken)
    {
        // Of the first member that answers, as upstream reports it (apiserver_storage_size_bytes).
        var status = await AskAsync(static (member, _, options) => member.Maintenance.StatusAsync(new StatusRequest(), options), 0, cancellationToken).ConfigureAwait(false);
        return status.DbSize;
    }

    /// <inheritdoc/>
    public async ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        try
        {
            var response = await AskAsync(static (member, at, options) => member.Kv.CompactAsync(new CompactionRequest { Revision = at }, options), revision, cancellationToken).ConfigureAwait(false);
            Observe(response.Header.Revision);
        }
        catch (RpcException exception) when (exception.IsCompacted())
        {
            throw new CompactedException(await CompactRevisionAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (RpcException exception) when (exception.IsFutureRevision())
        {
            throw new FutureRevisionException(await CurrentRevisionAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watches.DisposeAsync().ConfigureAwait(false);
        _channels.Dispose();
    }

    private KeyValue Read(Mvccpb.KeyValue kv) => _keys.Read(kv);

    private async Task<long> NextRevisionAsync(CancellationToken cancellationToken) => await CurrentRevisionAsync(cancellationToken).ConfigureAwait(false) + 1;

    private async ValueTask<RangeResponse> ReadRangeAsync(Etcdserverpb.RangeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var response = await AskAsync(static (member, range, options) => member.Kv.RangeAsync(range, options), request, cancellationToken).ConfigureAwait(false);
            Observe(response.Header.Revision);
            return response;
        }
        catch (RpcException exception) when (exception.IsCompacted())
        {
            throw new CompactedException(await CompactRevisionAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (RpcException exception) when (exception.IsFutureRevision())
        {
            throw new FutureRevisionException(await CurrentRevisionAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Asks something that may be asked twice, of each member at most twice.</summary>
    /// <exception cref="RpcException">etcd says why not.</exception>
    /// <exception cref="StoreUnavailableException">No member answered.</exception>
    private async ValueTask<TResponse> AskAsync<TState, TResponse>(Func<EtcdChannels.Member, TState, CallOptions, AsyncUnaryCall<TResponse>> ask, TState state, CancellationToken cancellationToken)
    {
        var attempts = Math.Max(2, 2 * _channels.Count);
        for (var attempt = 1; ; attempt++)
        {
            var member = _channels.Current;
            try
            {
                using var call = ask(member, state, new CallOptions(deadline: DateTime.UtcNow + _options.ReadTimeout, cancellationToken: cancellationToken));
                return await call.ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!exception.IsTransient())
                {
                    if (exception.IsCompacted() || exception.IsFutureRevision() || exception.IsLeaseNotFound())
                        throw;
                    throw exception.Unavailable(nothingChanged: true);
                }

                _channels.Leave(member);
                if (attempt >= attempts)
                    throw exception.Unavailable(nothingChanged: true);
            }

            if (attempt % _channels.Count == 0)
                await Task.Delay(RetryDelay, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The oldest revision that is left, as a watch from the beginning is told it.</summary>
    private async ValueTask<long> CompactRevisionAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var call = _channels.Current.Watch.Watch(new CallOptions(deadline: DateTime.UtcNow + _options.ReadTimeout, cancellationToken: cancellationToken));
            await call.RequestStream.WriteAsync(new WatchRequest { CreateRequest = new WatchCreateRequest { Key = EtcdKeys.None, StartRevision = 1 } }, cancellationToken).ConfigureAwait(false);
            while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                if (call.ResponseStream.Current is { CompactRevision: > 0 } response)
                    return response.CompactRevision;
            }
        }
        catch (RpcException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return 0;
    }

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private void Observe(long revision)
    {
        var seen = Volatile.Read(ref _lastSeen);
        while (revision > seen)
        {
            var before = Interlocked.CompareExchange(ref _lastSeen, revision, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
