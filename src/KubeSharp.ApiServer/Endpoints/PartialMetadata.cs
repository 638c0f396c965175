using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>meta.k8s.io PartialObjectMetadata: an object's metadata alone.</summary>
public static class PartialMetadata
{
    /// <param name="obj">The object, at any version.</param>
    /// <param name="version">The version of meta.k8s.io.</param>
    /// <param name="strategy">Knows what of the metadata belongs to one version of the kind only.</param>
    public static Map Of(Map obj, string version, RestStrategy strategy) => new(3)
    {
        { "kind", "PartialObjectMetadata" },
        { "apiVersion", $"meta.k8s.io/{version}" },
        { "metadata", strategy.CommonMetadata(obj["metadata"]) },
    };

    public static SchemaType? Schema(string version) => BuiltInSchema.Find(new GroupVersionKind("meta.k8s.io", version, "PartialObjectMetadata"))
        ?? BuiltInSchema.FindType("io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata");

    public static SchemaType? ListSchema(string version) => BuiltInSchema.Find(new GroupVersionKind("meta.k8s.io", version, "PartialObjectMetadataList"))
        ?? BuiltInSchema.FindType("io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadataList");
}
