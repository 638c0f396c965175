namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// Keeps a second store off the database, in this process or another. A file of its own, because SQLite's locks on the
/// database would be lost when any other handle to it is closed. The operating system drops the lock with the process.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <exception cref="StoreUnavailableException">Somebody else holds it.</exception>
    public static FileLock Acquire(string databasePath)
    {
        try
        {
            return new FileLock(PrivateFile.Open(databasePath + ".lock", FileMode.OpenOrCreate, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"{databasePath}: cannot lock it, it may be in use by another store, in this process or another ({e.Message})", nothingChanged: true, e);
        }
    }

    public void Dispose() => _file.Dispose();
}
