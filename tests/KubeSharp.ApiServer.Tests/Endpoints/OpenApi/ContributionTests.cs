using System.IO.Compression;
using System.Text.Json.Nodes;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Endpoints.OpenApi;

namespace KubeSharp.ApiServer.Tests.Endpoints.OpenApi;

/// <summary>Group versions that come and go while the server runs.</summary>
public sealed class ContributionTests(ServerFixture fixture)
{
    private const string Type = "com.example.v1.Widget";

    [Fact]
    public void Group_versions_come_and_go()
    {
        var widgets = new Contributor();
        var documents = new OpenApiDocuments(fixture.Server.Server.Resources, [widgets], OpenApiFeatures.Default);
        Assert.Null(documents.HashOf("apis/example.com/v1"));
        var without = documents.GetV2(OpenApiEncoding.Json);

        widgets.Contributions = [Widgets("1")];
        var hash = documents.HashOf("apis/example.com/v1")!;
        Assert.Contains("apis/example.com", documents.Names);
        var v3 = Read(documents.Get("apis/example.com/v1", hash, OpenApiEncoding.Json));
        Assert.Equal("listExampleComV1NamespacedWidget", (string)v3["paths"]!["/apis/example.com/v1/namespaces/{namespace}/widgets"]!["get"]!["operationId"]!);
        Assert.Equal("#/components/schemas/" + Type, (string)v3["paths"]!["/apis/example.com/v1/namespaces/{namespace}/widgets"]!["post"]!["requestBody"]!["content"]!["*/*"]!["schema"]!["$ref"]!);
        // What its own definitions refer to is there too.
        Assert.NotNull(v3["components"]!["schemas"]!["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]!["properties"]!["ownerReferences"]);
        var v2 = documents.GetV2(OpenApiEncoding.Json);
        Assert.NotEqual(without.Hash, v2.Hash);
        Assert.NotNull(Read(v2)["definitions"]![Type]);

        widgets.Contributions = [Widgets("2")];
        Assert.NotEqual(hash, documents.HashOf("apis/example.com/v1"));
        widgets.Contributions = [];
        Assert.Equal(without.Hash, documents.GetV2(OpenApiEncoding.Json).Hash);
        Assert.Null(documents.HashOf("apis/example.com"));
    }

    private static OpenApiContribution Widgets(string fingerprint)
    {
        var groupVersion = new GroupVersion("example.com", "v1");
        return new OpenApiContribution(groupVersion, fingerprint, [new OpenApiResource(groupVersion, "widgets", "Widget", true, Type, Type + "List") { HasProtobuf = false }], version =>
        {
            var prefix = version == OpenApiVersion.V2 ? "#/definitions/" : "#/components/schemas/";
            Map Reference(string name) => new(1) { { "$ref", prefix + name } };
            var widget = new Map { { "type", "object" }, { "properties", new Map { { "metadata", Reference("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") } } } };
            var list = new Map { { "type", "object" }, { "properties", new Map { { "items", new Map { { "type", "array" }, { "items", Reference(Type) } } } } } };
            return new Dictionary<string, Map> { [Type] = widget, [Type + "List"] = list };
        });
    }

    private static JsonNode Read(OpenApiDocument document)
    {
        using var gzip = new GZipStream(new MemoryStream(document.Gzip), CompressionMode.Decompress);
        return JsonNode.Parse(gzip)!;
    }

    private sealed class Contributor : IOpenApiContributor
    {
        public IReadOnlyList<OpenApiContribution> Contributions { get; set; } = [];
    }
}
