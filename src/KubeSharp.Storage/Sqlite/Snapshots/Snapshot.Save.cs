using System.Text;
using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Sqlite.Snapshots;

public static partial class Snapshot
{
    private const string Part = ".part";

    /// <summary>
    /// Copies a store as it is at this moment, whether a server has it open or not; neither readers nor writers wait for it. The
    /// store's log cannot be emptied meanwhile and grows.
    /// </summary>
    /// <remarks>
    /// 1. The copy is made beside the file under another name: VACUUM INTO in one read transaction, so that it is of one revision
    ///    and without unused pages. 2. Everything in it is checked: a damaged store must not take the place of a good backup.
    /// 3. Its hash goes behind it, and all of it to the disk. 4. It gets its name.
    /// </remarks>
    /// <param name="databasePath">The store's database.</param>
    /// <param name="file">The snapshot to make, readable by its owner only.</param>
    /// <param name="replace">Take the place of a file of that name.</param>
    /// <param name="cancellationToken">Ends it, and leaves nothing.</param>
    /// <exception cref="StoreCorruptException">The store is damaged; there is no snapshot.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read, or the disk is full.</exception>
    /// <exception cref="IOException">The file is there already, or cannot be written.</exception>
    public static SnapshotStatus Save(string databasePath, string file, bool replace, CancellationToken cancellationToken)
    {
        (databasePath, file) = (Path.GetFullPath(databasePath), Path.GetFullPath(file));
        if (!File.Exists(databasePath))
            throw new FileNotFoundException($"{databasePath}: there is no such store");
        CheckFree(file, replace);
        CheckLog(databasePath);
        var part = file + Part;
        PrivateFile.DeleteDatabase(part);
        try
        {
            PrivateFile.Open(part, FileMode.CreateNew, FileShare.None).Dispose();
            Copy(databasePath, part, cancellationToken);
            var status = SnapshotInspection.Inspect(part, $"{databasePath} as copied", cancellationToken);
            SnapshotTrailer.Append(part, cancellationToken);
            CheckFree(file, replace);
            PrivateFile.Publish(part, file, replace);
            return status;
        }
        finally
        {
            PrivateFile.DeleteDatabase(part);
        }
    }

    private static void CheckFree(string file, bool replace)
    {
        if (Directory.Exists(file) || (File.Exists(file) && !replace))
            throw new IOException($"{file}: is there already");
    }

    /// <summary>A store that no server has open may have a log with damage in it, of which SQLite would say nothing.</summary>
    private static void CheckLog(string databasePath)
    {
        using var closed = FileLock.TryAcquire(databasePath);
        if (closed is not null)
            WalCheck.Check(databasePath);
    }

    private static void Copy(string databasePath, string part, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = Schema.Connect(databasePath, SqliteOpenMode.ReadOnly);
            using var cancelling = connection.InterruptWith(cancellationToken);
            // The copy can give pages back even if the store was made so that it cannot.
            connection.Run("PRAGMA busy_timeout=5000; PRAGMA cell_size_check=1; PRAGMA auto_vacuum=INCREMENTAL");
            Schema.Check(connection, databasePath, StartupCheck.None);
            using var copy = new Statement(connection, "VACUUM INTO ?1");
            copy.BindText(1, Encoding.UTF8.GetBytes(part)).Execute();
        }
        catch (SqliteException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw e.SqliteErrorCode == SQLitePCL.raw.SQLITE_NOTADB ? SqliteFailure.Corrupt(databasePath, "not a database", e)
                : e.SqliteErrorCode is SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_IOERR ? SqliteFailure.OfWrite(part, e)
                : SqliteFailure.OfRead(databasePath, e);
        }
    }
}
