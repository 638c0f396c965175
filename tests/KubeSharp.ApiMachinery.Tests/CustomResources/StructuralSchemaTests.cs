using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.Tests.CustomResources;

/// <summary>Pruning, defaults and validation of custom resources. The cases follow those of
/// apiextensions-apiserver/pkg/apiserver/schema/{pruning,defaulting,listtype} and pkg/apiserver/validation.</summary>
public sealed class StructuralSchemaTests
{
    [Theory]
    // Unknown fields go, those of schemas that keep them stay.
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", """{"a":"1","b":2}""", """{"a":"1"}""", "b")]
    [InlineData("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}""", """{"a":"1","b":{"c":1}}""", """{"a":"1","b":{"c":1}}""", "")]
    // Keeping unknown fields does not reach into known ones.
    [InlineData("""{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"a":{"type":"object","properties":{"x":{"type":"string"}}}}}""",
        """{"a":{"x":"1","y":2},"b":1}""", """{"a":{"x":"1"},"b":1}""", "a.y")]
    [InlineData("""{"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"object","properties":{"x":{"type":"string"}}}}}}""",
        """{"m":{"k":{"x":"1","y":2}}}""", """{"m":{"k":{"x":"1"}}}""", "m.k.y")]
    [InlineData("""{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string"}}}}}}""",
        """{"l":[{"x":"1"},{"y":2}]}""", """{"l":[{"x":"1"},{}]}""", "l[1].y")]
    // An embedded resource keeps its type and metadata.
    [InlineData("""{"type":"object","properties":{"e":{"type":"object","x-kubernetes-embedded-resource":true,"properties":{"spec":{"type":"object"}}}}}""",
        """{"e":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"other":1}}""", """{"e":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}}""", "e.other")]
    [InlineData("""{"type":"object"}""", """{"apiVersion":"v1","kind":"Widget","metadata":{"name":"a"},"x":1}""", """{"apiVersion":"v1","kind":"Widget","metadata":{"name":"a"}}""", "x")]
    public void Unknown_fields_are_pruned(string schema, string before, string after, string unknown)
    {
        var obj = Read(before);
        var paths = new List<string>();

        StructuralPruner.Prune(obj, Schema(schema), paths);

        Assert.Equal((Value)Read(after), obj);
        Assert.Equal(unknown, string.Join(',', paths));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","default":"A"}}}""", "{}", """{"a":"A"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","default":"A"}}}""", """{"a":""}""", """{"a":""}""")]
    // A null where none may be is as good as none; where it may be it stays.
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","default":"A"}}}""", """{"a":null}""", """{"a":"A"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","nullable":true,"default":"A"}}}""", """{"a":null}""", """{"a":null}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", """{"a":null}""", "{}")]
    // Defaults below a default, in maps and in lists; not below what is not there.
    [InlineData("""{"type":"object","properties":{"o":{"type":"object","default":{},"properties":{"x":{"type":"integer","default":3}}}}}""", "{}", """{"o":{"x":3}}""")]
    [InlineData("""{"type":"object","properties":{"o":{"type":"object","properties":{"x":{"type":"integer","default":3}}}}}""", "{}", "{}")]
    [InlineData("""{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"integer","default":3}}}}}}""", """{"l":[{},{"x":4}]}""", """{"l":[{"x":3},{"x":4}]}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"object","properties":{"x":{"type":"integer","default":3}}}}""", """{"k":{}}""", """{"k":{"x":3}}""")]
    public void Defaults_are_filled_in(string schema, string before, string after)
    {
        var obj = Read(before);

        StructuralDefaulter.Apply(obj, Schema(schema));

        Assert.Equal((Value)Read(after), obj);
    }

    [Theory]
    [InlineData("""{"n":"x"}""", "n: Invalid value: \"string\": n in body must be of type integer: \"string\"")]
    [InlineData("""{"n":1.0}""", "")]
    [InlineData("""{"n":0}""", "n: Invalid value: 0: n in body should be greater than or equal to 1")]
    [InlineData("""{"n":10}""", "n: Invalid value: 10: n in body should be less than 10")]
    [InlineData("""{"n":null}""", "n: Invalid value: \"null\": n in body must be of type integer: \"null\"")]
    [InlineData("""{"s":"toolong"}""", "s: Too long: may not be more than 5 bytes")]
    [InlineData("""{"s":"1a"}""", "s: Invalid value: \"1a\": s in body should match '^[a-z]+$'")]
    [InlineData("""{"e":"c"}""", "e: Unsupported value: \"c\": supported values: \"a\", \"b\"")]
    [InlineData("""{"l":[1,2,3]}""", "l: Too many: 3: must have at most 2 items")]
    [InlineData("""{"l":[]}""", "l: Invalid value: 0: l in body should have at least 1 items")]
    [InlineData("""{"o":{}}""", "o.r: Required value")]
    [InlineData("""{"o":{"r":"x","list":[{"k":true}]}}""", "o.list[0].k: Invalid value: \"boolean\": o.list[0].k in body must be of type string: \"boolean\"")]
    [InlineData("""{"i":"50%"}""", "")]
    [InlineData("""{"i":true}""", "i: Invalid value: \"boolean\": i in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"d":"2024-13-01"}""", "d: Invalid value: \"2024-13-01\": d in body must be of type date: \"2024-13-01\"")]
    public void What_the_schema_forbids_is_told_in_upstreams_words(string json, string expected)
    {
        var schema = Schema("""
            {"type":"object","properties":{
              "n":{"type":"integer","minimum":1,"maximum":10,"exclusiveMaximum":true},
              "s":{"type":"string","maxLength":5,"pattern":"^[a-z]+$"},
              "e":{"type":"string","enum":["a","b"]},
              "l":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"integer"}},
              "o":{"type":"object","required":["r"],"properties":{"r":{"type":"string"},"list":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string"}}}}}},
              "i":{"x-kubernetes-int-or-string":true},
              "d":{"type":"string","format":"date"}}}
            """);
        var errors = new FieldErrorList();

        JsonSchemaValidator.Validate(errors, Read(json), default, schema);

        Assert.Equal(expected, string.Join("; ", errors.Select(e => e.ToString())));
    }

    [Fact]
    public void What_did_not_change_is_not_validated_again()
    {
        var schema = Schema("""{"type":"object","properties":{"a":{"type":"string","maxLength":1},"m":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"},"v":{"type":"string","maxLength":1}}}}}}""");
        var old = Read("""{"a":"long","m":[{"k":"1","v":"long"}]}""");

        Assert.Empty(Errors("""{"a":"long","b":1,"m":[{"k":"0","v":"x"},{"k":"1","v":"long"}]}"""));
        Assert.Equal(["m[0].v"], Errors("""{"a":"long","m":[{"k":"0","v":"long"},{"k":"1","v":"long"}]}"""));

        IEnumerable<string> Errors(string json)
        {
            var errors = new FieldErrorList();
            JsonSchemaValidator.Validate(errors, Read(json), old, schema);
            return errors.Select(e => e.Field);
        }
    }

    [Theory]
    [InlineData("""{"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}]}""", """{"c":1}""", "<nil>: Invalid value: \"\": \"\" must validate at least one schema (anyOf)")]
    [InlineData("""{"type":"object","oneOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":1,"b":1}""", "<nil>: Invalid value: \"\": \"\" must validate one and only one schema (oneOf). Found 2 valid alternatives")]
    [InlineData("""{"type":"object","not":{"required":["a"]}}""", """{"a":1}""", "<nil>: Invalid value: \"\": \"\" must not validate the schema (not)")]
    public void Combinations_are_told_apart(string schema, string json, string expected)
    {
        var errors = new FieldErrorList();

        JsonSchemaValidator.Validate(errors, Read(json), default, Schema(schema));

        Assert.Equal(expected, errors[0].ToString());
    }

    [Theory]
    [InlineData("""{"s":["a","a"]}""", "s[1]: Duplicate value: \"a\"")]
    [InlineData("""{"m":[{"k":"1"},{"k":"2"},{"k":"1","v":2}]}""", "m[2]: Duplicate value: {\"k\":\"1\"}")]
    [InlineData("""{"a":["x","x"]}""", "")]
    public void Items_of_sets_and_maps_are_distinct(string json, string expected)
    {
        var schema = Schema("""
            {"type":"object","properties":{
              "s":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
              "m":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"},"v":{"type":"integer"}}}},
              "a":{"type":"array","items":{"type":"string"}}}}
            """);
        var errors = new FieldErrorList();

        ListTypeValidation.Validate(errors, Read(json), schema);

        Assert.Equal(expected, string.Join("; ", errors.Select(e => e.ToString())));
    }

    private static JsonSchema Schema(string json) => JsonSchema.Read(Read(json));

    private static Map Read(string json) => JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json)).AsMap!;
}
