namespace KubeSharp.Storage;

/// <summary>
/// One lease for many keys that end at about the same time (events), so that a store keeps hundreds of leases and not hundreds
/// of thousands. A key may live a little longer than asked. Safe for concurrent use.
/// Source: apiserver/pkg/storage/etcd3/lease_manager.go, v1.36 (60 s or 5 %, 1000 keys).
/// </summary>
/// <param name="store">Where leases are.</param>
/// <param name="reuseSeconds">How long one lease takes in keys, at most.</param>
/// <param name="time">The clock.</param>
public sealed class LeaseManager(IRevisionedStore store, long reuseSeconds, TimeProvider time) : IDisposable
{
    private const double ReusePercent = 0.05;
    private const int MaxKeys = 1000;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _lease;
    private TimeSpan _expiration;
    private int _keys;

    /// <summary>A lease that lasts for the time, or a little longer.</summary>
    /// <param name="timeToLive">Whole seconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">No lease was to be had.</exception>
    public async ValueTask<long> GetAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var now = time.GetElapsedTime(0);
            var reuse = TimeSpan.FromSeconds(Math.Min((long)(ReusePercent * timeToLive.TotalSeconds), reuseSeconds));
            _keys++;
            // Long enough for the key, and not longer than it may be.
            if (now + timeToLive < _expiration && now + timeToLive + reuse >= _expiration && _keys <= MaxKeys)
                return _lease;
            _lease = await store.GrantLeaseAsync(timeToLive + reuse, cancellationToken).ConfigureAwait(false);
            _expiration = now + timeToLive + reuse;
            _keys = 1;
            return _lease;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes a lease out of use that the store does not know any more.</summary>
    public async ValueTask ForgetAsync(long lease, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_lease == lease)
            _expiration = default;
        _gate.Release();
    }

    public void Dispose() => _gate.Dispose();
}
