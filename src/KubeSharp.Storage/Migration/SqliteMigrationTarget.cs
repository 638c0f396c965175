using KubeSharp.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Migration;

/// <summary>
/// A migration into an embedded store that does not exist yet, and so can have each key's revisions and versions, and the
/// source's own: resourceVersions stay what they were. History is not copied, so the source's revision is the first that can be
/// watched. The database is made under another name, and gets its own at the end.
/// </summary>
public sealed class SqliteMigrationTarget : IMigrationTarget
{
    private readonly string _path;
    private readonly string _unfinished;
    private readonly FileLock _lock;
    private WriterConnection? _writer;
    private SqliteStore? _store;

    private SqliteMigrationTarget(string path, FileLock fileLock) => (_path, _unfinished, _lock) = (path, path + Schema.Unfinished, fileLock);

    /// <summary>Takes the place in which the store is to be.</summary>
    /// <param name="databasePath">The store's database; its folder is made when missing.</param>
    /// <exception cref="StoreUnavailableException">A server has a store there open.</exception>
    public static SqliteMigrationTarget Open(string databasePath)
    {
        var path = Path.GetFullPath(databasePath);
        PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
        return new SqliteMigrationTarget(path, FileLock.Acquire(path));
    }

    /// <inheritdoc/>
    public IRevisionedStore Written => _store ?? throw new InvalidOperationException("nothing is written yet");

    /// <inheritdoc/>
    public Task PrepareAsync(bool force, CancellationToken cancellationToken)
    {
        // What is there is replaced at the end, not before.
        if (!force && (File.Exists(_path) || File.Exists(_path + "-wal")))
            throw new MigrationException($"the target is not empty: {_path} is there; --force replaces it");
        PrivateFile.DeleteDatabase(_unfinished);
        return Guarded(() =>
        {
            Schema.CreateIfMissing(_unfinished);
            _writer = new WriterConnection(new SqliteStoreOptions { Path = _unfinished, StartupCheck = StartupCheck.None });
        });
    }

    /// <inheritdoc/>
    public async ValueTask<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        long lease = 0;
        await Guarded(() => lease = _writer!.Grant((long)Math.Ceiling(timeToLive.TotalSeconds))).ConfigureAwait(false);
        return lease;
    }

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyList<KeyValue> page, CancellationToken cancellationToken) => Guarded(() =>
    {
        _writer!.Begin();
        foreach (var item in page)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _writer.Insert(_writer.FreeId(item.ModRevision), item.Key, item.CreateRevision, item.Version, item.Lease, item.Value.Span);
        }
        _writer.Commit();
    });

    /// <inheritdoc/>
    public async Task<long> RaiseAsync(long sourceRevision, CancellationToken cancellationToken)
    {
        await Guarded(() =>
        {
            _writer!.SetCompactRevision(sourceRevision);
            _writer.Checkpoint();
            _writer.Dispose();
            _writer = null;
        }).ConfigureAwait(false);
        _store = SqliteStore.Open(new SqliteStoreOptions { Path = _unfinished, StartupCheck = StartupCheck.Full });
        return await _store.CurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _store!.DisposeAsync().ConfigureAwait(false);
        _store = null;
        using (var done = new FileStream(_unfinished, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            done.Flush(flushToDisk: true);
        // An old store goes first, and its log with it, which would be taken for this one's. Whenever this is cut short, there is
        // an unfinished store or a log without its database, and no server starts.
        var replaced = _path + ".replaced";
        if (File.Exists(_path))
            PrivateFile.Publish(_path, replaced, replace: true);
        File.Delete(_path + "-wal");
        File.Delete(_path + "-shm");
        PrivateFile.Publish(_unfinished, _path, replace: false);
        File.Delete(replaced);
    }

    public async ValueTask DisposeAsync()
    {
        _writer?.Dispose();
        if (_store is not null)
            await _store.DisposeAsync().ConfigureAwait(false);
        PrivateFile.DeleteDatabase(_unfinished);
        _lock.Dispose();
    }

    private Task Guarded(Action write)
    {
        try
        {
            write();
            return Task.CompletedTask;
        }
        catch (SqliteException e)
        {
            throw SqliteFailure.OfWrite(_unfinished, e);
        }
    }
}
