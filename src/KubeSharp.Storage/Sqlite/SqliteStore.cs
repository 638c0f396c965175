using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// The embedded store: etcd's semantics on one SQLite file. Records are rows in order of revision, never changed, deleted
/// by compaction alone; an index of the keys is kept in memory; values are read from the file. A fresh store is at
/// revision 1, as etcd's. An acknowledged write is on the disk (WAL, synchronous=FULL).
/// </summary>
/// <remarks>Follows etcd's <c>server/storage/mvcc</c> (kvstore, key_index, watchable_store) and <c>server/lease</c>, v3.6.</remarks>
public sealed partial class SqliteStore : IRevisionedStore
{
    private readonly string _path;
    private readonly FileLock _lock;
    private readonly WriterConnection _connection;
    private readonly RecordReader _transactionReader;
    private readonly KeyIndex _index = new();
    private readonly LeaseTable _leases;
    private readonly ReaderPool _readers;
    private readonly WriteQueue _queue;
    private readonly WatchHub _hub;
    private readonly EventPublisher _publisher;
    private readonly Writer _writer;
    private readonly LeaseExpiry _expiry;
    private readonly Compactor _compactor;
    private readonly Task _resumedCompaction;
    private readonly TaskCompletionSource<StoreCorruptException> _corruption = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    private SqliteStore(SqliteStoreOptions options, FileLock fileLock, WriterConnection connection)
    {
        (_path, _lock, _connection) = (options.Path, fileLock, connection);
        _leases = new LeaseTable(options.TimeProvider);
        connection.Load(_index, _leases);
        _readers = new ReaderPool(options.Path, options.MaxReaders);
        _transactionReader = OpenReader(options.Path, verify: connection.Check == StartupCheck.Full);

        _queue = new WriteQueue(options.Path, options.WriteQueueLength);
        _hub = new WatchHub(_index, options);
        _publisher = new EventPublisher(_hub, _queue, options.PreviousValues ? new RecordReader(options.Path) : null, OnCorruption);
        _writer = new Writer(options.Path, _queue, new WriteTransaction(connection, _transactionReader, _index, _leases), _publisher.Add, OnCorruption);
        _expiry = new LeaseExpiry(_leases, _queue, options.TimeProvider);
        _compactor = new Compactor(_queue, _index);
        _resumedCompaction = _compactor.ResumeAsync();
    }

    /// <summary>Opens the file, or makes it. Blocks for as long as the check and the reading of all keys take.</summary>
    /// <exception cref="StoreCorruptException">The file is not a store, is damaged, or comes from a later version.</exception>
    /// <exception cref="StoreUnavailableException">Another store has it open, or it cannot be read or written.</exception>
    public static SqliteStore Open(SqliteStoreOptions options)
    {
        options = options with { Path = Path.GetFullPath(options.Path) };
        FileLock? fileLock = null;
        WriterConnection? connection = null;
        try
        {
            PrivateFile.CreateFolder(Path.GetDirectoryName(options.Path)!);
            fileLock = FileLock.Acquire(options.Path);
            Schema.CreateIfMissing(options.Path);
            if (new FileInfo(options.Path).Length == 0)
                throw SqliteFailure.Corrupt(options.Path, "the file is empty");
            WalCheck.Check(options.Path);
            connection = new WriterConnection(options);
            return new SqliteStore(options, fileLock, connection);
        }
        catch (Exception e)
        {
            connection?.Dispose();
            fileLock?.Dispose();
            throw e switch
            {
                SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_NOTADB } failure => SqliteFailure.Corrupt(options.Path, "not a database", failure),
                SqliteException failure => SqliteFailure.OfRead(options.Path, failure),
                IOException or UnauthorizedAccessException => new StoreUnavailableException($"{options.Path}: cannot open: {e.Message}", nothingChanged: true, e),
                _ => e,
            };
        }
    }

    private static RecordReader OpenReader(string path, bool verify)
    {
        var reader = new RecordReader(path);
        try
        {
            if (verify)
                reader.VerifyAll();
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Completes when damage is found while running. Nothing is written from then on; the process should end with an error.</summary>
    public Task<StoreCorruptException> Corruption => _corruption.Task;

    /// <summary>Tests: what the disk can hold, in pages.</summary>
    internal void LimitPages(int pages) => _connection.LimitPages(pages);

    private void OnCorruption(StoreCorruptException corruption)
    {
        _writer.Stop(corruption);
        _corruption.TrySetResult(corruption);
    }

    /// <summary>Finishes the writes that were taken, ends the watches, and leaves one file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _expiry.DisposeAsync().ConfigureAwait(false);
        _queue.Close();
        await _writer.Ended.ConfigureAwait(false);
        await _resumedCompaction.ConfigureAwait(false);
        _publisher.Close();
        await _publisher.Ended.ConfigureAwait(false);
        _hub.Close(ReaderPool.Closed(_path));
        _hub.Dispose();
        await _readers.DisposeAsync().ConfigureAwait(false);
        _transactionReader.Dispose();
        try
        {
            if (!_corruption.Task.IsCompleted)
                _connection.MarkClean(_index.CompactRevision);
            _connection.Checkpoint();
        }
        catch (SqliteException)
        {
            // The log stays and is read at the next start.
        }
        _connection.Dispose();
        _lock.Dispose();
    }
}
