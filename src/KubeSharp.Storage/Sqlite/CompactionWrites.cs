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
internal sealed class VacuumWrite : QueuedWrite<bool>
{
    // Pages that are free soon become used again; only a file that is mostly air is worth the moves.
    private const int Step = 256;
    private const int KeepFree = 1024;

    public override bool Exclusive => true;

    public override void Execute(WriteTransaction transaction)
    {
        var connection = transaction.Begun();
        var (free, all) = connection.Pages();
        Outcome = free > KeepFree && free > all / 2;
        if (Outcome)
            connection.Vacuum(Step);
    }
}
