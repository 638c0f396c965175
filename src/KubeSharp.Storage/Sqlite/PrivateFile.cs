using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace KubeSharp.Storage.Sqlite;

/// <summary>Files and folders that only their owner can read: the store holds secrets.</summary>
internal static class PrivateFile
{
    public static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Gives a file that is on the disk another name, and returns when that is on the disk too.</summary>
    /// <exception cref="IOException">There is a file of that name that must not be replaced, or the disk fails.</exception>
    public static void Publish(string path, string name, bool replace)
    {
        File.Move(path, name, replace);
        SyncFolder(Path.GetDirectoryName(name)!);
    }

    /// <summary>Deletes what SQLite may have left beside a database, and the database.</summary>
    public static void DeleteDatabase(string path)
    {
        foreach (var file in (ReadOnlySpan<string>)[path, path + "-journal", path + "-wal", path + "-shm", path + ".lock"])
            File.Delete(file);
    }

    private static void SyncFolder(string path)
    {
        // A rename is durable when the folder is; .NET opens no folders.
        if (OperatingSystem.IsWindows())
            return;
        var folder = open([.. Encoding.UTF8.GetBytes(path), 0], 0);
        if (folder < 0)
            throw new IOException($"{path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        var synced = fsync(folder);
        var error = Marshal.GetLastPInvokeError();
        _ = close(folder);
        if (synced != 0)
            throw new IOException($"{path}: {new Win32Exception(error).Message}");
    }

#pragma warning disable SYSLIB1054, IDE1006 // Nothing here needs generated marshalling; the names are libc's.
    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open(byte[] path, int flags);

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fsync(int file);

    [DllImport("libc", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int file);
#pragma warning restore SYSLIB1054, IDE1006
}
