namespace KubeSharp.Storage.Sqlite.Snapshots;

/// <summary>
/// Backups of the embedded store: one file, the database as it was at one revision with its SHA-256 behind it. Everything blocks
/// its thread until it is done or cancelled.
/// </summary>
public static partial class Snapshot
{
    /// <summary>Checks all of a snapshot, and says what is in it.</summary>
    /// <param name="file">The snapshot.</param>
    /// <param name="skipHashCheck">Take a copy of a database without a hash at its end.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreCorruptException">It is damaged, cut off, or no snapshot.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SnapshotStatus Status(string file, bool skipHashCheck, CancellationToken cancellationToken)
    {
        file = Path.GetFullPath(file);
        CheckExists(file);
        SnapshotTrailer.Read(file, Stream.Null, skipHashCheck, cancellationToken);
        return SnapshotInspection.Inspect(file, file, cancellationToken);
    }

    private static void CheckExists(string file)
    {
        if (!File.Exists(file))
            throw new FileNotFoundException($"{file}: there is no such file");
        // Of a store that is open, or was not closed, this would be the smaller part.
        if (new FileInfo(file + "-wal") is { Exists: true, Length: > 0 })
            throw new IOException($"{file}: has a log beside it ({file}-wal), so it is a store and not a snapshot of one");
    }
}
