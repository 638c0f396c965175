using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Cache;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>
/// Protobuf answers straight from the stored bytes. The store keeps an object without its resource version, which
/// gogo/protobuf writes as the empty field 6 of ObjectMeta (<c>32 00</c>), and metadata is always the first field of an
/// object: so an answer is the stored message with that one field replaced and the lengths around it adjusted.
/// Source of the layout: k8s.io/api generated.proto, meta/v1 ObjectMeta; protobuf encoding of nested messages.
/// </summary>
public static class StoredProtobuf
{
    private const byte MetadataTag = 0x0a;
    private const byte ResourceVersionTag = 0x32;

    /// <summary>Writes the whole answer: magic, Unknown, type, message.</summary>
    public static void WriteEnvelope(CachedObject cached, GroupVersionKind kind, IBufferWriter<byte> output)
    {
        var message = new ArrayBufferWriter<byte>(cached.Stored.Length + 24);
        WriteMessage(cached, message);
        ProtobufEnvelope.Wrap(kind, message.WrittenSpan, output);
    }

    /// <summary>Writes the object's message alone, as list items hold it.</summary>
    public static void WriteMessage(CachedObject cached, IBufferWriter<byte> output)
    {
        ProtobufEnvelope.TryUnwrap(cached.Stored.Span, out _, out var message);
        Span<byte> revision = stackalloc byte[24];
        // What was not stored (a dry run) has no version.
        revision = cached.Revision == 0 ? [] : revision[..Encoding.ASCII.GetBytes(cached.Revision.ToString(CultureInfo.InvariantCulture), revision)];
        if (message.Length < 2 || message[0] != MetadataTag)
            throw new InvalidDataException("A stored object does not begin with its metadata.");
        var at = 1;
        var metadataLength = (int)ReadVarint(message, ref at);
        var metadata = message.Slice(at, metadataLength);
        var rest = message[(at + metadataLength)..];
        var hole = FindResourceVersion(metadata, out var holeLength);
        var newLength = metadataLength - holeLength + 2 + revision.Length;

        var span = output.GetSpan(1 + 10 + newLength + rest.Length);
        span[0] = MetadataTag;
        var written = 1 + WriteVarint(span[1..], (ulong)newLength);
        metadata[..hole].CopyTo(span[written..]);
        written += hole;
        span[written++] = ResourceVersionTag;
        span[written++] = (byte)revision.Length;
        revision.CopyTo(span[written..]);
        written += revision.Length;
        metadata[(hole + holeLength)..].CopyTo(span[written..]);
        written += metadata.Length - hole - holeLength;
        rest.CopyTo(span[written..]);
        output.Advance(written + rest.Length);
    }

    /// <summary>Writes one list item: field 2 of every list kind.</summary>
    public static void WriteListItem(CachedObject cached, ArrayBufferWriter<byte> scratch, IBufferWriter<byte> output)
    {
        scratch.ResetWrittenCount();
        WriteMessage(cached, scratch);
        var span = output.GetSpan(11 + scratch.WrittenCount);
        span[0] = 0x12;
        var written = 1 + WriteVarint(span[1..], (ulong)scratch.WrittenCount);
        scratch.WrittenSpan.CopyTo(span[written..]);
        output.Advance(written + scratch.WrittenCount);
    }

    /// <summary>The four bytes, big endian, that go before each frame of a stream (runtime/serializer/protobuf lengthDelimitedFramer).</summary>
    public static void WriteFrameLength(Span<byte> destination, int length) => BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)length);

    public static int WriteVarint(Span<byte> destination, ulong value)
    {
        var written = 0;
        while (value >= 0x80)
        {
            destination[written++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[written++] = (byte)value;
        return written;
    }

    /// <summary>Where field 6 of ObjectMeta is, or would be; <paramref name="length"/> is what it takes now.</summary>
    private static int FindResourceVersion(ReadOnlySpan<byte> metadata, out int length)
    {
        var at = 0;
        while (at < metadata.Length)
        {
            var start = at;
            var tag = (int)ReadVarint(metadata, ref at);
            if (tag >> 3 > 6)
            {
                length = 0;
                return start;
            }

            var skip = (tag & 7) switch
            {
                0 => SkipVarint(metadata, at),
                2 => SkipBytes(metadata, at),
                _ => throw new InvalidDataException("A stored object's metadata has an unexpected field."),
            };
            if (tag == ResourceVersionTag)
            {
                length = at + skip - start;
                return start;
            }

            at += skip;
        }

        length = 0;
        return metadata.Length;
    }

    private static int SkipVarint(ReadOnlySpan<byte> data, int at)
    {
        var start = at;
        ReadVarint(data, ref at);
        return at - start;
    }

    private static int SkipBytes(ReadOnlySpan<byte> data, int at)
    {
        var start = at;
        var length = (int)ReadVarint(data, ref at);
        return at - start + length;
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> data, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = data[at++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }

        throw new InvalidDataException("A stored object has an overlong number.");
    }
}
