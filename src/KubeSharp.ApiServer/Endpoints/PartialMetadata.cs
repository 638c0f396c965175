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

    /// <summary>How the JSON body of an object begins.</summary>
    public static ReadOnlySpan<byte> Opening => "{\"metadata\":"u8;

    /// <summary>The metadata in an object's JSON body, which begins with it; empty when it does not.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Opening))
            return [];
        var (at, depth) = (Opening.Length, 0);
        while (at < body.Length)
        {
            var next = body[at..].IndexOfAny((byte)'"', (byte)'{', (byte)'}');
            if (next < 0)
                return [];
            at += next;
            switch (body[at++])
            {
                case (byte)'{':
                    depth++;
                    break;
                case (byte)'}' when --depth == 0:
                    return body[Opening.Length..at];
                case (byte)'"':
                    at = EndOfString(body, at);
                    break;
            }
        }

        return [];
    }

    private static int EndOfString(ReadOnlySpan<byte> body, int at)
    {
        while (at < body.Length)
        {
            var next = body[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
                return body.Length;
            at += next;
            if (body[at] == (byte)'"')
                return at + 1;
            at += 2;
        }

        return body.Length;
    }

    public static SchemaType? Schema(string version) => BuiltInSchema.Find(new GroupVersionKind("meta.k8s.io", version, "PartialObjectMetadata"))
        ?? BuiltInSchema.FindType("io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata");

    public static SchemaType? ListSchema(string version) => BuiltInSchema.Find(new GroupVersionKind("meta.k8s.io", version, "PartialObjectMetadataList"))
        ?? BuiltInSchema.FindType("io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadataList");
}
