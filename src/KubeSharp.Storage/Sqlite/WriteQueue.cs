namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// Writes in order of arrival, taken by the writer's thread in batches. Bounded: a place is taken from arrival until the
/// write's events are with the watches, and further callers wait without blocking a thread.
/// </summary>
#pragma warning disable CA1001 // Callers may still wait for the semaphore when the store is closed; it owns nothing to dispose of.
internal sealed class WriteQueue(string path, int capacity)
#pragma warning restore CA1001
{
    // A transaction's length bounds how long the next caller waits; beyond some hundred writes fsync costs nothing each.
    private const int MaxBatch = 512;

    private readonly object _gate = new();
    private readonly SemaphoreSlim _places = new(capacity);
    private readonly Queue<QueuedWrite> _waiting = new();
    private bool _closed;

    public async ValueTask AddAsync(QueuedWrite write, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (!_closed)
            {
                _waiting.Enqueue(write);
                Monitor.Pulse(_gate);
                return;
            }
        }
        _places.Release();
        throw ReaderPool.Closed(path);
    }

    /// <summary>Waits for writes and moves those that may share a transaction to <paramref name="batch"/>; false when the queue is closed and empty.</summary>
    public bool Take(List<QueuedWrite> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_closed)
                    return false;
                Monitor.Wait(_gate);
            }
            do
                batch.Add(_waiting.Dequeue());
            while (!batch[0].Exclusive && batch.Count < MaxBatch && _waiting.TryPeek(out var next) && !next.Exclusive);
            return true;
        }
    }

    public void FreePlaces(int count) => _places.Release(count);

    /// <summary>Takes no more writes; those that wait are still done.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
