using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace KubeSharp.Storage.Migration;

/// <summary>Counts one side's keys and sums them up, in order.</summary>
internal sealed class SideSum : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _keys, _leased;

    public void Add(KeyValue item)
    {
        if (item.Lease != 0)
        {
            _leased++;
            return;
        }
        _keys++;
        Add(Encoding.UTF8.GetBytes(item.Key));
        Add(item.Value.Span);
    }

    public MigrationSide ToSide() => new(_keys, _leased, Convert.ToHexStringLower(_hash.GetCurrentHash()));

    private void Add(ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        _hash.AppendData(length);
        _hash.AppendData(bytes);
    }

    public void Dispose() => _hash.Dispose();
}
