namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// Hands each change to the live watches that want it. A watch joins when it has caught up with <see cref="Published"/>,
/// under the lock that publishing takes, so that it misses nothing and gets nothing twice. Thread-safe.
/// </summary>
internal sealed class WatchHub : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<WatchSubscription> _live = [];
    private readonly KeyIndex _index;
    private readonly int _queueLength;
    private readonly ITimer _progressTimer;
    private Exception? _closed;
    private long _published;
    private long _progressDue = long.MaxValue;
    private long _progressRequests;

    public WatchHub(KeyIndex index, SqliteStoreOptions options)
    {
        (_index, _queueLength, _published) = (index, options.WatchQueueLength, index.Revision);
        _progressTimer = options.TimeProvider.CreateTimer(_ => ReportIdle(), null, options.ProgressInterval, options.ProgressInterval);
    }

    /// <summary>The revision through which everything was handed out.</summary>
    public long Published => Volatile.Read(ref _published);

    /// <summary>How often progress was asked for; a watch that was catching up meanwhile reports it when it has.</summary>
    public long ProgressRequests => Volatile.Read(ref _progressRequests);

    /// <summary>A subscription from a revision on; null when that revision is published already and must be read from the database.</summary>
    public WatchSubscription? TryJoin(string prefix, long firstRevision)
    {
        lock (_gate)
        {
            if (_closed != null)
                throw _closed;
            if (firstRevision <= _published)
                return null;
            var subscription = new WatchSubscription(prefix, firstRevision, _queueLength);
            _live.Add(subscription);
            return subscription;
        }
    }

    public void Leave(WatchSubscription subscription)
    {
        lock (_gate)
            _live.Remove(subscription);
    }

    /// <summary>Hands out the changes of one revision. An event is made only if a watch wants it, and only once.</summary>
    public void Publish(ReadOnlySpan<Change> changes, Func<Change, StoreEvent> makeEvent)
    {
        var revision = changes[0].State.Record.Revision;
        lock (_gate)
        {
            if (changes.Length == 1)
                PublishOne(revision, changes[0], makeEvent);
            else
                PublishMany(revision, changes, makeEvent);
            Volatile.Write(ref _published, revision);
            if (revision >= _progressDue)
                ReportProgress();
        }
    }

    private void PublishOne(long revision, Change change, Func<Change, StoreEvent> makeEvent)
    {
        WatchBatch? batch = null;
        for (var i = _live.Count - 1; i >= 0; i--)
        {
            if (!_live[i].Wants(revision, change.Key))
                continue;
            batch ??= new WatchBatch(revision, [makeEvent(change)]);
            if (!_live[i].TryAdd(batch.Value))
                _live.RemoveAt(i);
        }
    }

    private void PublishMany(long revision, ReadOnlySpan<Change> changes, Func<Change, StoreEvent> makeEvent)
    {
        var made = new StoreEvent?[changes.Length];
        for (var i = _live.Count - 1; i >= 0; i--)
        {
            List<StoreEvent>? events = null;
            for (var j = 0; j < changes.Length; j++)
            {
                if (_live[i].Wants(revision, changes[j].Key))
                    (events ??= []).Add(made[j] ??= makeEvent(changes[j]));
            }
            if (events != null && !_live[i].TryAdd(new WatchBatch(revision, events)))
                _live.RemoveAt(i);
        }
    }

    /// <summary>Reports progress to every live watch as soon as all that is visible now is handed out.</summary>
    public void RequestProgress()
    {
        lock (_gate)
        {
            Volatile.Write(ref _progressRequests, _progressRequests + 1);
            _progressDue = _index.Revision;
            if (_published >= _progressDue)
                ReportProgress();
        }
    }

    private void ReportProgress()
    {
        _progressDue = long.MaxValue;
        for (var i = _live.Count - 1; i >= 0; i--)
        {
            if (!_live[i].TryAddProgress(_published))
                _live.RemoveAt(i);
        }
    }

    private void ReportIdle()
    {
        lock (_gate)
        {
            for (var i = _live.Count - 1; i >= 0; i--)
            {
                if (_live[i].IsIdle() && !_live[i].TryAddProgress(_published))
                    _live.RemoveAt(i);
            }
        }
    }

    /// <summary>Ends every watch.</summary>
    public void Close(Exception reason)
    {
        lock (_gate)
        {
            _closed = reason;
            foreach (var subscription in _live)
                subscription.Close(reason);
            _live.Clear();
        }
    }

    public void Dispose() => _progressTimer.Dispose();
}
