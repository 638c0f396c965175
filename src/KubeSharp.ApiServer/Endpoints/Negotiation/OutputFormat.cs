namespace KubeSharp.ApiServer.Endpoints.Negotiation;

public enum Encoding
{
    Json,
    Yaml,
    Protobuf,
}

/// <summary>What the client wants to see of an object.</summary>
public enum Shape
{
    Object,
    Table,
    PartialObjectMetadata,
}

/// <summary>How an answer is to be written, chosen from the Accept header.</summary>
/// <param name="Encoding">The wire format.</param>
/// <param name="Shape">The object itself, a Table, or its metadata alone.</param>
/// <param name="Pretty">Indented JSON, for people.</param>
/// <param name="Version">The version of a Table or metadata answer (<c>v1</c> or <c>v1beta1</c>).</param>
/// <param name="Stream">The client asked for the streaming form of the encoding (watches).</param>
public readonly record struct OutputFormat(Encoding Encoding, Shape Shape, bool Pretty, string Version = "v1", bool Stream = false)
{
    public const string Json = "application/json";
    public const string Yaml = "application/yaml";
    public const string Protobuf = "application/vnd.kubernetes.protobuf";

    public string ContentType => Encoding switch
    {
        Encoding.Yaml => Yaml,
        Encoding.Protobuf => Protobuf,
        _ => Json,
    };

    /// <summary>The content type of a watch's stream.</summary>
    public string StreamContentType => Encoding == Encoding.Protobuf ? Protobuf + ";stream=watch" : Json;
}
