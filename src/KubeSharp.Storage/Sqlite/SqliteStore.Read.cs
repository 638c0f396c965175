using System.Runtime.CompilerServices;

namespace KubeSharp.Storage.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public bool IsLocal => true;

    /// <inheritdoc/>
    public async ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (record, current) = _index.Get(key, revision);
            if (!record.IsLive)
                return new GetResult(null, current);
            var found = await ReadRecordAsync(record, cancellationToken).ConfigureAwait(false);
            if (found != null)
                return new GetResult(found, current);
            // Superseded and compacted between the two steps; the next round finds a newer one, or that the revision is gone.
        }
    }

    /// <inheritdoc/>
    public async ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (records, count, revision) = _index.Range(request);
            if (records.Count == 0) // Nothing there, or a count alone: then etcd does not say "more" either.
                return new RangeResult([], count, More: false, revision);
            var items = await ReadAsync((records, request.KeysOnly), static (reader, arguments) => reader.GetAll(arguments.records, arguments.KeysOnly), cancellationToken).ConfigureAwait(false);
            if (items != null)
                return new RangeResult(items, count, More: count > items.Count, revision);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> CurrentRevisionAsync(CancellationToken cancellationToken) => new(_index.Revision);

    /// <inheritdoc/>
    public ValueTask<long> SizeAsync(CancellationToken cancellationToken)
    {
        var log = new FileInfo(_path + "-wal");
        return new(new FileInfo(_path).Length + (log.Exists ? log.Length : 0));
    }

    /// <inheritdoc/>
    public ValueTask RequestProgressAsync(CancellationToken cancellationToken)
    {
        _hub.RequestProgress();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<WatchBatch> WatchAsync(string prefix, long startRevision, CancellationToken cancellationToken) =>
        Watch(prefix, startRevision > 0 ? startRevision : _index.Revision + 1, cancellationToken);

    // Catches up from the database until it can join the live watches; goes back to the database when it falls behind.
    private async IAsyncEnumerable<WatchBatch> Watch(string prefix, long next, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var progressSeen = _hub.ProgressRequests;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var live = _hub.TryJoin(prefix, next);
            if (live == null)
            {
                var chunk = await ReadAsync((index: _index, prefix, next, through: _hub.Published),
                    static (reader, a) => reader.History(a.index, a.prefix, a.next, a.through), cancellationToken).ConfigureAwait(false);
                var compacted = _index.CompactRevision;
                if (next < compacted)
                    throw new CompactedException(compacted);
                foreach (var batch in chunk.Batches)
                    yield return batch;
                next = chunk.Through + 1;
                continue;
            }
            try
            {
                var progress = _hub.ProgressRequests;
                if (progress != progressSeen && next - 1 <= _hub.Published)
                    yield return new WatchBatch(next - 1, []);
                progressSeen = progress;
                while (await live.Batches.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    while (live.Batches.TryRead(out var batch))
                    {
                        next = Math.Max(next, batch.Revision + 1);
                        yield return batch;
                    }
                }
            }
            finally
            {
                _hub.Leave(live);
            }
        }
    }

    private ValueTask<KeyValue?> ReadRecordAsync(RecordId record, CancellationToken cancellationToken) =>
        ReadAsync(record, static (reader, id) => reader.Get(id)?.ToKeyValue(), cancellationToken);

    private async ValueTask<T> ReadAsync<T, TState>(TState state, Func<RecordReader, TState, T> read, CancellationToken cancellationToken)
    {
        try
        {
            return await _readers.ReadAsync(state, read, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreCorruptException e)
        {
            OnCorruption(e);
            throw;
        }
    }
}
