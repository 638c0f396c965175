namespace KubeSharp.ApiServer.Endpoints.Negotiation;

/// <summary>Marks a request for custom resources, which have no protobuf form; their tables and metadata have
/// (unstructuredNegotiatedSerializer in apiextensions-apiserver/pkg/apiserver/customresource_handler.go, v1.36).</summary>
internal sealed class CustomResourceNegotiation
{
    public static readonly CustomResourceNegotiation Instance = new();
}
