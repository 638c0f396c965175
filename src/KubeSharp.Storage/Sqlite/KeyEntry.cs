namespace KubeSharp.Storage.Sqlite;

/// <summary>A key's state as conditional writes see it. The default value: the key was never there.</summary>
internal readonly record struct KeyState(RecordId Record, long CreateRevision, long Version, long Lease)
{
    public bool Exists => Record.IsLive;

    /// <summary>What a conditional write compares: 0 when the key is not there.</summary>
    public long ModRevision => Record.IsLive ? Record.Revision : 0;
}

/// <summary>A key in the index: its newest state and the ids of its older records, until compaction takes them.</summary>
internal sealed class KeyEntry(string key)
{
    private List<RecordId>? _older;

    public string Key { get; } = key;

    public KeyState State { get; private set; }

    public void Append(KeyState state)
    {
        if (!State.Record.IsNone)
            (_older ??= []).Add(State.Record);
        State = state;
    }

    /// <summary>The key's record at a revision; none when it was not there yet.</summary>
    public RecordId At(long revision)
    {
        if (State.Record.Revision <= revision)
            return State.Record;
        return Before(RecordId.FirstOf(revision + 1));
    }

    /// <summary>The newest record before another.</summary>
    public RecordId Before(RecordId id)
    {
        if (State.Record.Value < id.Value)
            return State.Record;
        var count = CountBefore(id);
        return count == 0 ? default : _older![count - 1];
    }

    /// <summary>Moves records that nobody can ask for after compaction at <paramref name="revision"/> to
    /// <paramref name="superseded"/>; false when the entry itself is no longer needed. A tombstone of that very revision
    /// stays, because a watch may start there (etcd: <c>mvcc/key_index.go</c>).</summary>
    public bool Compact(long revision, List<RecordId> superseded)
    {
        var newest = State.Record;
        if (newest.Revision <= revision)
        {
            if (_older != null)
                superseded.AddRange(_older);
            _older = null;
            if (!newest.IsTombstone || newest.Revision == revision)
                return true;
            superseded.Add(newest);
            return false;
        }
        var count = CountBefore(RecordId.FirstOf(revision + 1));
        if (count == 0)
            return true;
        var last = _older![count - 1];
        var gone = last.IsTombstone && last.Revision < revision ? count : count - 1;
        superseded.AddRange(_older[..gone]);
        _older.RemoveRange(0, gone);
        if (_older.Count == 0)
            _older = null;
        return true;
    }

    private int CountBefore(RecordId id)
    {
        if (_older == null)
            return 0;
        int low = 0, high = _older.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_older[middle].Value < id.Value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
