using System.Security.Cryptography;

namespace KubeSharp.Storage.Sqlite.Snapshots;

/// <summary>
/// The SHA-256 of the database, behind it in the file: whatever was cut off or flipped on its way is found. SQLite does not mind
/// what stands behind the last page. As etcd's snapshots have it (client/v3/snapshot, etcdutl/snapshot hasChecksum).
/// </summary>
internal static class SnapshotTrailer
{
    private const int BufferSize = 1 << 20;

    /// <summary>Pages are a multiple of this, so a file that is longer by a hash is known by its size.</summary>
    private const int Sector = 512;

    /// <summary>Adds the hash to a database that is complete, and returns when all of it is on the disk.</summary>
    public static void Append(string path, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        var hash = Hash(file, file.Length, Stream.Null, cancellationToken);
        file.Write(hash);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Copies the database in a snapshot, without the hash, to a stream, and compares the hash.</summary>
    /// <param name="path">The snapshot.</param>
    /// <param name="target">Gets the database.</param>
    /// <param name="skipHashCheck">Take any hash, and none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The length of the database.</returns>
    /// <exception cref="StoreCorruptException">The hash differs, or there is none.</exception>
    public static long Read(string path, Stream target, bool skipHashCheck, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (file.Length == 0)
            throw new StoreCorruptException($"{path}: the snapshot is empty");
        var hashed = file.Length % Sector == SHA256.HashSizeInBytes;
        if (!hashed && !skipHashCheck)
            throw new StoreCorruptException($"{path}: there is no hash at the end of the snapshot: it is cut off, or was not made by \"snapshot save\" (--skip-hash-check takes a copy of a database)");
        var length = file.Length - (hashed ? SHA256.HashSizeInBytes : 0);
        var hash = Hash(file, length, target, cancellationToken);
        var expected = new byte[SHA256.HashSizeInBytes];
        if (hashed && !skipHashCheck && (file.ReadAtLeast(expected, expected.Length, throwOnEndOfStream: false) < expected.Length || !expected.AsSpan().SequenceEqual(hash)))
            throw new StoreCorruptException($"{path}: the snapshot is damaged: expected sha256 {Convert.ToHexStringLower(expected)}, got {Convert.ToHexStringLower(hash)}");
        return length;
    }

    private static byte[] Hash(FileStream file, long length, Stream target, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        for (var left = length; left > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (count == 0)
                throw new EndOfStreamException($"{file.Name}: became shorter while it was read");
            hash.AppendData(buffer, 0, count);
            target.Write(buffer, 0, count);
            left -= count;
        }
        return hash.GetHashAndReset();
    }
}
