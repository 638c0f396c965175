using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Sqlite;

/// <summary>The database file: its tables, how it is made, and how it is recognised.</summary>
internal static class Schema
{
    /// <summary>"KbS#" in the file's header: <c>file(1)</c> and we know it by that.</summary>
    public const int ApplicationId = 0x4b625323;

    /// <summary>Frozen on disk: a change of the tables needs a new number and a step in <see cref="Migrate"/>.</summary>
    public const int Version = 1;

    /// <summary>What the name of a database ends with while a restore or a migration makes it.</summary>
    public const string Unfinished = ".unfinished";

    public const string SelectCompactRevision = "SELECT value FROM meta WHERE name = 'compact_revision'";

    private const string Tables = """
        CREATE TABLE record (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL,
            create_revision INTEGER NOT NULL,
            version INTEGER NOT NULL,
            lease INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            value BLOB
        ) STRICT;
        CREATE TABLE lease (id INTEGER PRIMARY KEY AUTOINCREMENT, seconds INTEGER NOT NULL) STRICT;
        CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO meta VALUES ('compact_revision', 0);
        """;

    /// <summary>Makes an empty database under another name and renames it, so that a file of the right name is complete.</summary>
    public static void CreateIfMissing(string path)
    {
        if (File.Exists(path))
            return;
        if (File.Exists(path + "-wal"))
            throw SqliteFailure.Corrupt(path, $"the database is missing, but its log {path}-wal is there");
        if (File.Exists(path + Unfinished))
            // An empty store in its place would look like the loss of everything.
            throw new StoreUnavailableException($"{path}: a restore or a migration into it did not come to its end: repeat it, or delete {path}{Unfinished}", nothingChanged: true);

        var unfinished = path + ".new";
        File.Delete(unfinished);
        File.Delete(unfinished + "-journal");
        PrivateFile.Open(unfinished, FileMode.CreateNew, FileShare.None).Dispose();
        using (var connection = Connect(unfinished, SqliteOpenMode.ReadWrite))
            connection.Run($"PRAGMA auto_vacuum=INCREMENTAL; PRAGMA synchronous=FULL; BEGIN; {Tables} PRAGMA application_id={ApplicationId}; PRAGMA user_version={Version}; COMMIT;");
        File.Move(unfinished, path);
    }

    /// <summary>Refuses files that are not ours, are damaged, or come from a later version.</summary>
    public static void Check(SqliteConnection connection, string path, StartupCheck check)
    {
        var application = connection.Number("PRAGMA application_id");
        if (application != ApplicationId)
            throw SqliteFailure.Corrupt(path, $"not a KubeSharp store (application id 0x{application:x8})");
        var version = connection.Number("PRAGMA user_version");
        if (version is < 1 or > Version)
            throw SqliteFailure.Corrupt(path, $"schema version {version} is not known to this program (it knows up to {Version})");
        if (check is StartupCheck.Quick or StartupCheck.Full)
        {
            using var statement = new Statement(connection, "PRAGMA quick_check(1)");
            var verdict = statement.Step() ? statement.Text(0) : "no answer";
            if (verdict != "ok")
                throw SqliteFailure.Corrupt(path, $"the database is damaged ({verdict.ReplaceLineEndings(" ")})");
        }
        Migrate(version);
    }

    private static void Migrate(long version)
    {
        // A later schema brings the steps that lead to it from each earlier version here.
        System.Diagnostics.Debug.Assert(version == Version);
    }

    public static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>Lets a token end what the connection is doing; SQLite then says SQLITE_INTERRUPT.</summary>
    public static CancellationTokenRegistration InterruptWith(this SqliteConnection connection, CancellationToken cancellationToken) =>
        cancellationToken.Register(static state => SQLitePCL.raw.sqlite3_interrupt(((SqliteConnection)state!).Handle), connection);

    /// <summary>Runs statements without results.</summary>
    public static void Run(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        // Constant text of this folder, numbers at most.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>The one number that a statement answers.</summary>
    public static long Number(this SqliteConnection connection, string sql)
    {
        using var statement = new Statement(connection, sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }
}
