using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.Tests.CustomResources;

/// <summary>Words, order and choices of kube-openapi/pkg/validation/validate, as
/// apiextensions-apiserver/pkg/apiserver/validation/validation.go turns them into field errors.</summary>
public sealed class JsonSchemaValidatorTests
{
    [Theory]
    // Integers are compared as integers, everything else as floats.
    [InlineData("""{"type":"integer","multipleOf":3}""", "7", "v: Invalid value: 7: v in body should be a multiple of 3")]
    [InlineData("""{"type":"number","multipleOf":0.01}""", "4.5", "")]
    [InlineData("""{"type":"number","multipleOf":0.01}""", "4.35", "v: Invalid value: 4.35: v in body should be a multiple of 0.01")]
    [InlineData("""{"type":"number","minimum":0.5}""", "0.25", "v: Invalid value: 0.25: v in body should be greater than or equal to 0.5")]
    [InlineData("""{"type":"number","maximum":2,"exclusiveMaximum":true}""", "2.0", "v: Invalid value: 2: v in body should be less than 2")]
    [InlineData("""{"type":"integer","format":"int32"}""", "2147483648", "<nil>: Invalid value: \"\": Checked value must be of type integer with format int32 in v")]
    [InlineData("""{"type":"number","format":"float"}""", "1e39", "<nil>: Invalid value: \"\": Checked value must be of type number with format float in v")]
    [InlineData("""{"type":"integer"}""", "1.5", "v: Invalid value: \"number\": v in body must be of type integer: \"number\"|<nil>: Invalid value: \"\": Checked value must be of type integer (default format) in v")]
    // A format is checked where it is known.
    [InlineData("""{"type":"string","format":"ipv4"}""", "\"1.2.3\"", "v: Invalid value: \"1.2.3\": v in body must be of type ipv4: \"1.2.3\"")]
    [InlineData("""{"type":"string","format":"own"}""", "\"1.2.3\"", "")]
    // Lengths and counts.
    [InlineData("""{"type":"string","minLength":2}""", "\"é\"", "v: Invalid value: \"é\": v in body should be at least 2 chars long")]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"type":"integer"}}""", "[1,1]", "v: Invalid value: \"\": v in body shouldn't contain duplicates")]
    [InlineData("""{"type":"object","minProperties":1,"additionalProperties":{"type":"string"}}""", "{}", "v: Invalid value: 0: v in body should have at least 1 properties")]
    [InlineData("""{"type":"object","maxProperties":1,"additionalProperties":{"type":"string"}}""", """{"a":"","b":""}""", "v: Too many: 2: must have at most 1 item")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""", """{"a":1}""", "v.a: Invalid value: \"integer\": v.a in body must be of type string: \"integer\"")]
    [InlineData("""{"type":"string","nullable":true}""", "null", "")]
    [InlineData("""{"enum":[1,"b"]}""", "\"c\"", "v: Unsupported value: \"c\": supported values: \"1\", \"b\"")]
    public void A_value_is_told_in_upstreams_words(string schema, string value, string expected) =>
        Assert.Equal(expected, Errors($$$"""{"type":"object","properties":{"v":{{{schema}}}}}""", $$"""{"v":{{value}}}"""));

    [Theory]
    // The alternative with most matches tells what is wrong.
    [InlineData("""{"anyOf":[{"required":["x"]},{"required":["a","b"]}]}""", """{"a":1}""",
        "<nil>: Invalid value: \"\": \"\" must validate at least one schema (anyOf)")]
    [InlineData("""{"allOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":1}""",
        ".b: Required value|<nil>: Invalid value: \"\": \"\" must validate all the schemas (allOf)")]
    [InlineData("""{"allOf":[{"required":["a"]},{"required":["b"]}]}""", "{}",
        "a: Required value|b: Required value|<nil>: Invalid value: \"\": \"\" must validate all the schemas (allOf). None validated")]
    [InlineData("""{"oneOf":[{"required":["a"]},{"required":["b"]}]}""", "{}",
        "<nil>: Invalid value: \"\": \"\" must validate one and only one schema (oneOf). Found none valid|a: Required value")]
    public void Junctors_tell_of_the_best_alternative(string schema, string value, string expected)
    {
        var found = Errors(schema, value).Split('|');

        foreach (var part in expected.Split('|'))
            Assert.Contains(part.TrimStart('.'), found);
    }

    [Theory]
    // A field that did not change may stay wrong, a changed one may not.
    [InlineData("""{"a":"long","b":"x"}""", """{"a":"long","b":"y"}""", "")]
    [InlineData("""{"a":"long"}""", """{"a":"longer"}""", "a: Too long: may not be more than 1 byte")]
    // Items of atomic lists are not correlated, those of maps are, wherever they are now.
    [InlineData("""{"l":["long"]}""", """{"l":["x","long"]}""", "l[1]: Too long: may not be more than 1 byte")]
    [InlineData("""{"m":[{"k":"1","v":"long"}]}""", """{"m":[{"k":"0","v":"x"},{"k":"1","v":"long"}]}""", "")]
    [InlineData("""{"m":[{"k":"1","v":"long"}]}""", """{"m":[{"k":"2","v":"long"}]}""", "m[0].v: Too long: may not be more than 1 byte")]
    public void Updates_are_forgiven_what_they_leave_alone(string old, string updated, string expected)
    {
        const string Schema = """
            {"type":"object","properties":{"a":{"type":"string","maxLength":1},"b":{"type":"string"},
             "l":{"type":"array","items":{"type":"string","maxLength":1}},
             "m":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],
                  "items":{"type":"object","properties":{"k":{"type":"string"},"v":{"type":"string","maxLength":1}}}}}}
            """;

        Assert.Equal(expected, Errors(Schema, updated, Read(old)));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","default":1}}}""", "")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","default":"x"}}}""",
        "schema.properties[a].default: Invalid value: \"string\":  in body must be of type integer: \"string\"")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","default":{"z":1,"b":2},"properties":{"b":{"type":"integer"}}}}}""",
        "schema.properties[a].default: Invalid value: {\"b\":2,\"z\":1}: must not have unknown fields")]
    [InlineData("""{"type":"object","properties":{"e":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true,"default":{"kind":"Pod"}}}}""",
        "schema.properties[e].default.apiVersion: Required value")]
    public void Defaults_must_fit_their_schema(string schema, string expected)
    {
        var errors = new FieldErrorList();

        DefaultValidation.Validate(errors, Read(schema), new FieldPath("schema"));

        Assert.Equal(expected, string.Join('|', errors.Select(e => e.ToString())));
    }

    [Theory]
    [InlineData("""{"kind":"Pod"}""", "e.apiVersion: Required value")]
    [InlineData("""{"apiVersion":"v1","kind":""}""", "e.kind: Invalid value: \"\": must not be empty")]
    [InlineData("""{"apiVersion":"a/b/c","kind":"Pod"}""", "e.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c")]
    [InlineData("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"bad key":"x"}}}""", "e.metadata.labels: Invalid value: \"bad key\"")]
    [InlineData("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a/b"}}""", "e.metadata.name: Invalid value: \"a/b\": may not contain '/'")]
    [InlineData("""{"apiVersion":"v1","kind":"Pod","metadata":{}}""", "")]
    public void Embedded_resources_are_objects(string value, string expected)
    {
        var errors = new FieldErrorList();
        var schema = JsonSchema.Read(Read("""{"type":"object","properties":{"e":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}}"""));

        EmbeddedResourceValidation.Validate(errors, Read($$"""{"e":{{value}}}"""), schema, null);

        Assert.StartsWith(expected, string.Join('|', errors.Select(e => e.ToString())), StringComparison.Ordinal);
        Assert.Equal(expected.Length == 0, errors.Count == 0);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a","x":1},"e":{"apiVersion":"v1","kind":"P","metadata":{"name":"b","y":1}}}""", "", "metadata.x,e.metadata.y")]
    [InlineData("""{"metadata":{"name":"a","labels":{"x":1}}}""", "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string", "")]
    [InlineData("""{"e":{"apiVersion":1,"kind":"P"}}""", "e.apiVersion: Invalid value: 1: must be a string", "")]
    public void Metadata_is_read_by_its_type(string json, string error, string unknown)
    {
        var schema = JsonSchema.Read(Read("""{"type":"object","properties":{"e":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}}"""));
        var type = CustomSchemaTypes.Of(new("example.com", "v1", "Widget"), schema);

        var decoded = JsonDecoder.Decode(Encoding.UTF8.GetBytes(json), type, new JsonDecodeOptions { Strict = true });

        Assert.Equal(error, decoded.Error ?? "");
        Assert.Equal(unknown, string.Join(',', decoded.StrictErrors.Select(e => e.Split('"')[1])));
    }

    [Fact]
    public void Metadata_that_cannot_be_read_is_dropped_from_stored_objects()
    {
        var stored = CustomResourceDecoder.DecodeStored("""{"metadata":{"name":"a","labels":{"x":1}}}"""u8, JsonSchema.Anything);

        Assert.Equal((Value)Read("""{"name":"a"}"""), stored!["metadata"]);
    }

    private static string Errors(string schema, string value, Value old = default)
    {
        var errors = new FieldErrorList();
        JsonSchemaValidator.Validate(errors, Read(value), old, JsonSchema.Read(Read(schema)));
        return string.Join('|', errors.Select(e => e.ToString()));
    }

    private static Map Read(string json) => JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json)).AsMap!;
}
