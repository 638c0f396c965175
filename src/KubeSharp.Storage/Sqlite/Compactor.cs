namespace KubeSharp.Storage.Sqlite;

/// <summary>Deletes what compaction makes unreachable, a little at a time between other writes.</summary>
#pragma warning disable CA1001 // Callers may still wait for the semaphore when the store is closed; it owns nothing to dispose of.
internal sealed class Compactor(WriteQueue queue, KeyIndex index)
#pragma warning restore CA1001
{
    private const int Step = 100;

    private readonly SemaphoreSlim _one = new(1);

    // Oldest first: a record must never outlive the tombstone that ended it. What could not be deleted waits here for the
    // next time, or is found again when the store is opened.
    private readonly List<RecordId> _superseded = [];

    public async Task CompactAsync(long revision, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await WriteAsync(new CompactWrite(revision), cancellationToken).ConfigureAwait(false);
            await ForgetAsync().ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Ends a compaction that the last process left unfinished.</summary>
    public async Task ResumeAsync()
    {
        await _one.WaitAsync().ConfigureAwait(false);
        try
        {
            await ForgetAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
        {
            // The next compaction tries again.
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task ForgetAsync()
    {
        index.Compact(_superseded);
        if (_superseded.Count == 0)
            return;
        var done = 0;
        try
        {
            while (done < _superseded.Count)
            {
                var step = _superseded.Slice(done, Math.Min(Step, _superseded.Count - done));
                await WriteAsync(new ForgetWrite(step), CancellationToken.None).ConfigureAwait(false);
                done += step.Count;
            }
        }
        finally
        {
            _superseded.RemoveRange(0, done);
        }
        await VacuumAsync().ConfigureAwait(false);
    }

    /// <summary>Gives unused pages back to the file system, step by step, so that no other write waits for long.</summary>
    private async Task VacuumAsync()
    {
        var steps = 0;
        while (await WriteAsync(new VacuumWrite(begun: steps > 0), CancellationToken.None).ConfigureAwait(false))
            steps++;
        if (steps > 0)
            await WriteAsync(new CheckpointWrite(), CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<T> WriteAsync<T>(QueuedWrite<T> write, CancellationToken cancellationToken)
    {
        await queue.AddAsync(write, cancellationToken).ConfigureAwait(false);
        return await write.Task.ConfigureAwait(false);
    }
}
