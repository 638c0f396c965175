using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KubeSharp.Storage.Sqlite;

/// <summary>The one connection that writes, with its statements. Used by the writer's thread only, once the store is open.</summary>
internal sealed class WriterConnection : IDisposable
{
    // 16 MB of log between checkpoints. At full speed with values of 8 KB (8 writers): p99 1 to 3 ms and p99.9 28 ms,
    // where SQLite's default of 1000 pages gives 8 ms and 11 ms.
    private const int CheckpointPages = 4096;

    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly Statement _begin, _commit, _rollback, _insert, _delete, _grant, _revoke, _compacted, _freePages, _pages;
    private ContentDigest _digest, _committedDigest;

    public WriterConnection(SqliteStoreOptions options)
    {
        _path = options.Path;
        _connection = Schema.Connect(options.Path, SqliteOpenMode.ReadWrite);
        try
        {
            Schema.Check(_connection, options.Path, StartupCheck.None);
            Check = options.StartupCheck != StartupCheck.Automatic ? options.StartupCheck
                : ContentDigest.Read(_connection) is null ? StartupCheck.Full
                : StartupCheck.None;
            Schema.Check(_connection, options.Path, Check);
            _connection.Run($"""
                PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint={CheckpointPages};
                PRAGMA journal_size_limit=67108864; PRAGMA cell_size_check=1; PRAGMA temp_store=MEMORY;
                """);
            if (options.MaxPages > 0)
                _connection.Run($"PRAGMA max_page_count={options.MaxPages}");
            _begin = new Statement(_connection, "BEGIN IMMEDIATE");
            _commit = new Statement(_connection, "COMMIT");
            _rollback = new Statement(_connection, "ROLLBACK");
            _insert = new Statement(_connection, "INSERT INTO record (id, key, create_revision, version, lease, checksum, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
            _delete = new Statement(_connection, "DELETE FROM record WHERE id = ?1 RETURNING key, create_revision, version, lease");
            _grant = new Statement(_connection, "INSERT INTO lease (seconds) VALUES (?1) RETURNING id");
            _revoke = new Statement(_connection, "DELETE FROM lease WHERE id = ?1");
            _compacted = new Statement(_connection, "UPDATE meta SET value = ?1 WHERE name = 'compact_revision'");
            _freePages = new Statement(_connection, "PRAGMA freelist_count");
            _pages = new Statement(_connection, "PRAGMA page_count");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>How the database is checked, with <see cref="StartupCheck.Automatic"/> decided.</summary>
    public StartupCheck Check { get; }

    /// <summary>Tests: what a disk can hold, in pages.</summary>
    internal void LimitPages(int pages) => _connection.Run($"PRAGMA max_page_count={pages}");

    /// <summary>Reads every record's key and every lease into memory, and compares with what there was at the last clean stop.</summary>
    /// <exception cref="StoreCorruptException">It is not the same.</exception>
    public void Load(KeyIndex index, LeaseTable leases)
    {
        using (var records = new Statement(_connection, "SELECT id, key, create_revision, version, lease FROM record ORDER BY id"))
        {
            while (records.Step())
            {
                var state = new KeyState(new RecordId(records.Int64(0)), records.Int64(2), records.Int64(3), records.Int64(4));
                _digest.Add(state.Record, records.Bytes(1), state.CreateRevision, state.Version, state.Lease);
                index.Load(records.Text(1), state);
            }
        }
        _committedDigest = _digest;
        index.CompactRevision = _connection.Number(Schema.SelectCompactRevision);
        // A restore can raise the revision above all that was written.
        index.Raise(index.CompactRevision);
        if (ContentDigest.Read(_connection) is { } expected)
        {
            if (expected != _digest.Seal(index.CompactRevision))
                throw SqliteFailure.Corrupt(_path, $"the database is damaged (it does not hold what it held when it was closed: {expected.Records} records then, {_digest.Records} now)");
            ContentDigest.Clear(_connection);
        }

        using (var rows = new Statement(_connection, "SELECT id, seconds FROM lease"))
        {
            while (rows.Step())
                leases.Add(rows.Int64(0), TimeSpan.FromSeconds(rows.Int64(1)));
        }
        foreach (var (key, lease) in index.LeasedKeys())
            leases.Attach(key, 0, lease);
    }

    public void Begin()
    {
        _digest = _committedDigest;
        _begin.Execute();
    }

    public void Commit()
    {
        _commit.Execute();
        _committedDigest = _digest;
    }

    /// <summary>Ends the transaction if SQLite has not done so itself, as it does when the disk is full.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            _rollback.Execute();
    }

    public void Insert(RecordId id, string key, long createRevision, long version, long lease, ReadOnlySpan<byte> value)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(key.Length));
        try
        {
            var keyBytes = rented.AsSpan(0, Encoding.UTF8.GetBytes(key, rented));
            _digest.Add(id, keyBytes, createRevision, version, lease);
            _insert.Bind(1, id.Value).BindText(2, keyBytes).Bind(3, createRevision).Bind(4, version).Bind(5, lease)
                .Bind(6, StoredRecord.Checksum(id, keyBytes, createRevision, version, lease, value)).BindBlob(7, value).Execute();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>An id of a revision that no record has; for records that come with their revision from elsewhere.</summary>
    /// <exception cref="StoreUnavailableException">There are more changes in the revision than one can have here.</exception>
    public RecordId FreeId(long revision)
    {
        var taken = (int)_connection.Number($"SELECT count(*) FROM record WHERE id >= {RecordId.FirstOf(revision).Value} AND id < {RecordId.FirstOf(revision + 1).Value}");
        return taken < RecordId.MaxPerRevision
            ? new RecordId(revision, taken, tombstone: false)
            : throw new StoreUnavailableException($"{_path}: revision {revision} has more than {RecordId.MaxPerRevision} changes", nothingChanged: true);
    }

    public void Delete(RecordId id)
    {
        _delete.Bind(1, id.Value);
        while (_delete.Step())
            _digest.Remove(id, _delete.Bytes(0), _delete.Int64(1), _delete.Int64(2), _delete.Int64(3));
    }

    public long Grant(long seconds)
    {
        _grant.Bind(1, seconds).Step();
        var id = _grant.Int64(0);
        _grant.Execute();
        return id;
    }

    public void Revoke(long lease) => _revoke.Bind(1, lease).Execute();

    public void SetCompactRevision(long revision) => _compacted.Bind(1, revision).Execute();

    public (long Free, long All) Pages() => (Count(_freePages), Count(_pages));

    /// <summary>Gives up to so many unused pages back to the file system.</summary>
    public void Vacuum(int pages)
    {
        using var statement = new Statement(_connection, $"PRAGMA incremental_vacuum({pages})");
        statement.Execute();
    }

    /// <summary>Writes as much of the log into the database file as no reader needs, and shortens the file to what it holds.
    /// Waits for nobody.</summary>
    public void CheckpointPassive() => _connection.Run("PRAGMA wal_checkpoint(PASSIVE)");

    /// <summary>Says, for the next start, that the store was closed properly, and what was in it.</summary>
    public void MarkClean(long compactRevision) => _committedDigest.Seal(compactRevision).Write(_connection);

    /// <summary>Writes the log into the database file and empties it, so that a closed store is one file.</summary>
    public void Checkpoint() => _connection.Run("PRAGMA wal_checkpoint(TRUNCATE)");

    private static long Count(Statement pragma)
    {
        pragma.Step();
        var count = pragma.Int64(0);
        pragma.Reset();
        return count;
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_begin, _commit, _rollback, _insert, _delete, _grant, _revoke, _compacted, _freePages, _pages])
            statement.Dispose();
        _connection.Dispose();
    }
}
