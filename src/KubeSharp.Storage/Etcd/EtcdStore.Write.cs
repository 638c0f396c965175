using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;

namespace KubeSharp.Storage.Etcd;

public sealed partial class EtcdStore
{
    /// <inheritdoc/>
    public async ValueTask<WriteResult> PutAsync(string key, long expectedModRevision, ReadOnlyMemory<byte> value, long lease, object? attachment, CancellationToken cancellationToken)
    {
        var put = new RequestOp { RequestPut = new PutRequest { Key = _keys.Of(NotEmpty(key)), Value = UnsafeByteOperations.UnsafeWrap(value), Lease = lease } };
        // All that this process has seen is before this write; so is the state that it expects.
        var note = attachment is null ? null : _ownWrites.Begin(key, value, attachment, Math.Max(expectedModRevision, Volatile.Read(ref _lastSeen)));
        try
        {
            var response = await CommitAsync(put.RequestPut.Key, expectedModRevision, put, cancellationToken).ConfigureAwait(false);
            if (response.Succeeded)
                return new WriteResult(true, response.Header.Revision, null);
            _ownWrites.Forget(note);
            return Failed(response);
        }
        catch (RpcException exception) when (exception.IsLeaseNotFound())
        {
            _ownWrites.Forget(note);
            throw new LeaseNotFoundException(lease);
        }
        catch (StoreUnavailableException exception) when (exception.NothingChanged)
        {
            _ownWrites.Forget(note);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<WriteResult> DeleteAsync(string key, long expectedModRevision, CancellationToken cancellationToken)
    {
        var delete = new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = _keys.Of(NotEmpty(key)), PrevKv = true } };
        var response = await CommitAsync(delete.RequestDeleteRange.Key, expectedModRevision, delete, cancellationToken).ConfigureAwait(false);
        if (!response.Succeeded)
            return Failed(response);
        var deleted = response.Responses[0].ResponseDeleteRange.PrevKvs;
        return new WriteResult(true, response.Header.Revision, deleted.Count == 0 ? null : Read(deleted[0]));
    }

    /// <inheritdoc/>
    public async ValueTask<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        // A grant whose answer is lost leaves a lease that nobody knows, and that ends by itself.
        var request = new LeaseGrantRequest { TTL = Math.Max(1, (long)timeToLive.TotalSeconds) };
        var response = await AskAsync(static (member, grant, options) => member.Lease.LeaseGrantAsync(grant, options), request, cancellationToken).ConfigureAwait(false);
        return response.Error.Length == 0 ? response.ID : throw new StoreUnavailableException(response.Error, nothingChanged: true);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> KeepLeaseAliveAsync(long lease, CancellationToken cancellationToken)
    {
        var member = _channels.Current;
        try
        {
            using var call = member.Lease.LeaseKeepAlive(new CallOptions(RequireLeader, DateTime.UtcNow + _options.ReadTimeout, cancellationToken));
            await call.RequestStream.WriteAsync(new LeaseKeepAliveRequest { ID = lease }, cancellationToken).ConfigureAwait(false);
            var answered = await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false);
            await call.RequestStream.CompleteAsync().ConfigureAwait(false);
            return answered && call.ResponseStream.Current.TTL > 0;
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (exception.IsLeaseNotFound())
                return false;
            if (exception.IsTransient())
                _channels.Leave(member);
            throw exception.Unavailable(nothingChanged: false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<TimeSpan?> LeaseTimeToLiveAsync(long lease, CancellationToken cancellationToken)
    {
        // Of a lease that is not there etcd says -1 (server/etcdserver/v3_server.go LeaseTimeToLive), or that it is not found.
        try
        {
            var response = await AskAsync(static (member, id, options) => member.Lease.LeaseTimeToLiveAsync(new LeaseTimeToLiveRequest { ID = id }, options), lease, cancellationToken).ConfigureAwait(false);
            return response.TTL > 0 ? TimeSpan.FromSeconds(response.TTL) : null;
        }
        catch (RpcException exception) when (exception.IsLeaseNotFound())
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RevokeLeaseAsync(long lease, CancellationToken cancellationToken)
    {
        try
        {
            var response = await AskAsync(static (member, id, options) => member.Lease.LeaseRevokeAsync(new LeaseRevokeRequest { ID = id }, options), lease, cancellationToken).ConfigureAwait(false);
            Observe(response.Header.Revision);
            return true;
        }
        catch (RpcException exception) when (exception.IsLeaseNotFound())
        {
            return false;
        }
    }

    /// <summary>One round trip: the operation when the key is as expected, else what the key is (etcd3/store.go OptimisticPut).</summary>
    private async ValueTask<TxnResponse> CommitAsync(ByteString key, long expectedModRevision, RequestOp operation, CancellationToken cancellationToken)
    {
        var transaction = new TxnRequest
        {
            Compare = { new Compare { Result = Compare.Types.CompareResult.Equal, Target = Compare.Types.CompareTarget.Mod, Key = key, ModRevision = expectedModRevision } },
            Success = { operation },
            Failure = { new RequestOp { RequestRange = new Etcdserverpb.RangeRequest { Key = key } } },
        };
        for (var attempt = 1; ; attempt++)
        {
            var member = _channels.Current;
            try
            {
                using var call = member.Kv.TxnAsync(transaction, new CallOptions(RequireLeader, DateTime.UtcNow + _options.WriteTimeout, cancellationToken));
                var response = await call.ResponseAsync.ConfigureAwait(false);
                Observe(response.Header.Revision);
                return response;
            }
            catch (RpcException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (exception.IsLeaseNotFound())
                    throw;
                if (exception.IsTransient())
                    _channels.Leave(member);
                var nothingHappened = exception.NothingHappened();
                // Another member is asked only for what the first certainly did not do.
                if (!nothingHappened || !exception.IsTransient() || attempt >= _channels.Count)
                    throw exception.Unavailable(nothingHappened);
            }
        }
    }

    private WriteResult Failed(TxnResponse response)
    {
        var found = response.Responses[0].ResponseRange.Kvs;
        return new WriteResult(false, response.Header.Revision, found.Count == 0 ? null : Read(found[0]));
    }

    private static string NotEmpty(string key) => key.Length > 0 ? key : throw new ArgumentException("etcdserver: key is not provided");
}
