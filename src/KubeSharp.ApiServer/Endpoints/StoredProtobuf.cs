using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
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
        Span<byte> revision = stackalloc byte[24];
        var parts = Split(cached, ref revision);
        ProtobufEnvelope.WriteHead(kind, parts.Length, output);
        WriteParts(parts, revision, output);
        ProtobufEnvelope.WriteTail(output);
    }

    /// <summary>Writes one event of a watch: what <see cref="WriteEnvelope"/> writes, in its frame.</summary>
    /// <param name="cached">The object.</param>
    /// <param name="kind">The kind that the envelope states.</param>
    /// <param name="type">The event's type, ASCII.</param>
    /// <param name="head">A buffer to use, empty.</param>
    /// <param name="output">Where the frame goes.</param>
    public static void WriteWatchFrame(CachedObject cached, GroupVersionKind kind, string type, ArrayBufferWriter<byte> head, IBufferWriter<byte> output)
    {
        Span<byte> revision = stackalloc byte[24];
        var parts = Split(cached, ref revision);
        // The outer lengths count the head, so it is made first.
        ProtobufEnvelope.WriteHead(kind, parts.Length, head);
        WriteFrameHead(type, head.WrittenCount + parts.Length + ProtobufEnvelope.TailLength, output);
        output.Write(head.WrittenSpan);
        WriteParts(parts, revision, output);
        ProtobufEnvelope.WriteTail(output);
    }

    /// <summary>Writes what goes before an envelope in a stream of events: a meta/v1 WatchEvent without envelope of its own, type (1)
    /// and object (2) with raw (1), behind its length.</summary>
    public static void WriteFrameHead(string type, int envelopeLength, IBufferWriter<byte> output)
    {
        Span<byte> rawHead = stackalloc byte[11];
        rawHead[0] = 0x0a;
        rawHead = rawHead[..(1 + WriteVarint(rawHead[1..], (ulong)envelopeLength))];
        Span<byte> objectHead = stackalloc byte[11];
        objectHead[0] = 0x12;
        objectHead = objectHead[..(1 + WriteVarint(objectHead[1..], (ulong)(rawHead.Length + envelopeLength)))];
        var length = 2 + type.Length + objectHead.Length + rawHead.Length + envelopeLength;

        var span = output.GetSpan(6 + type.Length + objectHead.Length + rawHead.Length);
        // Four bytes, big endian, before each frame (runtime/serializer/protobuf lengthDelimitedFramer).
        BinaryPrimitives.WriteUInt32BigEndian(span, (uint)length);
        span[4] = 0x0a;
        span[5] = (byte)type.Length;
        var written = 6 + System.Text.Encoding.ASCII.GetBytes(type, span[6..]);
        objectHead.CopyTo(span[written..]);
        written += objectHead.Length;
        rawHead.CopyTo(span[written..]);
        output.Advance(written + rawHead.Length);
    }

    /// <summary>Bytes of the object as a list item: field 2 of every list kind.</summary>
    public static int ListItemLength(CachedObject cached)
    {
        Span<byte> revision = stackalloc byte[24];
        var length = Split(cached, ref revision).Length;
        return 1 + VarintLength((ulong)length) + length;
    }

    /// <summary>Writes one list item.</summary>
    public static void WriteListItem(CachedObject cached, IBufferWriter<byte> output)
    {
        Span<byte> revision = stackalloc byte[24];
        var parts = Split(cached, ref revision);
        var span = output.GetSpan(11);
        span[0] = 0x12;
        output.Advance(1 + WriteVarint(span[1..], (ulong)parts.Length));
        WriteParts(parts, revision, output);
    }

    /// <summary>A stored message as its answer needs it: metadata around the resource version's place, and the rest.</summary>
    private readonly ref struct Parts
    {
        public ReadOnlySpan<byte> Before { get; init; }

        public ReadOnlySpan<byte> After { get; init; }

        public ReadOnlySpan<byte> Rest { get; init; }

        public int MetadataLength { get; init; }

        public int Length => 1 + VarintLength((ulong)MetadataLength) + MetadataLength + Rest.Length;
    }

    private static Parts Split(CachedObject cached, ref Span<byte> revision)
    {
        ProtobufEnvelope.TryUnwrap(cached.Stored.Span, out _, out var message);
        // What was not stored (a dry run) has no version.
        revision = cached.Revision != 0 && cached.Revision.TryFormat(revision, out var digits, default, CultureInfo.InvariantCulture) ? revision[..digits] : [];
        if (message.Length < 2 || message[0] != MetadataTag)
            throw new InvalidDataException("A stored object does not begin with its metadata.");
        var at = 1;
        var length = (int)ReadVarint(message, ref at);
        var metadata = message.Slice(at, length);
        var hole = FindResourceVersion(metadata, out var holeLength);
        return new Parts
        {
            Before = metadata[..hole],
            After = metadata[(hole + holeLength)..],
            Rest = message[(at + length)..],
            MetadataLength = length - holeLength + 2 + revision.Length,
        };
    }

    private static void WriteParts(in Parts parts, ReadOnlySpan<byte> revision, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(parts.Length);
        span[0] = MetadataTag;
        var written = 1 + WriteVarint(span[1..], (ulong)parts.MetadataLength);
        parts.Before.CopyTo(span[written..]);
        written += parts.Before.Length;
        span[written++] = ResourceVersionTag;
        span[written++] = (byte)revision.Length;
        revision.CopyTo(span[written..]);
        written += revision.Length;
        parts.After.CopyTo(span[written..]);
        written += parts.After.Length;
        parts.Rest.CopyTo(span[written..]);
        output.Advance(written + parts.Rest.Length);
    }

    private static int VarintLength(ulong value)
    {
        var length = 1;
        for (; value >= 0x80; value >>= 7)
            length++;
        return length;
    }

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
