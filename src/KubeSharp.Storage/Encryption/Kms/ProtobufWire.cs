using System.Buffers;
using System.Text;

namespace KubeSharp.Storage.Encryption.Kms;

/// <summary>Reads the few shapes of protobuf that these messages have; unknown fields are passed over. Protobuf's wire format
/// (protobuf.dev/programming-guides/encoding).</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The number and wire type of the next field; false at the end.</summary>
    /// <exception cref="TransformException">No protobuf.</exception>
    public bool TryReadTag(out int field, out int wireType)
    {
        (field, wireType) = (0, 0);
        if (_rest.Length == 0)
            return false;
        var tag = ReadVarint();
        if (tag >> 3 is 0 or > 0x1FFFFFFF)
            throw Malformed();
        (field, wireType) = ((int)(tag >> 3), (int)(tag & 7));
        return true;
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_rest.Length == 0)
                throw Malformed();
            var next = _rest[0];
            _rest = _rest[1..];
            if (shift == 63 && next > 1)
                throw Malformed();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw Malformed();
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadVarint();
        if (length > (ulong)_rest.Length)
            throw Malformed();
        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }

    public string ReadString()
    {
        try
        {
            return StrictUtf8.GetString(ReadBytes());
        }
        catch (ArgumentException exception)
        {
            throw new TransformException("proto: string field contains invalid UTF-8", exception);
        }
    }

    /// <summary>An entry of <c>map&lt;string, bytes&gt;</c>; a later one of the same key counts.</summary>
    public void ReadEntry(SortedDictionary<string, ReadOnlyMemory<byte>> entries)
    {
        var entry = new ProtobufReader(ReadBytes());
        var (key, value) = ("", Array.Empty<byte>());
        while (entry.TryReadTag(out var field, out var wireType))
        {
            if (field == 1 && wireType == 2)
                key = entry.ReadString();
            else if (field == 2 && wireType == 2)
                value = entry.ReadBytes().ToArray();
            else
                entry.Skip(wireType);
        }

        entries[key] = value;
    }

    /// <summary>Passes over a field that is not known.</summary>
    public void Skip(int wireType)
    {
        switch (wireType)
        {
            case 0:
                ReadVarint();
                break;
            case 1 when _rest.Length >= 8:
                _rest = _rest[8..];
                break;
            case 2:
                ReadBytes();
                break;
            case 5 when _rest.Length >= 4:
                _rest = _rest[4..];
                break;
            default:
                throw Malformed();
        }
    }

    private static TransformException Malformed() => new("proto: cannot parse invalid wire-format data");
}

/// <summary>Writes them. Zero values are left out, as proto3 leaves them out.</summary>
internal sealed class ProtobufWriter
{
    private readonly ArrayBufferWriter<byte> _output = new();

    public ProtobufWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (value.Length > 0)
            Always(field, value);
        return this;
    }

    public ProtobufWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtobufWriter Number(int field, ulong value)
    {
        if (value != 0)
        {
            Varint((ulong)field << 3);
            Varint(value);
        }

        return this;
    }

    public ProtobufWriter Entries(int field, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> entries)
    {
        foreach (var (key, value) in entries)
        {
            var entry = new ProtobufWriter();
            entry.Always(1, Encoding.UTF8.GetBytes(key));
            entry.Always(2, value.Span);
            Always(field, entry.ToArray());
        }

        return this;
    }

    public byte[] ToArray() => _output.WrittenSpan.ToArray();

    private void Always(int field, ReadOnlySpan<byte> value)
    {
        Varint((ulong)field << 3 | 2);
        Varint((ulong)value.Length);
        _output.Write(value);
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _output.Write([(byte)(value | 0x80)]);
        _output.Write([(byte)value]);
    }
}
