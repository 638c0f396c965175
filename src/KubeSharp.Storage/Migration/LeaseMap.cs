namespace KubeSharp.Storage.Migration;

/// <summary>Leases of the target that stand for the source's, each with what was left of the other's time when it was first needed.</summary>
internal sealed class LeaseMap(IRevisionedStore source, IMigrationTarget target)
{
    // A key whose time is nearly over must still be there when the copy is compared. Events, which have leases, live for an hour;
    // upstream's lease manager lets them live up to a minute longer, too (etcd3/lease_manager.go).
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    private readonly Dictionary<long, long> _leases = [];

    /// <summary>The target's lease; null when the source's has ended, and its keys with it.</summary>
    public async ValueTask<long?> FindAsync(long lease, CancellationToken cancellationToken)
    {
        if (lease == 0)
            return 0;
        if (_leases.TryGetValue(lease, out var known))
            return known;
        if (await source.LeaseTimeToLiveAsync(lease, cancellationToken).ConfigureAwait(false) is not { } left)
            return null;
        var granted = await target.GrantLeaseAsync(left > Shortest ? left : Shortest, cancellationToken).ConfigureAwait(false);
        _leases.Add(lease, granted);
        return granted;
    }
}
