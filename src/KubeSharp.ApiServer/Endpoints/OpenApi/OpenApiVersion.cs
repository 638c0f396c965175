namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>The two forms of the documents.</summary>
public enum OpenApiVersion
{
    V2,
    V3,
}

/// <summary>What feature gates turn on in the documents.</summary>
/// <param name="Enums">Whether the values of enums are published (OpenAPIEnums, on by default).</param>
/// <param name="Cbor">Whether CBOR is among the media types (CBORServingAndStorage, off by default).</param>
internal sealed record OpenApiFeatures(bool Enums, bool Cbor)
{
    public static readonly OpenApiFeatures Default = new(Enums: true, Cbor: false);
}
