using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiServer.Endpoints.OpenApi;

namespace KubeSharp.ApiServer.Tests.Endpoints.OpenApi;

/// <summary>Schemas of custom resources in both versions of OpenAPI
/// (apiextensions-apiserver/pkg/controller/openapi/{builder/builder.go,v2/conversion.go}, pkg/apiserver/schema/unfold.go).</summary>
public sealed class PublishedSchemaTests
{
    [Theory]
    // Version 2 has no junctors, defaults and nulls; what keeps unknown fields has no type.
    [InlineData("""{"type":"string","default":"x","anyOf":[{"minLength":1}]}""", """{"type":"string"}""", """{"type":"string","default":"x","anyOf":[{"minLength":1}]}""")]
    [InlineData("""{"type":"object","nullable":true,"properties":{"x":{"type":"string"}}}""", "{}", """{"type":"object","nullable":true,"properties":{"x":{"type":"string"}}}""")]
    [InlineData("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}""", """{"x-kubernetes-preserve-unknown-fields":true}""", """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""")]
    [InlineData("""{"type":"object","required":["x","y"],"properties":{"x":{"type":"string","nullable":true},"y":{"type":"string"}}}""",
        """{"type":"object","required":["y"],"properties":{"x":{},"y":{"type":"string"}}}""",
        """{"type":"object","required":["x","y"],"properties":{"x":{"type":"string","nullable":true},"y":{"type":"string"}}}""")]
    // Version 3 says what the short form means.
    [InlineData("""{"x-kubernetes-int-or-string":true}""", """{"x-kubernetes-int-or-string":true}""", """{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]}""")]
    public void Each_version_has_its_words(string property, string v2, string v3)
    {
        var schema = Read($$$"""{"type":"object","properties":{"p":{{{property}}}}}""");

        Assert.Equal(v2, Property(schema, OpenApiVersion.V2));
        Assert.Equal(v3, Property(schema, OpenApiVersion.V3));
    }

    [Theory]
    [InlineData(OpenApiVersion.V2, """{"type":"object"}""")]
    [InlineData(OpenApiVersion.V3, null)]
    public void A_root_that_keeps_unknown_fields_has_no_properties_in_version_2(OpenApiVersion version, string? expected)
    {
        var published = PublishedSchema.OfObject(Read("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}"""), version);

        if (expected is not null)
            Assert.Equal(expected, GoText.Json(published));
        else
            Assert.Equal(["apiVersion", "kind", "metadata"], published.GetMap("properties")!.Select(p => p.Key));
    }

    [Fact]
    public void Embedded_resources_have_type_and_metadata()
    {
        var published = PublishedSchema.OfObject(Read("""{"type":"object","properties":{"e":{"type":"object","x-kubernetes-embedded-resource":true}}}"""), OpenApiVersion.V3);

        var embedded = published.GetMap("properties")!.GetMap("e")!;
        Assert.Equal(["apiVersion", "kind", "metadata"], embedded.GetMap("properties")!.Select(p => p.Key));
        Assert.Equal("""["kind","apiVersion"]""", GoText.Json(embedded["required"]));
    }

    private static string Property(Map schema, OpenApiVersion version) =>
        GoText.Json(PublishedSchema.OfObject(schema, version).GetMap("properties")!["p"]);

    private static Map Read(string json) => JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json)).AsMap!;
}
