namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// The leases that have not ended, when each does, and their keys. As in etcd's lessor, keeping alive changes memory only,
/// and after a restart every lease has its full time again. Thread-safe.
/// </summary>
internal sealed class LeaseTable(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Lease> _leases = [];

    private sealed class Lease(TimeSpan timeToLive, long started)
    {
        public TimeSpan TimeToLive { get; } = timeToLive;

        public long Started { get; set; } = started;

        public HashSet<string> Keys { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>Raised after a lease came that may be the next to end.</summary>
    public event Action? Added;

    public void Add(long id, TimeSpan timeToLive)
    {
        lock (_gate)
            _leases.Add(id, new Lease(timeToLive, time.GetTimestamp()));
        Added?.Invoke();
    }

    public bool Contains(long id)
    {
        lock (_gate)
            return _leases.ContainsKey(id);
    }

    public bool IsExpired(long id)
    {
        lock (_gate)
            return _leases.TryGetValue(id, out var lease) && Left(lease) <= TimeSpan.Zero;
    }

    /// <summary>What is left of the lease's time; null when it has run out.</summary>
    public TimeSpan? TimeLeft(long id)
    {
        lock (_gate)
            return _leases.TryGetValue(id, out var lease) && Left(lease) is var left && left > TimeSpan.Zero ? left : null;
    }

    /// <summary>Starts the lease's time anew; false when it has run out.</summary>
    public bool KeepAlive(long id)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(id, out var lease) || Left(lease) <= TimeSpan.Zero)
                return false;
            lease.Started = time.GetTimestamp();
            return true;
        }
    }

    public void Remove(long id)
    {
        lock (_gate)
            _leases.Remove(id);
    }

    /// <summary>A key got another lease (0: none).</summary>
    public void Attach(string key, long from, long to)
    {
        if (from == to)
            return;
        lock (_gate)
        {
            if (_leases.TryGetValue(from, out var old))
                old.Keys.Remove(key);
            if (_leases.TryGetValue(to, out var lease))
                lease.Keys.Add(key);
        }
    }

    /// <summary>The lease's keys in order.</summary>
    public string[] Keys(long id)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(id, out var lease))
                return [];
            var keys = lease.Keys.ToArray();
            Array.Sort(keys, KeyOrder.Compare);
            return keys;
        }
    }

    /// <summary>The leases whose time is over, and how long until the next one's is (null: there is none).</summary>
    public (List<long> Expired, TimeSpan? Next) Expiries()
    {
        lock (_gate)
        {
            var expired = new List<long>();
            TimeSpan? next = null;
            foreach (var (id, lease) in _leases)
            {
                var left = Left(lease);
                if (left <= TimeSpan.Zero)
                    expired.Add(id);
                else if (next == null || left < next)
                    next = left;
            }
            return (expired, next);
        }
    }

    private TimeSpan Left(Lease lease) => lease.TimeToLive - time.GetElapsedTime(lease.Started);
}
