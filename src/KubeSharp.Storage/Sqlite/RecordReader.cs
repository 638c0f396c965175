using System.Text;
using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Sqlite;

/// <summary>Events of whole revisions up to <paramref name="Through"/>, one batch for each revision that has any.</summary>
internal readonly record struct HistoryChunk(List<WatchBatch> Batches, long Through);

/// <summary>A reading connection with its statements. For one user at a time; never waits for the writer (WAL).</summary>
internal sealed class RecordReader : IDisposable
{
    private const string Columns = "id, create_revision, version, lease, key, checksum, value";
    private const int ChunkEvents = 256;
    private const int ChunkBytes = 4 << 20;
    private const int ChunkRecords = 8192;

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly Statement _begin, _end, _get, _getKey, _scan;

    public RecordReader(string path)
    {
        _path = path;
        _connection = Schema.Connect(path, SqliteOpenMode.ReadWrite);
        _connection.Run("PRAGMA busy_timeout=5000; PRAGMA query_only=1; PRAGMA cache_size=-512; PRAGMA cell_size_check=1");
        _begin = new Statement(_connection, "BEGIN");
        _end = new Statement(_connection, "COMMIT");
        _get = new Statement(_connection, $"SELECT {Columns} FROM record WHERE id = ?1");
        _getKey = new Statement(_connection, "SELECT id, create_revision, version, lease, key FROM record WHERE id = ?1");
        _scan = new Statement(_connection, $"SELECT {Columns} FROM record WHERE id >= ?1 AND id < ?2 ORDER BY id");
    }

    /// <summary>A record; null when compaction took it.</summary>
    public StoredRecord? Get(RecordId id)
    {
        try
        {
            return Read(id, keyOnly: false);
        }
        catch (SqliteException e)
        {
            throw SqliteFailure.OfRead(_path, e);
        }
    }

    /// <summary>All these records; null when compaction took one of them.</summary>
    public List<KeyValue>? GetAll(List<RecordId> ids, bool keysOnly)
    {
        return InTransaction(() =>
        {
            var items = new List<KeyValue>(ids.Count);
            foreach (var id in ids)
            {
                if (Read(id, keysOnly) is not { } record)
                    return null;
                items.Add(record.ToKeyValue());
            }
            return items;
        });
    }

    /// <summary>Changes of keys with a prefix from one revision through another, or as many as make a good piece. The
    /// caller checks afterwards that compaction has not passed <paramref name="from"/>.</summary>
    public HistoryChunk History(KeyIndex index, string prefix, long from, long through)
    {
        var prefixBytes = Encoding.UTF8.GetBytes(prefix);
        return InTransaction(() =>
        {
            var batches = new List<WatchBatch>();
            List<StoreEvent>? current = null;
            long revision = 0, bytes = 0;
            var records = 0;
            _scan.Bind(1, RecordId.FirstOf(from).Value).Bind(2, RecordId.FirstOf(through + 1).Value);
            try
            {
                while (_scan.Step())
                {
                    var id = new RecordId(_scan.Int64(0));
                    if (id.Revision != revision)
                    {
                        if (batches.Count >= ChunkEvents || bytes >= ChunkBytes || records >= ChunkRecords)
                            return new HistoryChunk(batches, revision);
                        revision = id.Revision;
                        current = null;
                    }
                    records++;
                    if (!_scan.Bytes(4).StartsWith(prefixBytes))
                        continue;
                    var record = Decode(_scan, id, keyOnly: false);
                    var previous = index.Previous(record.Key, id) is { IsNone: false } before ? Read(before, keyOnly: false)?.ToKeyValue() : null;
                    bytes += record.Value.Length + (previous?.Value.Length ?? 0);
                    if (current == null)
                        batches.Add(new WatchBatch(revision, current = []));
                    current.Add(new StoreEvent(id.IsTombstone ? StoreEventType.Delete : StoreEventType.Put, record.ToKeyValue(), previous, Attachment: null));
                }
            }
            finally
            {
                _scan.Reset();
            }
            return new HistoryChunk(batches, through);
        });
    }

    /// <summary>Every record's checksum.</summary>
    /// <exception cref="StoreCorruptException"/>
    public void VerifyAll() => InTransaction(() =>
    {
        _scan.Bind(1, 0).Bind(2, long.MaxValue);
        try
        {
            while (_scan.Step())
                Decode(_scan, new RecordId(_scan.Int64(0)), keyOnly: false);
        }
        finally
        {
            _scan.Reset();
        }
        return 0;
    });

    private T InTransaction<T>(Func<T> read)
    {
        try
        {
            _begin.Execute();
            try
            {
                return read();
            }
            finally
            {
                _end.Execute();
            }
        }
        catch (SqliteException e)
        {
            throw SqliteFailure.OfRead(_path, e);
        }
    }

    private StoredRecord? Read(RecordId id, bool keyOnly)
    {
        var statement = keyOnly ? _getKey : _get;
        statement.Bind(1, id.Value);
        try
        {
            return statement.Step() ? Decode(statement, id, keyOnly) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    private StoredRecord Decode(Statement row, RecordId id, bool keyOnly)
    {
        var record = new StoredRecord(id, row.Text(4), row.Int64(1), row.Int64(2), row.Int64(3), keyOnly ? default(ReadOnlyMemory<byte>) : row.Bytes(6).ToArray());
        if (!keyOnly && StoredRecord.Checksum(id, row.Bytes(4), record.CreateRevision, record.Version, record.Lease, record.Value.Span) != row.Int64(5))
            throw SqliteFailure.Corrupt(_path, $"the record of revision {id.Revision} (key {record.Key}) does not match its checksum");
        return record;
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_begin, _end, _get, _getKey, _scan])
            statement.Dispose();
        _connection.Dispose();
    }
}
