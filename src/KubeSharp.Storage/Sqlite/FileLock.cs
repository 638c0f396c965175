namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// Keeps a second store off the database, in this process or another. A file of its own, because SQLite's locks on the
/// database would be lost when any other handle to it is closed. The operating system drops the lock with the process.
/// </summary>
internal sealed class FileLock : IDisposable
{
    // A snapshot that begins holds the lock for the moment in which it looks at the log of a store that is closed.
    private const int Attempts = 10;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <exception cref="StoreUnavailableException">Somebody else holds it.</exception>
    public static FileLock Acquire(string databasePath)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Open(databasePath);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (attempt == Attempts || e is not IOException)
                    throw new StoreUnavailableException(
                        $"{databasePath}: cannot lock it, it may be in use by another store, in this process or another ({e.Message})", nothingChanged: true, e);
            }
            Thread.Sleep(BetweenAttempts);
        }
    }

    /// <summary>The lock, or null when somebody else holds it.</summary>
    public static FileLock? TryAcquire(string databasePath)
    {
        try
        {
            return Open(databasePath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static FileLock Open(string databasePath) => new(PrivateFile.Open(databasePath + ".lock", FileMode.OpenOrCreate, FileShare.None));

    public void Dispose() => _file.Dispose();
}
