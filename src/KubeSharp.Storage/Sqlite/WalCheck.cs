using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// Finds damage in a write-ahead log that SQLite would take for its end, and drop the acknowledged writes behind it
/// without a word. A crash can leave one torn transaction at the end: each next one begins only when the one before it is
/// on the disk. So two commits behind a bad frame mean that the frame was once good. Format: sqlite.org/fileformat2.html#walformat.
/// </summary>
internal static class WalCheck
{
    private const int HeaderSize = 32;
    private const int FrameHeaderSize = 24;
    private const uint Magic = 0x377f0682; // with the last bit for big-endian checksums

    /// <summary>Before SQLite opens the database; no log is fine.</summary>
    /// <exception cref="StoreCorruptException"/>
    public static void Check(string databasePath)
    {
        var path = databasePath + "-wal";
        if (!File.Exists(path))
            return;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16);
        Span<byte> header = stackalloc byte[HeaderSize];
        if (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize)
            return;

        var bigEndian = (header[3] & 1) != 0;
        var checksum = Checksum(default, header[..24], bigEndian);
        var headerGood = (Word(header, 0) & ~1u) == Magic && checksum == (Word(header, 24), Word(header, 28));
        var pageSize = Word(header, 8);
        if (pageSize is < 512 or > 65536)
            throw Damaged(path, 0);

        // The header is one sector, and on the disk before any frame: it is never torn, but it may be damaged. Then the
        // frames' own salts must do.
        var salts = header.Slice(16, 8).ToArray();
        var frame = new byte[FrameHeaderSize + pageSize];
        long bad = headerGood ? -1 : 0;
        var commitsBehind = 0;
        for (long number = 1; file.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length; number++)
        {
            if (number == 1 && !headerGood)
                frame.AsSpan(8, 8).CopyTo(salts);
            // Other salts: left from before the log was last started anew.
            if (!frame.AsSpan(8, 8).SequenceEqual(salts))
            {
                if (bad < 0)
                    bad = number;
                continue;
            }
            if (bad < 0)
            {
                checksum = Checksum(Checksum(checksum, frame.AsSpan(0, 8), bigEndian), frame.AsSpan(FrameHeaderSize), bigEndian);
                if (checksum == (Word(frame, 16), Word(frame, 20)))
                    continue;
                bad = number;
            }
            if (Word(frame, 4) != 0 && ++commitsBehind == 2)
                throw Damaged(path, bad);
        }
    }

    private static StoreCorruptException Damaged(string path, long frame) =>
        SqliteFailure.Corrupt(path, frame == 0 ? "the log's header is damaged" : $"the log is damaged in frame {frame}, and there are commits behind it");

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    private static (uint, uint) Checksum((uint, uint) start, ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var (one, two) = start;
        var swap = bigEndian == BitConverter.IsLittleEndian;
        var words = MemoryMarshal.Cast<byte, uint>(bytes);
        for (var i = 0; i < words.Length; i += 2)
        {
            one += (swap ? BinaryPrimitives.ReverseEndianness(words[i]) : words[i]) + two;
            two += (swap ? BinaryPrimitives.ReverseEndianness(words[i + 1]) : words[i + 1]) + one;
        }
        return (one, two);
    }
}
