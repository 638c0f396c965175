using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Sqlite.Snapshots;

public static partial class Snapshot
{
    /// <summary>
    /// Makes a store out of a snapshot. Revisions are kept, so that they go on from where the snapshot was made, or from where
    /// <see cref="SnapshotRestoreOptions.BumpRevision"/> says.
    /// </summary>
    /// <remarks>The store is made under another name and gets its own at the end. A server does not start beside one that did not
    /// come to its end, because it would start empty.</remarks>
    /// <param name="file">The snapshot.</param>
    /// <param name="databasePath">The store's database, which must not be there. Its folder is made when missing.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Ends it, and leaves nothing.</param>
    /// <returns>What is in the store.</returns>
    /// <exception cref="StoreCorruptException">The snapshot is damaged, cut off, or none; there is no store.</exception>
    /// <exception cref="StoreUnavailableException">The store's place is in use, or the disk is full.</exception>
    /// <exception cref="IOException">There is a store already, or a file cannot be read or written.</exception>
    public static SnapshotStatus Restore(string file, string databasePath, SnapshotRestoreOptions options, CancellationToken cancellationToken)
    {
        (file, databasePath) = (Path.GetFullPath(file), Path.GetFullPath(databasePath));
        CheckExists(file);
        PrivateFile.CreateFolder(Path.GetDirectoryName(databasePath)!);
        using var fileLock = FileLock.Acquire(databasePath);
        if (File.Exists(databasePath) || File.Exists(databasePath + "-wal"))
            throw new IOException($"{databasePath}: is there already; a snapshot is restored where there is no store");
        var unfinished = databasePath + Schema.Unfinished;
        PrivateFile.DeleteDatabase(unfinished);
        try
        {
            using (var target = PrivateFile.Open(unfinished, FileMode.CreateNew, FileShare.None))
                SnapshotTrailer.Read(file, target, options.SkipHashCheck, cancellationToken);
            var found = SnapshotInspection.Inspect(unfinished, file, cancellationToken);
            Prepare(unfinished, found.Revision, options);
            var status = SnapshotInspection.Inspect(unfinished, databasePath, cancellationToken);
            using (var done = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                done.Flush(flushToDisk: true);
            PrivateFile.Publish(unfinished, databasePath, replace: false);
            return status;
        }
        finally
        {
            PrivateFile.DeleteDatabase(unfinished);
        }
    }

    private static void Prepare(string database, long revision, SnapshotRestoreOptions options)
    {
        try
        {
            using var connection = Schema.Connect(database, SqliteOpenMode.ReadWrite);
            connection.Run("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL");
            if (connection.Number("PRAGMA auto_vacuum") == 0)
                connection.Run("PRAGMA auto_vacuum=INCREMENTAL; VACUUM");
            // What it says of the store's last stop is not of this one.
            ContentDigest.Clear(connection);
            // The next revision comes after the compacted one.
            if (options.BumpRevision > 0)
                connection.Run($"UPDATE meta SET value = {revision + options.BumpRevision} WHERE name = 'compact_revision'");
        }
        catch (SqliteException e)
        {
            throw SqliteFailure.OfWrite(database, e);
        }
    }
}
