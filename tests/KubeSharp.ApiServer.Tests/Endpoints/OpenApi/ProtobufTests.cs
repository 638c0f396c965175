using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiServer.Endpoints.OpenApi;

namespace KubeSharp.ApiServer.Tests.Endpoints.OpenApi;

/// <summary>Bytes by the field numbers of gnostic-models' OpenAPIv2.proto and OpenAPIv3.proto.</summary>
public sealed class ProtobufTests
{
    [Theory]
    // Schema: $ref is field 1.
    [InlineData("v2", "definition", """{"$ref":"#/a"}""", "0A 03 '#/a'")]
    // Schema: format 2, description 4, type 22 (TypeItem, value 1).
    [InlineData("v2", "definition", """{"description":"d","type":"integer","format":"int32"}""", "22 01 'd' B2 01 09 0A 07 'integer' 12 05 'int32'")]
    // Schema: required 19, items 23 (ItemsItem, schema 1), properties 25 (additional_properties 1 of name 1, value 2).
    [InlineData("v2", "definition", """{"required":["a"],"properties":{"a":{"items":{}}}}""", "9A 01 01 'a' CA 01 0C 0A 0A 0A 01 'a' 12 05 BA 01 02 0A 00")]
    // Schema: additionalProperties 21 is a choice of schema 1 and boolean 2.
    [InlineData("v2", "definition", """{"additionalProperties":true}""", "AA 01 02 10 01")]
    [InlineData("v2", "definition", """{"additionalProperties":{}}""", "AA 01 02 0A 00")]
    // Schema: vendor_extension 31, a NamedAny whose value has YAML in field 2.
    [InlineData("v2", "definition", """{"x-kubernetes-list-type":"set"}""", "FA 01 20 0A 16 'x-kubernetes-list-type' 12 06 12 04 'set\n'")]
    // Operation (get is 2): parameters 8, of which a reference is field 2; a query parameter is 1, 2, 3.
    [InlineData("v2", "path", """{"get":{"parameters":[{"$ref":"#/p"}]}}""", "12 09 42 07 12 05 0A 03 '#/p'")]
    [InlineData("v2", "path", """{"get":{"parameters":[{"name":"n","in":"query","type":"string"}]}}""", "12 1A 42 18 0A 16 12 14 1A 12 22 01 'n' 12 05 'query' 32 06 'string'")]
    // Operation: responses 9, each a name and a choice whose field 1 is the response.
    [InlineData("v2", "path", """{"put":{"responses":{"401":{"description":"U"}}}}""", "1A 10 4A 0E 0A 0C 0A 03 '401' 12 05 0A 03 0A 01 'U'")]
    // SchemaOrReference: schema 1, reference 2; type is 25, default 33 with number 1.
    [InlineData("v3", "definition", """{"$ref":"#/a"}""", "12 05 0A 03 '#/a'")]
    [InlineData("v3", "definition", """{"type":"integer","default":1}""", "0A 16 CA 01 07 'integer' 8A 02 09 09 00 00 00 00 00 00 F0 3F")]
    [InlineData("v3", "definition", """{"allOf":[{"$ref":"#/a"}],"default":{}}""", "0A 0D D2 01 07 12 05 0A 03 '#/a' 8A 02 00")]
    // Operation (post is 6): request_body 7, content 2, an entry whose value has the schema in field 1.
    [InlineData("v3", "path", """{"post":{"requestBody":{"required":true,"content":{"a/b":{"schema":{}}}}}}""", "32 15 3A 13 0A 11 18 01 12 0D 0A 0B 0A 03 'a/b' 12 04 0A 02 0A 00")]
    public void Trees_become_messages(string version, string message, string json, string expected)
    {
        var messages = version == "v2" ? ProtobufMessages.V2 : ProtobufMessages.V3;
        var output = new ArrayBufferWriter<byte>();
        (message == "path" ? messages.Path : messages.Definition).Encode(JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json)), output);
        Assert.Equal(Convert.ToHexString(Bytes(expected)), Convert.ToHexString(output.WrittenSpan));
    }

    private static byte[] Bytes(string text)
    {
        var bytes = new List<byte>();
        var parts = text.Split('\'');
        for (var i = 0; i < parts.Length; i++)
        {
            if (i % 2 == 1)
                bytes.AddRange(Encoding.UTF8.GetBytes(parts[i]));
            else
                bytes.AddRange(Convert.FromHexString(parts[i].Replace(" ", "", StringComparison.Ordinal)));
        }

        return [.. bytes];
    }
}
