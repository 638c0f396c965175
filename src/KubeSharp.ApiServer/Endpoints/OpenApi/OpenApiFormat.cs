using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>How the parts of a document are encoded and put together.</summary>
internal abstract class OpenApiFormat(OpenApiVersion version)
{
    protected OpenApiVersion Version { get; } = version;

    public static OpenApiFormat Of(OpenApiVersion version, OpenApiEncoding encoding) =>
        encoding == OpenApiEncoding.Json ? new OpenApiJson(version) : new OpenApiProtobuf(version);

    public abstract EntryBuffer NewPaths();

    public abstract EntryBuffer NewDefinitions();

    public abstract void Write(OpenApiBuilder document, Stream output);

    protected static Map Info() => new(2) { { "title", "Kubernetes" }, { "version", VersionHandler.GitVersion } };

    protected static Map SecuritySchemes() => new(1)
    {
        { "BearerToken", new Map(4) { { "type", "apiKey" }, { "description", "Bearer Token authentication" }, { "name", "authorization" }, { "in", "header" } } },
    };

    protected static Sequence Security() => new(1) { new Map(1) { { "BearerToken", new Sequence(0) } } };
}

/// <summary>Documents as JSON.</summary>
internal sealed class OpenApiJson(OpenApiVersion version) : OpenApiFormat(version)
{
    public override EntryBuffer NewPaths() => new(Encode);

    public override EntryBuffer NewDefinitions() => new(Encode);

    public override void Write(OpenApiBuilder document, Stream output)
    {
        if (Version == OpenApiVersion.V2)
        {
            Text(output, """{"swagger":"2.0","info":""");
            Tree(output, Info());
            Entries(output, ",\"paths\":{", document.Paths);
            Entries(output, "},\"definitions\":{", document.Definitions);
            Text(output, "},\"parameters\":");
            Tree(output, document.Parameters);
            Text(output, ",\"securityDefinitions\":");
            Tree(output, SecuritySchemes());
            Text(output, ",\"security\":");
            Tree(output, Security());
            Text(output, "}");
            return;
        }

        Text(output, """{"openapi":"3.0.0","info":""");
        Tree(output, Info());
        Entries(output, ",\"paths\":{", document.Paths);
        Text(output, "},\"components\":{");
        if (document.Definitions.Count > 0)
        {
            Entries(output, "\"schemas\":{", document.Definitions);
            Text(output, "},");
        }

        Text(output, "\"securitySchemes\":");
        Tree(output, SecuritySchemes());
        Text(output, "}}");
    }

    private static void Encode(string name, Map entry, IBufferWriter<byte> output)
    {
        JsonEncoder.Encode(name, output);
        output.Write(":"u8);
        JsonEncoder.Encode(entry, output);
    }

    private static void Entries(Stream output, string head, EntryBuffer entries)
    {
        Text(output, head);
        var first = true;
        foreach (var entry in entries.Sorted())
        {
            if (!first)
                Text(output, ",");
            output.Write(entry.Span);
            first = false;
        }
    }

    private static void Tree(Stream output, Value tree)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        JsonEncoder.Encode(tree, buffer);
        output.Write(buffer.WrittenSpan);
    }

    private static void Text(Stream output, string text) => output.Write(Encoding.UTF8.GetBytes(text));
}
