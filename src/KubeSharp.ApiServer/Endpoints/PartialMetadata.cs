using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>meta.k8s.io PartialObjectMetadata: an object's metadata alone.</summary>
public static class PartialMetadata
{
    public static Map Of(Map obj, string version) => new(3)
    {
        { "kind", "PartialObjectMetadata" },
        { "apiVersion", $"meta.k8s.io/{version}" },
        { "metadata", obj["metadata"] },
    };

    public static SchemaType? Schema(string version) => BuiltInSchema.Find(new GroupVersionKind("meta.k8s.io", version, "PartialObjectMetadata"))
        ?? BuiltInSchema.FindType("io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata");

    public static SchemaType? ListSchema(string version) => BuiltInSchema.Find(new GroupVersionKind("meta.k8s.io", version, "PartialObjectMetadataList"))
        ?? BuiltInSchema.FindType("io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadataList");
}
