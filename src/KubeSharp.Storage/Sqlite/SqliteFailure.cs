using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KubeSharp.Storage.Sqlite;

/// <summary>What SQLite's result codes (sqlite.org/rescode.html) mean to users of the store.</summary>
internal static class SqliteFailure
{
    public static SqliteException FromHandle(sqlite3 database, int result)
    {
        var extended = raw.sqlite3_extended_errcode(database);
        return new SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), result & 0xff, (extended & 0xff) == (result & 0xff) ? extended : result);
    }

    public static bool IsCorruption(SqliteException failure) =>
        failure.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_FORMAT;

    public static StoreCorruptException Corrupt(string path, string what, Exception? inner = null) =>
        new($"{path}: {what}. The file was left as it is; restore it from a backup", inner);

    /// <summary>The exception for a read that failed.</summary>
    public static Exception OfRead(string path, SqliteException failure) => IsCorruption(failure)
        ? Corrupt(path, $"the database is damaged ({failure.Message})", failure)
        : new StoreUnavailableException($"{path}: cannot read: {Describe(failure)}", nothingChanged: true, failure);

    /// <summary>
    /// The exception for a write that failed and was rolled back. When only the last step, syncing the log, failed, the
    /// commit may be in the file all the same and be found after a crash: then the outcome is not known.
    /// </summary>
    public static Exception OfWrite(string path, SqliteException failure) => IsCorruption(failure)
        ? Corrupt(path, $"the database is damaged ({failure.Message})", failure)
        : new StoreUnavailableException($"{path}: cannot write: {Describe(failure)}",
            nothingChanged: failure.SqliteExtendedErrorCode is not (raw.SQLITE_IOERR_FSYNC or raw.SQLITE_IOERR_DIR_FSYNC), failure);

    private static string Describe(SqliteException failure) => failure.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => "no space left on the disk",
        raw.SQLITE_IOERR => $"input/output error {failure.SqliteExtendedErrorCode} ({failure.Message})",
        _ => failure.Message,
    };
}
