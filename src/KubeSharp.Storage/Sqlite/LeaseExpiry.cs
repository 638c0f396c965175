namespace KubeSharp.Storage.Sqlite;

/// <summary>Revokes leases whose time is over.</summary>
internal sealed class LeaseExpiry : IAsyncDisposable
{
    // A revocation that the disk refused is tried again after this time.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly LeaseTable _leases;
    private readonly WriteQueue _queue;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private Task _rounds = Task.CompletedTask;
    private bool _running, _again, _closed;

    public LeaseExpiry(LeaseTable leases, WriteQueue queue, TimeProvider time)
    {
        (_leases, _queue) = (leases, queue);
        _timer = time.CreateTimer(_ => StartRound(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        leases.Added += SetTimer;
        SetTimer();
    }

    private void StartRound()
    {
        lock (_gate)
        {
            _again = true;
            if (_closed || _running)
                return;
            _running = true;
            _rounds = RunRoundsAsync();
        }
    }

    private async Task RunRoundsAsync()
    {
        // Never in the caller's lock.
        await Task.Yield();
        while (true)
        {
            lock (_gate)
            {
                _running = _again && !_closed;
                _again = false;
                if (!_running)
                    return;
            }
            if (await RevokeExpiredAsync().ConfigureAwait(false))
                SetTimer();
            else
                SetTimer(RetryDelay);
        }
    }

    private async Task<bool> RevokeExpiredAsync()
    {
        try
        {
            foreach (var lease in _leases.Expiries().Expired)
            {
                var revocation = new RevokeLeaseWrite(lease, ifExpired: true);
                await _queue.AddAsync(revocation, CancellationToken.None).ConfigureAwait(false);
                await revocation.Task.ConfigureAwait(false);
            }
            return true;
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
        {
            return false;
        }
    }

    private void SetTimer()
    {
        var (expired, next) = _leases.Expiries();
        SetTimer(expired.Count > 0 ? TimeSpan.Zero
            : next is { } left ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds))
            : Timeout.InfiniteTimeSpan);
    }

    private void SetTimer(TimeSpan due)
    {
        lock (_gate)
        {
            if (!_closed)
                _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task rounds;
        lock (_gate)
        {
            _closed = true;
            rounds = _rounds;
        }
        _leases.Added -= SetTimer;
        await _timer.DisposeAsync().ConfigureAwait(false);
        await rounds.ConfigureAwait(false);
    }
}
