using System.Buffers;
using System.Globalization;
using System.Text;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>The ListMeta of protobuf lists: field 1 of every list kind (meta/v1 generated.proto ListMeta).</summary>
public static class ListProtobuf
{
    public static void WriteMetadata(ListPage page, IBufferWriter<byte> output)
    {
        var meta = new ArrayBufferWriter<byte>(64);
        // selfLink is gone but still written, empty, by gogo.
        meta.Write((ReadOnlySpan<byte>)[0x0a, 0x00]);
        WriteText(meta, 0x12, page.Revision.ToString(CultureInfo.InvariantCulture));
        WriteText(meta, 0x1a, page.Continue ?? "");
        if (page.Remaining is { } remaining)
        {
            meta.Write((ReadOnlySpan<byte>)[0x20]);
            WriteVarint(meta, (ulong)remaining);
        }

        output.Write((ReadOnlySpan<byte>)[0x0a]);
        WriteVarint(output, (ulong)meta.WrittenCount);
        output.Write(meta.WrittenSpan);
    }

    private static void WriteText(IBufferWriter<byte> output, byte tag, string text)
    {
        output.Write((ReadOnlySpan<byte>)[tag]);
        WriteVarint(output, (ulong)Encoding.UTF8.GetByteCount(text));
        output.Write(Encoding.UTF8.GetBytes(text));
    }

    private static void WriteVarint(IBufferWriter<byte> output, ulong value)
    {
        var span = output.GetSpan(10);
        output.Advance(StoredProtobuf.WriteVarint(span, value));
    }
}
