using System.Globalization;
using System.Numerics;
using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Sqlite.Snapshots;

/// <summary>Reads all of a database that nobody writes, checks it and adds it up.</summary>
internal static class SnapshotInspection
{
    /// <summary>Every page, every checksum, and what there is.</summary>
    /// <param name="database">The database; a snapshot's hash behind it does not matter. Nothing is made beside it.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreCorruptException">It is damaged or none of ours.</exception>
    public static SnapshotStatus Inspect(string database, string name, CancellationToken cancellationToken)
    {
        try
        {
            // Immutable: whatever SQLite would make beside the file for several users is left out.
            using var connection = Schema.Connect($"{new Uri(database).AbsoluteUri}?immutable=1", SqliteOpenMode.ReadOnly);
            using var cancelling = connection.InterruptWith(cancellationToken);
            connection.Run("PRAGMA cell_size_check=1");
            Schema.Check(connection, name, StartupCheck.Quick);
            return Sum(connection, name, cancellationToken);
        }
        catch (SqliteException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw e.SqliteErrorCode == SQLitePCL.raw.SQLITE_NOTADB ? SqliteFailure.Corrupt(name, "not a database", e) : SqliteFailure.OfRead(name, e);
        }
    }

    private static SnapshotStatus Sum(SqliteConnection connection, string name, CancellationToken cancellationToken)
    {
        var hash = new RowHash();
        long revision = 1;
        using (var records = new Statement(connection, "SELECT id, key, create_revision, version, lease, checksum, value FROM record ORDER BY id"))
        {
            while (records.Step())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var id = new RecordId(records.Int64(0));
                var checksum = StoredRecord.Checksum(id, records.Bytes(1), records.Int64(2), records.Int64(3), records.Int64(4), records.Bytes(6));
                if (checksum != records.Int64(5))
                    throw SqliteFailure.Corrupt(name, $"the record of revision {id.Revision} (key {records.Text(1)}) does not match its checksum");
                // The checksum stands for the row.
                hash.Add(checksum, records.Bytes(6).Length);
                revision = id.Revision;
            }
        }
        using (var leases = new Statement(connection, "SELECT id, seconds FROM lease ORDER BY id"))
        {
            while (leases.Step())
                hash.Add(leases.Int64(0), leases.Int64(1));
        }
        var compacted = connection.Number(Schema.SelectCompactRevision);
        hash.Add(compacted, 0);
        return new SnapshotStatus(
            hash.Value, Math.Max(revision, compacted), hash.Rows,
            connection.Number("PRAGMA page_count") * connection.Number("PRAGMA page_size"),
            connection.Number("PRAGMA user_version").ToString(CultureInfo.InvariantCulture));
    }

    private struct RowHash
    {
        private uint _crc;

        public long Rows { get; private set; }

        public readonly uint Value => _crc;

        public void Add(long first, long second)
        {
            _crc = BitOperations.Crc32C(BitOperations.Crc32C(_crc, (ulong)first), (ulong)second);
            Rows++;
        }
    }
}
