using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// A prepared statement on a Microsoft.Data.Sqlite connection's handle. It binds and reads spans, which SqliteCommand
/// cannot, and so neither copies values nor boxes numbers. For one thread at a time, as its connection.
/// </summary>
internal sealed class Statement : IDisposable
{
    private const uint Persistent = 1; // SQLITE_PREPARE_PERSISTENT

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        var result = raw.sqlite3_prepare_v3(_database, sql, Persistent, out _statement);
        if (result != raw.SQLITE_OK)
            throw SqliteFailure.FromHandle(_database, result);
    }

    public Statement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    public Statement BindText(int parameter, ReadOnlySpan<byte> utf8)
    {
        Check(raw.sqlite3_bind_text(_statement, parameter, utf8));
        return this;
    }

    public Statement BindBlob(int parameter, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    /// <summary>The next row; false at the end, when the statement is ready for its next use.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
            return true;
        if (result != raw.SQLITE_DONE)
        {
            var failure = SqliteFailure.FromHandle(_database, result);
            raw.sqlite3_reset(_statement);
            throw failure;
        }
        raw.sqlite3_reset(_statement);
        return false;
    }

    /// <summary>Runs to the end, whatever rows there are.</summary>
    public void Execute()
    {
        while (Step())
        {
        }
    }

    public void Reset() => raw.sqlite3_reset(_statement);

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    /// <summary>A text's or blob's bytes; valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public void Dispose() => _statement.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            throw SqliteFailure.FromHandle(_database, result);
    }
}
