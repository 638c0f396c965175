namespace KubeSharp.Storage.Sqlite;

/// <summary>What a range read found in the index; the records themselves are in the database.</summary>
internal readonly record struct IndexRange(List<RecordId> Records, long Count, long Revision);

/// <summary>
/// Every key with the ids of its records that are not compacted, and the store's revisions, in memory as in etcd
/// (<c>mvcc/index.go</c>): conditions, counts and the choice of records need no disk. Changes appear when they are durable.
/// Thread-safe.
/// </summary>
internal sealed class KeyIndex
{
    /// <summary>As etcd's: no upper bound.</summary>
    public const string NoEnd = "\0";

    private const int CompactionStep = 1000;

    private readonly Lock _gate = new();
    private readonly KeyMap _keys = new();
    private long _revision = 1;
    private long _compactRevision;

    public long Revision => Volatile.Read(ref _revision);

    /// <summary>The oldest revision that can be read. Set before the first record is deleted for it.</summary>
    public long CompactRevision
    {
        get => Volatile.Read(ref _compactRevision);
        set => Volatile.Write(ref _compactRevision, value);
    }

    /// <summary>One record of the database, in order of ids, when the store opens.</summary>
    public void Load(string key, KeyState state)
    {
        lock (_gate)
        {
            _keys.GetOrAdd(key).Append(state);
            _revision = state.Record.Revision;
        }
    }

    /// <summary>The store's revision is at least this one, whatever its newest record says; when the store opens.</summary>
    public void Raise(long revision) => Volatile.Write(ref _revision, Math.Max(_revision, revision));

    /// <summary>Makes a committed transaction visible.</summary>
    public void Apply(List<Change> changes)
    {
        if (changes.Count == 0)
            return;
        lock (_gate)
        {
            foreach (var change in changes)
                _keys.GetOrAdd(change.Key).Append(change.State);
            Volatile.Write(ref _revision, changes[^1].State.Record.Revision);
        }
    }

    /// <summary>Keys that carry a lease.</summary>
    public List<(string Key, long Lease)> LeasedKeys()
    {
        lock (_gate)
            return [.. _keys.From("").Where(entry => entry.State.Exists && entry.State.Lease != 0).Select(entry => (entry.Key, entry.State.Lease))];
    }

    public KeyState Find(string key)
    {
        lock (_gate)
            return _keys.Find(key)?.State ?? default;
    }

    /// <summary>The key's record at a revision (0: newest), and the store's revision.</summary>
    /// <exception cref="CompactedException"/>
    /// <exception cref="FutureRevisionException"/>
    public (RecordId Record, long Revision) Get(string key, long revision)
    {
        lock (_gate)
        {
            CheckRevision(revision);
            var entry = _keys.Find(key);
            return (entry == null ? default : revision == 0 ? entry.State.Record : entry.At(revision), _revision);
        }
    }

    /// <inheritdoc cref="Get"/>
    public IndexRange Range(RangeRequest request)
    {
        lock (_gate)
        {
            CheckRevision(request.Revision);
            var records = new List<RecordId>();
            long count = 0;
            foreach (var entry in _keys.From(request.Start))
            {
                if (request.End != NoEnd && KeyOrder.Compare(entry.Key, request.End) >= 0)
                    break;
                var record = request.Revision == 0 ? entry.State.Record : entry.At(request.Revision);
                if (!record.IsLive)
                    continue;
                count++;
                if (!request.CountOnly && (request.Limit == 0 || records.Count < request.Limit))
                    records.Add(record);
            }
            return new IndexRange(records, count, _revision);
        }
    }

    /// <summary>The key's state before a record: none when it was not there, or compacted.</summary>
    public RecordId Previous(string key, RecordId record)
    {
        lock (_gate)
            return _keys.Find(key)?.Before(record) is { IsLive: true } previous ? previous : default;
    }

    /// <summary>Forgets what compaction at <see cref="CompactRevision"/> makes unreachable, and adds these records to
    /// <paramref name="superseded"/>, which is then in their order. Others get the lock in between.</summary>
    public void Compact(List<RecordId> superseded)
    {
        var next = "";
        while (true)
        {
            lock (_gate)
            {
                var page = _keys.From(next).Take(CompactionStep + 1).ToArray();
                foreach (var entry in page.Take(CompactionStep))
                {
                    if (!entry.Compact(_compactRevision, superseded))
                        _keys.Remove(entry.Key);
                }
                if (page.Length <= CompactionStep)
                    break;
                next = page[^1].Key;
            }
        }
        superseded.Sort((left, right) => left.Value.CompareTo(right.Value));
    }

    private void CheckRevision(long revision)
    {
        if (revision > _revision)
            throw new FutureRevisionException(_revision);
        if (revision != 0 && revision < _compactRevision)
            throw new CompactedException(_compactRevision);
    }
}
