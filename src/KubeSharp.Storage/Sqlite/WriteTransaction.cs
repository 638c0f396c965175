namespace KubeSharp.Storage.Sqlite;

/// <summary>One change of one key, as it goes from the transaction to the index and to the watches.</summary>
internal sealed record Change(string Key, KeyState State, ReadOnlyMemory<byte> Value, KeyState Previous, ReadOnlyMemory<byte>? PreviousValue, object? Attachment);

/// <summary>
/// A database transaction that takes the writes of many callers: each sees those before it, none is visible to readers
/// before the commit. Begun by the first change, so that failed conditions cost no disk write. Used again and again.
/// </summary>
internal sealed class WriteTransaction(WriterConnection connection, RecordReader reader, KeyIndex index, LeaseTable leases)
{
    private readonly Dictionary<string, KeyState> _pending = new(StringComparer.Ordinal);
    private long _revision;
    private int _ordinal;
    private bool _begun;

    public List<Change> Changes { get; private set; } = [];

    public KeyIndex Index => index;

    public LeaseTable Leases => leases;

    /// <summary>The store's revision after what was done so far.</summary>
    public long Revision => _revision;

    public void Start()
    {
        _pending.Clear();
        Changes = [];
        _revision = index.Revision;
        _begun = false;
    }

    public KeyState Find(string key) => _pending.TryGetValue(key, out var state) ? state : index.Find(key);

    public void Put(string key, KeyState previous, ReadOnlyMemory<byte> value, long lease, object? attachment)
    {
        var id = new RecordId(NextRevision(), 0, tombstone: false);
        var state = new KeyState(id, previous.Exists ? previous.CreateRevision : id.Revision, previous.Exists ? previous.Version + 1 : 1, lease);
        Begun().Insert(id, key, state.CreateRevision, state.Version, lease, value.Span);
        Add(new Change(key, state, value, previous, PreviousValue: null, attachment));
    }

    /// <summary>Deletes one key in a revision of its own, and returns what it was.</summary>
    public KeyValue? Delete(string key, KeyState previous)
    {
        var value = PendingValue(previous.Record) ?? reader.Get(previous.Record)?.Value;
        NextRevision();
        Tombstone(key, previous, value);
        return new KeyValue(key, value ?? default, previous.CreateRevision, previous.Record.Revision, previous.Version, previous.Lease);
    }

    /// <summary>Deletes keys in one revision, in the order given (etcd deletes a lease's keys sorted).</summary>
    public void DeleteTogether(IEnumerable<string> keys)
    {
        var first = true;
        foreach (var key in keys)
        {
            var previous = Find(key);
            if (!previous.Exists)
                continue;
            if (first || _ordinal == RecordId.MaxPerRevision)
                NextRevision();
            first = false;
            Tombstone(key, previous, previousValue: null);
        }
    }

    /// <summary>The connection, for what needs no transaction.</summary>
    public WriterConnection Connection => connection;

    /// <summary>The connection, for what changes no key.</summary>
    public WriterConnection Begun()
    {
        if (!_begun)
            connection.Begin();
        _begun = true;
        return connection;
    }

    /// <summary>Makes everything durable; returns when it is on the disk.</summary>
    public void Commit()
    {
        if (_begun)
            connection.Commit();
    }

    public void Rollback()
    {
        if (_begun)
            connection.Rollback();
        _begun = false;
    }

    private void Tombstone(string key, KeyState previous, ReadOnlyMemory<byte>? previousValue)
    {
        var id = new RecordId(_revision, _ordinal++, tombstone: true);
        Begun().Insert(id, key, 0, 0, 0, default);
        Add(new Change(key, new KeyState(id, 0, 0, 0), default, previous, previousValue, Attachment: null));
    }

    private long NextRevision()
    {
        _ordinal = 0;
        return ++_revision;
    }

    private void Add(Change change)
    {
        _pending[change.Key] = change.State;
        Changes.Add(change);
    }

    private ReadOnlyMemory<byte>? PendingValue(RecordId id)
    {
        for (var i = Changes.Count - 1; i >= 0; i--)
        {
            if (Changes[i].State.Record == id)
                return Changes[i].Value;
        }
        return null;
    }
}
