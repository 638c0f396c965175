namespace KubeSharp.Storage.Sqlite;

/// <summary>Makes the compaction revision durable, before anything is deleted for it.</summary>
internal sealed class CompactWrite(long revision) : QueuedWrite<long>
{
    private KeyIndex? _index;

    public override bool Exclusive => true;

    public override void Execute(WriteTransaction transaction)
    {
        if (revision <= transaction.Index.CompactRevision)
            Refusal = new CompactedException(transaction.Index.CompactRevision);
        else if (revision > transaction.Index.Revision)
            Refusal = new FutureRevisionException(transaction.Index.Revision);
        if (Refusal != null)
            return;
        transaction.Begun().SetCompactRevision(revision);
        _index = transaction.Index;
    }

    public override void Complete()
    {
        if (_index != null)
            _index.CompactRevision = revision;
        base.Complete();
    }
}

/// <summary>Deletes superseded records; shares its transaction with other writes.</summary>
internal sealed class ForgetWrite(List<RecordId> records) : QueuedWrite<long>
{
    public override void Execute(WriteTransaction transaction)
    {
        foreach (var record in records)
            transaction.Begun().Delete(record);
    }
}

/// <summary>Shortens the file a little when much of it is unused; answers whether there is more to do.</summary>
/// <param name="begun">This is not the first step of a round.</param>
internal sealed class VacuumWrite(bool begun) : QueuedWrite<bool>
{
    // Pages that are free soon become used again; only a file that is mostly air is worth the moves, and then all of them.
    // A step of 256 pages of 4 KB takes a millisecond or two, and is as long as another writer waits for it.
    private const int Step = 256;
    private const int KeepFree = 1024;

    public override bool Exclusive => true;

    public override void Execute(WriteTransaction transaction)
    {
        var (free, all) = transaction.Connection.Pages();
        if (free <= KeepFree || free <= all / (begun ? 8 : 2))
            return;
        var connection = transaction.Begun();
        connection.Vacuum(Step);
        // A database that was made without auto_vacuum stays as long as it is, until a snapshot of it is restored.
        Outcome = connection.Pages().Free < free;
    }
}

/// <summary>Brings what was written into the database file: only then does it get shorter.</summary>
internal sealed class CheckpointWrite : QueuedWrite<long>
{
    public override bool Exclusive => true;

    public override void Execute(WriteTransaction transaction) => transaction.Connection.CheckpointPassive();
}
