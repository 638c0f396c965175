using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// The one thread that writes. Group commit: all writes that arrived while the disk was busy go into the next transaction,
/// so that they share its fsync. A thread of its own, because it spends its life waiting for the disk.
/// </summary>
internal sealed class Writer
{
    private readonly string _path;
    private readonly WriteQueue _queue;
    private readonly WriteTransaction _transaction;
    private readonly Action<List<Change>, int> _committed;
    private readonly Action<StoreCorruptException> _corrupted;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile StoreCorruptException? _corruption;

    /// <param name="path">For messages.</param>
    /// <param name="queue">Where writes come from.</param>
    /// <param name="transaction">Where they go.</param>
    /// <param name="committed">Gets each transaction's changes, and how many places of the queue to free with them.</param>
    /// <param name="corrupted">Told of damage.</param>
    public Writer(string path, WriteQueue queue, WriteTransaction transaction, Action<List<Change>, int> committed, Action<StoreCorruptException> corrupted)
    {
        (_path, _queue, _transaction, _committed, _corrupted) = (path, queue, transaction, committed, corrupted);
        new Thread(Run) { Name = "store-writer", IsBackground = true }.Start();
    }

    /// <summary>Ends when the queue is closed and empty.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Writes nothing more; every write fails with this.</summary>
    public void Stop(StoreCorruptException corruption) => _corruption = corruption;

    private void Run()
    {
        var batch = new List<QueuedWrite>();
        while (_queue.Take(batch))
        {
            if (TryCommit(batch) is { } failure)
            {
                foreach (var write in batch)
                    write.Fail(failure);
                _queue.FreePlaces(batch.Count);
                continue;
            }
            _transaction.Index.Apply(_transaction.Changes);
            foreach (var change in _transaction.Changes)
                _transaction.Leases.Attach(change.Key, change.Previous.Exists ? change.Previous.Lease : 0, change.State.Lease);
            foreach (var write in batch)
                write.Complete();
            _committed(_transaction.Changes, batch.Count);
        }
        _ended.SetResult();
    }

    private Exception? TryCommit(List<QueuedWrite> batch)
    {
        if (_corruption != null)
            return _corruption;
        try
        {
            _transaction.Start();
            foreach (var write in batch)
                write.Execute(_transaction);
            _transaction.Commit();
            return null;
        }
        catch (SqliteException e)
        {
            return Undo(SqliteFailure.OfWrite(_path, e));
        }
#pragma warning disable CA1031 // Whatever it is: those who wait must hear of it, and the thread must live.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Undo(e);
        }
    }

    private Exception Undo(Exception failure)
    {
        try
        {
            _transaction.Rollback();
        }
        catch (SqliteException e)
        {
            failure = new StoreUnavailableException($"{_path}: cannot roll back: {e.Message}", nothingChanged: false, e);
        }
        if (failure is StoreCorruptException corruption)
            _corrupted(corruption);
        return failure;
    }
}
