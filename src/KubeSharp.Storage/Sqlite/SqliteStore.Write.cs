using System.Text;

namespace KubeSharp.Storage.Sqlite;

public sealed partial class SqliteStore
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <inheritdoc/>
    public ValueTask<WriteResult> PutAsync(string key, long expectedModRevision, ReadOnlyMemory<byte> value, long lease, object? attachment, CancellationToken cancellationToken)
    {
        CheckKey(key);
        return WriteKeyAsync(key, new PutWrite(key, expectedModRevision, value, lease, attachment), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> DeleteAsync(string key, long expectedModRevision, CancellationToken cancellationToken)
    {
        CheckKey(key);
        return WriteKeyAsync(key, new DeleteWrite(key, expectedModRevision), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeToLive, TimeSpan.Zero);
        return WriteAsync(new GrantLeaseWrite(TimeSpan.FromSeconds(Math.Ceiling(timeToLive.TotalSeconds))), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> KeepLeaseAliveAsync(long lease, CancellationToken cancellationToken) => new(_leases.KeepAlive(lease));

    /// <inheritdoc/>
    public ValueTask<TimeSpan?> LeaseTimeToLiveAsync(long lease, CancellationToken cancellationToken) => new(_leases.TimeLeft(lease));

    /// <inheritdoc/>
    public ValueTask<bool> RevokeLeaseAsync(long lease, CancellationToken cancellationToken) =>
        WriteAsync(new RevokeLeaseWrite(lease, ifExpired: false), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask CompactAsync(long revision, CancellationToken cancellationToken) =>
        await _compactor.CompactAsync(revision, cancellationToken).ConfigureAwait(false);

    private async ValueTask<WriteResult> WriteKeyAsync(string key, QueuedWrite<WriteOutcome> write, CancellationToken cancellationToken)
    {
        var outcome = await WriteAsync(write, cancellationToken).ConfigureAwait(false);
        if (outcome.Succeeded || !outcome.Current.IsLive)
            return new WriteResult(outcome.Succeeded, outcome.Revision, outcome.Deleted);
        var current = await ReadRecordAsync(outcome.Current, cancellationToken).ConfigureAwait(false);
        if (current != null)
            return new WriteResult(false, outcome.Revision, current);
        // Superseded and compacted meanwhile: what is there now is as good an answer.
        var now = await GetAsync(key, 0, cancellationToken).ConfigureAwait(false);
        return new WriteResult(false, now.Revision, now.KeyValue);
    }

    private async ValueTask<T> WriteAsync<T>(QueuedWrite<T> write, CancellationToken cancellationToken)
    {
        await _queue.AddAsync(write, cancellationToken).ConfigureAwait(false);
        return await write.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void CheckKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        StrictUtf8.GetByteCount(key);
    }
}
