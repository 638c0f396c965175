namespace KubeSharp.Storage.Sqlite;

internal sealed class GrantLeaseWrite(TimeSpan timeToLive) : QueuedWrite<long>
{
    private LeaseTable? _leases;

    public override bool Exclusive => true;

    public override void Execute(WriteTransaction transaction)
    {
        _leases = transaction.Leases;
        Outcome = transaction.Begun().Grant((long)timeToLive.TotalSeconds);
    }

    public override void Complete()
    {
        _leases!.Add(Outcome, timeToLive);
        base.Complete();
    }
}

/// <summary>Ends a lease with its keys, in one transaction.</summary>
/// <param name="lease">The lease.</param>
/// <param name="ifExpired">Leave it alone when it was kept alive in the meantime.</param>
internal sealed class RevokeLeaseWrite(long lease, bool ifExpired) : QueuedWrite<bool>
{
    private LeaseTable? _leases;

    public override bool Exclusive => true;

    public override void Execute(WriteTransaction transaction)
    {
        _leases = transaction.Leases;
        Outcome = _leases.Contains(lease) && (!ifExpired || _leases.IsExpired(lease));
        if (!Outcome)
            return;
        transaction.DeleteTogether(_leases.Keys(lease));
        transaction.Begun().Revoke(lease);
    }

    public override void Complete()
    {
        if (Outcome)
            _leases!.Remove(lease);
        base.Complete();
    }
}
