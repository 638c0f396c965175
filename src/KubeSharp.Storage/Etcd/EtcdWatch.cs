using System.Runtime.CompilerServices;
using Etcdserverpb;
using Grpc.Core;

namespace KubeSharp.Storage.Etcd;

/// <summary>
/// One watch over as many streams as it takes: when a connection or a member is lost, it goes on at another from the revision
/// behind the last one delivered, so that each change is seen once and in order. Nothing is queued here: a consumer that does
/// not read stops the stream by gRPC's flow control, and etcd catches it up from its history later.
/// Source: etcd.io/docs/v3.6/learning/api watch; client/v3/watch.go.
/// </summary>
internal sealed class EtcdWatch(EtcdChannels channels, EtcdStoreOptions options, EtcdKeys keys, EtcdWatches watches, OwnWrites ownWrites, string prefix, Action<long> observe)
{
    private static readonly TimeSpan MinBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(2);

    /// <summary>Events of a revision that has not come whole yet.</summary>
    private readonly List<StoreEvent> _part = [];

    /// <param name="start">The first revision wanted.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="CompactedException">The next revision is gone.</exception>
    public async IAsyncEnumerable<WatchBatch> RunAsync(ValueTask<long> start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watches.Closed);
        var next = await start.ConfigureAwait(false);
        var backoff = MinBackoff;
        while (true)
        {
            ended.Token.ThrowIfCancellationRequested();
            var member = channels.Current;
            using var call = member.Watch.Watch(new CallOptions(new Metadata { { "hasleader", "true" } }, cancellationToken: ended.Token));
            var open = watches.Add(call.RequestStream);
            try
            {
                if (await CreateAsync(open, next, ended.Token).ConfigureAwait(false))
                {
                    while (await ReadAsync(call.ResponseStream, open, ended.Token).ConfigureAwait(false) is { } response)
                    {
                        backoff = MinBackoff;
                        if (response.Events.Count == 0 && _part.Count == 0)
                        {
                            // Progress: a revision that lies before the start says nothing about this watch.
                            if (!response.Created && response.Header.Revision >= next - 1)
                                yield return new WatchBatch(response.Header.Revision, []);
                            continue;
                        }

                        foreach (var batch in Batches(response))
                        {
                            next = batch.Revision + 1;
                            yield return batch;
                        }
                    }
                }
            }
            finally
            {
                watches.Remove(open);
            }

            _part.Clear();
            channels.Leave(member);
            await Task.Delay(backoff, options.TimeProvider, ended.Token).ConfigureAwait(false);
            backoff = backoff * 2 < MaxBackoff ? backoff * 2 : MaxBackoff;
        }
    }

    private async Task<bool> CreateAsync(EtcdWatches.Open open, long next, CancellationToken cancellationToken)
    {
        try
        {
            await open.CreateAsync(
                new WatchCreateRequest
                {
                    Key = prefix.Length == 0 ? EtcdKeys.None : keys.Of(prefix),
                    RangeEnd = keys.Of(RangeRequest.PrefixEnd(prefix)),
                    StartRevision = next,
                    ProgressNotify = true,
                    PrevKv = options.PreviousValues,
                    Fragment = true,
                },
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RpcException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>The next answer; null when the stream has ended and the watch goes on elsewhere.</summary>
    private async Task<WatchResponse?> ReadAsync(IAsyncStreamReader<WatchResponse> stream, EtcdWatches.Open open, CancellationToken cancellationToken)
    {
        try
        {
            if (!await stream.MoveNext(cancellationToken).ConfigureAwait(false))
                return null;
        }
        catch (RpcException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }

        var response = stream.Current;
        if (response.CompactRevision > 0)
            throw new CompactedException(response.CompactRevision);
        if (response.Created)
            open.Created();
        if (response.Canceled)
            return null;
        observe(response.Header.Revision);
        return response;
    }

    /// <summary>The whole revisions of an answer, each in one batch; a last one that more fragments follow waits for them.</summary>
    private IEnumerable<WatchBatch> Batches(WatchResponse response)
    {
        foreach (var change in response.Events)
        {
            var revision = change.Kv.ModRevision;
            if (_part.Count > 0 && _part[0].KeyValue.ModRevision != revision)
                yield return Take();
            var isPut = change.Type == Mvccpb.Event.Types.EventType.Put;
            var changed = keys.Read(change.Kv);
            _part.Add(new StoreEvent(
                isPut ? StoreEventType.Put : StoreEventType.Delete,
                changed,
                change.PrevKv is { } previous ? keys.Read(previous) : null,
                isPut ? ownWrites.Take(changed) : null));
        }

        if (!response.Fragment && _part.Count > 0)
            yield return Take();
    }

    private WatchBatch Take()
    {
        var batch = new WatchBatch(_part[0].KeyValue.ModRevision, [.. _part]);
        _part.Clear();
        return batch;
    }
}
