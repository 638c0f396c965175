using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// The envelope of protobuf objects on the wire and in the store: four bytes <c>k8s\0</c>, then runtime.Unknown with
/// the type (1), the message (2), and empty contentEncoding (3) and contentType (4).
/// Source: apimachinery/pkg/runtime/serializer/protobuf/protobuf.go, runtime/generated.proto, v1.36.
/// </summary>
public static class ProtobufEnvelope
{
    public static ReadOnlySpan<byte> Magic => [(byte)'k', (byte)'8', (byte)'s', 0];

    /// <summary>Writes a document in its envelope.</summary>
    public static void Encode(Map map, SchemaType type, GroupVersionKind kind, IBufferWriter<byte> output)
    {
        var writer = new ReverseProtobufWriter(4096);
        try
        {
            ProtobufEncoder.WriteStruct(ref writer, map, type.Wire);
            Wrap(kind, writer.Written, output);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Writes a ready message in its envelope.</summary>
    private static void Wrap(GroupVersionKind kind, ReadOnlySpan<byte> message, IBufferWriter<byte> output)
    {
        WriteHead(kind, message.Length, output);
        output.Write(message);
        WriteTail(output);
    }

    /// <summary>Everything before a message of the given length.</summary>
    public static void WriteHead(GroupVersionKind kind, int messageLength, IBufferWriter<byte> output)
    {
        var writer = new ReverseProtobufWriter(256);
        try
        {
            writer.WriteVarint((ulong)messageLength);
            writer.WriteTag(2, 2);
            var before = writer.Length;
            writer.WriteString(2, kind.Kind);
            writer.WriteString(1, kind.GroupVersion.ToString());
            writer.CloseMessage(1, before);
            output.Write(Magic);
            output.Write(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Bytes that <see cref="WriteTail"/> writes.</summary>
    public const int TailLength = 4;

    /// <summary>Everything behind the message.</summary>
    public static void WriteTail(IBufferWriter<byte> output) => output.Write("\x1a\0\x22\0"u8);

    /// <summary>Finds the type and the message in an envelope; false when this is none, or one that is compressed or no protobuf inside.</summary>
    public static bool TryUnwrap(ReadOnlySpan<byte> data, out GroupVersionKind kind, out ReadOnlySpan<byte> message)
    {
        kind = default;
        message = default;
        if (!data.StartsWith(Magic))
            return false;
        try
        {
            var apiVersion = "";
            var kindName = "";
            var reader = new ProtobufReader(data[4..]);
            while (reader.TryReadTag(out var number, out var wireType))
            {
                switch (number)
                {
                    case 1:
                        var meta = new ProtobufReader(reader.ReadBytes(wireType));
                        while (meta.TryReadTag(out var metaNumber, out var metaWireType))
                        {
                            if (metaNumber == 1)
                                apiVersion = Text(meta.ReadBytes(metaWireType));
                            else if (metaNumber == 2)
                                kindName = Text(meta.ReadBytes(metaWireType));
                            else
                                meta.Skip(metaWireType);
                        }

                        break;
                    case 2:
                        message = reader.ReadBytes(wireType);
                        break;
                    case 3 or 4:
                        if (!reader.ReadBytes(wireType).IsEmpty)
                            return false;
                        break;
                    default:
                        reader.Skip(wireType);
                        break;
                }
            }

            if (!GroupVersion.TryParse(apiVersion, out var groupVersion))
                return false;
            kind = groupVersion.WithKind(kindName);
            return true;
        }
        catch (ProtobufException)
        {
            return false;
        }
    }

    /// <summary>Kinds and versions are few: interning spares a string per read.</summary>
    private static string Text(ReadOnlySpan<byte> bytes) => bytes.Length > 128 ? Encoding.UTF8.GetString(bytes) : string.Intern(Encoding.UTF8.GetString(bytes));
}
