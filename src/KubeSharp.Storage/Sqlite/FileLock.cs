using System.Globalization;
using System.Text;

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
        var path = databasePath + ".lock";
        FileStream file;
        try
        {
            file = PrivateFile.Open(path, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"{databasePath}: cannot lock it, it is in use{Owner(path)} ({e.Message})", nothingChanged: true, e);
        }
        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        file.Flush();
        return new FileLock(file);
    }

    private static string Owner(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd() is { Length: > 0 } pid ? $" by process {pid}" : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    public void Dispose() => _file.Dispose();
}
