using System.Buffers;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>Documents as protobuf, which clients before 1.27 prefer (gnostic-models, messages Document of both versions).</summary>
internal sealed class OpenApiProtobuf(OpenApiVersion version) : OpenApiFormat(version)
{
    private readonly ProtobufMessages _messages = version == OpenApiVersion.V2 ? ProtobufMessages.V2 : ProtobufMessages.V3;

    // Within Paths an entry is field 2 in version 2, field 1 in version 3.
    public override EntryBuffer NewPaths() => Entries(Version == OpenApiVersion.V2 ? 2 : 1, _messages.Path);

    public override EntryBuffer NewDefinitions() => Entries(1, _messages.Definition);

    public override void Write(OpenApiBuilder document, Stream output)
    {
        var head = new ArrayBufferWriter<byte>(1024);
        ProtobufMessage.WriteText(1, Version == OpenApiVersion.V2 ? "2.0" : "3.0.0", head);
        ProtobufMessage.Nested(2, head, inner => _messages.Info.Encode(Info(), inner));
        output.Write(head.WrittenSpan);
        if (Version == OpenApiVersion.V2)
            WriteV2(document, output);
        else
            WriteV3(document, output);
    }

    private void WriteV2(OpenApiBuilder document, Stream output)
    {
        Container(8, document.Paths, output);
        Container(9, document.Definitions, output);
        var rest = new ArrayBufferWriter<byte>(16 * 1024);
        ProtobufMessage.Nested(10, rest, inner => ProtobufMessage.Entries(_messages.Parameter).Encode(document.Parameters, inner));
        ProtobufMessage.Nested(12, rest, requirement => ProtobufMessage.Nested(1, requirement, entry =>
        {
            ProtobufMessage.WriteText(1, "BearerToken", entry);
            ProtobufMessage.WriteBytes(2, [], entry);
        }));
        ProtobufMessage.Nested(13, rest, inner => ProtobufMessage.Entries(_messages.SecurityScheme).Encode(SecuritySchemes(), inner));
        output.Write(rest.WrittenSpan);
    }

    private void WriteV3(OpenApiBuilder document, Stream output)
    {
        Container(4, document.Paths, output);
        var components = new MemoryStream();
        if (document.Definitions.Count > 0)
            Container(1, document.Definitions, components);
        var security = new ArrayBufferWriter<byte>(256);
        ProtobufMessage.Nested(7, security, inner => ProtobufMessage.Entries(_messages.SecurityScheme).Encode(SecuritySchemes(), inner));
        components.Write(security.WrittenSpan);
        var head = new ArrayBufferWriter<byte>(16);
        ProtobufMessage.WriteHead(5, (ulong)components.Length, head);
        output.Write(head.WrittenSpan);
        components.Position = 0;
        components.CopyTo(output);
    }

    private static void Container(int number, EntryBuffer entries, Stream output)
    {
        var head = new ArrayBufferWriter<byte>(16);
        ProtobufMessage.WriteHead(number, (ulong)entries.Length, head);
        output.Write(head.WrittenSpan);
        foreach (var entry in entries.Sorted())
            output.Write(entry.Span);
    }

    private static EntryBuffer Entries(int number, ProtobufMessage message) =>
        new((name, entry, output) => ProtobufMessage.Nested(number, output, inner => ProtobufMessage.EncodeEntry(name, entry, message, inner)));
}
