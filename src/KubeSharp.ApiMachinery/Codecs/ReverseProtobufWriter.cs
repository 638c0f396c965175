using System.Buffers;
using System.Text;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// Writes protobuf from its end to its start, as gogo/protobuf's generated code does: a message's length is known when
/// its bytes are there, so nothing is measured twice. The buffer is rented; dispose returns it.
/// </summary>
internal ref struct ReverseProtobufWriter
{
    private byte[] _buffer;
    private int _start;

    public ReverseProtobufWriter(int capacity)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
        _start = _buffer.Length;
    }

    /// <summary>How many bytes have been written; differences are lengths.</summary>
    public readonly int Length => _buffer.Length - _start;

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(_start);

    public void WriteVarint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        var count = 0;
        while (value >= 0x80)
        {
            bytes[count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[count++] = (byte)value;
        Write(bytes[..count]);
    }

    public void WriteTag(int number, int wireType) => WriteVarint(((ulong)number << 3) | (uint)wireType);

    /// <summary>Closes a message that began when the length was <paramref name="before"/>: its length, then its tag.</summary>
    public void CloseMessage(int number, int before)
    {
        WriteVarint((ulong)(Length - before));
        WriteTag(number, 2);
    }

    public void WriteBytes(int number, scoped ReadOnlySpan<byte> bytes)
    {
        Write(bytes);
        WriteVarint((ulong)bytes.Length);
        WriteTag(number, 2);
    }

    public void WriteString(int number, string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        Reserve(count);
        _start -= count;
        Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_start));
        WriteVarint((ulong)count);
        WriteTag(number, 2);
    }

    public void WriteInteger(int number, long value)
    {
        WriteVarint((ulong)value);
        WriteTag(number, 0);
    }

    public void WriteFixed64(int number, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Write(bytes);
        WriteTag(number, 1);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Write(scoped ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        _start -= bytes.Length;
        bytes.CopyTo(_buffer.AsSpan(_start));
    }

    private void Reserve(int count)
    {
        if (_start >= count)
            return;
        var length = Length;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, length + count));
        _buffer.AsSpan(_start).CopyTo(larger.AsSpan(larger.Length - length));
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        _start = larger.Length - length;
    }
}
