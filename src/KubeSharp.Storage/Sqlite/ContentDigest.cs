using System.Numerics;
using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// How many records there are and a sum over all but their values, which have a checksum of their own each. Independent of
/// order, so that it is kept up with every write for next to nothing. A store that is closed writes it down, and one that is
/// opened adds it up anew from what it reads anyway: a lost page, or a key with another name, is found before anything is served.
/// It is in the database only while no store has that open, and so says too whether the last one was closed properly.
/// </summary>
internal record struct ContentDigest
{
    public const string RecordsName = "clean_records";
    public const string SumName = "clean_sum";

    public long Records { get; private set; }

    private ulong Sum { get; set; }

    public void Add(RecordId id, ReadOnlySpan<byte> key, long createRevision, long version, long lease)
    {
        Records++;
        Sum += StoredRecord.Checksum(id, key, createRevision, version, lease, default);
    }

    public void Remove(RecordId id, ReadOnlySpan<byte> key, long createRevision, long version, long lease)
    {
        Records--;
        Sum -= StoredRecord.Checksum(id, key, createRevision, version, lease, default);
    }

    /// <summary>The digest together with the revision that the store is compacted to.</summary>
    public readonly ContentDigest Seal(long compactRevision) => this with { Sum = Sum ^ BitOperations.RotateLeft((ulong)compactRevision, 32) };

    /// <summary>What the last store wrote when it was closed; null when it was not closed properly.</summary>
    public static ContentDigest? Read(SqliteConnection connection)
    {
        if (connection.Number($"SELECT count(*) FROM meta WHERE name IN ('{RecordsName}', '{SumName}')") != 2)
            return null;
        return new ContentDigest
        {
            Records = connection.Number($"SELECT value FROM meta WHERE name = '{RecordsName}'"),
            Sum = (ulong)connection.Number($"SELECT value FROM meta WHERE name = '{SumName}'"),
        };
    }

    /// <summary>In one transaction, durably.</summary>
    public readonly void Write(SqliteConnection connection) =>
        connection.Run($"INSERT OR REPLACE INTO meta VALUES ('{RecordsName}', {Records}), ('{SumName}', {(long)Sum})");

    public static void Clear(SqliteConnection connection) => connection.Run($"DELETE FROM meta WHERE name IN ('{RecordsName}', '{SumName}')");
}
