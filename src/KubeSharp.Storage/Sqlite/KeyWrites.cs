namespace KubeSharp.Storage.Sqlite;

/// <summary>How a conditional write ended; when it failed, the caller reads <paramref name="Current"/> itself, off the writer's thread.</summary>
internal readonly record struct WriteOutcome(bool Succeeded, long Revision, RecordId Current, KeyValue? Deleted);

internal sealed class PutWrite(string key, long expectedModRevision, ReadOnlyMemory<byte> value, long lease, object? attachment) : QueuedWrite<WriteOutcome>
{
    public override void Execute(WriteTransaction transaction)
    {
        var current = transaction.Find(key);
        if (current.ModRevision != expectedModRevision)
        {
            Outcome = new WriteOutcome(false, transaction.Revision, current.Record, null);
            return;
        }
        if (lease != 0 && !transaction.Leases.Contains(lease))
        {
            Refusal = new LeaseNotFoundException(lease);
            return;
        }
        transaction.Put(key, current, value, lease, attachment);
        Outcome = new WriteOutcome(true, transaction.Revision, default, null);
    }
}

internal sealed class DeleteWrite(string key, long expectedModRevision) : QueuedWrite<WriteOutcome>
{
    public override void Execute(WriteTransaction transaction)
    {
        var current = transaction.Find(key);
        if (current.ModRevision != expectedModRevision)
        {
            Outcome = new WriteOutcome(false, transaction.Revision, current.Record, null);
            return;
        }
        var deleted = current.Exists ? transaction.Delete(key, current) : null;
        Outcome = new WriteOutcome(true, transaction.Revision, default, deleted);
    }
}
