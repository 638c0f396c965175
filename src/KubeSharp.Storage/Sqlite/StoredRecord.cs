using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace KubeSharp.Storage.Sqlite;

/// <summary>A row of the record table.</summary>
internal readonly record struct StoredRecord(RecordId Id, string Key, long CreateRevision, long Version, long Lease, ReadOnlyMemory<byte> Value)
{
    public KeyValue ToKeyValue() => new(Key, Value, CreateRevision, Id.Revision, Version, Lease);

    /// <summary>CRC-32C of all that the row says. SQLite keeps no checksum of its pages, and a flipped bit in a value would
    /// otherwise be served.</summary>
    public static uint Checksum(RecordId id, ReadOnlySpan<byte> key, long createRevision, long version, long lease, ReadOnlySpan<byte> value)
    {
        var crc = BitOperations.Crc32C(~0u, (ulong)id.Value);
        crc = BitOperations.Crc32C(crc, (ulong)createRevision);
        crc = BitOperations.Crc32C(crc, (ulong)version);
        crc = BitOperations.Crc32C(crc, (ulong)lease);
        return ~Add(Add(crc, key), value);
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (var rest in bytes[(bytes.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, rest);
        return crc;
    }
}
