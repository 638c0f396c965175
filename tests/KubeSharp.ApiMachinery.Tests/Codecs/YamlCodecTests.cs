using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Tests.Codecs;

/// <summary>Expectations follow the tests of go-yaml v2 (decode_test.go, encode_test.go) and sigs.k8s.io/yaml.</summary>
public sealed class YamlCodecTests
{
    /// <summary>Texts that JSON and YAML may see differently, and some that they do not.</summary>
    public static TheoryData<string> JsonTexts =>
    [
        "{}", "{\"a\":1,\"b\":[true,null,\"x\",{}]}", "{ \"b\" : 1, \"a\" : 2 }", "{\n  \"z\": {\"k\": -5},\n  \"a\": [\n    1\n  ]\n}\n",
        "{\"a\":1.0}", "{\"a\":1e3}", "{\"a\":-0}", "{\"a\":12345678901234567890}", "{\"a\":9223372036854775807}", "{\"a\":0.1}",
        "{\"a\":\"\\u00e9\\n\\t\\\"\\\\\"}", "{\"a\":\"x\\/y\"}", "{\"a\":\"\\ud83d\\ude00\"}", "{\"a\":\"\\b\"}", "{\"a\":\"\\x\"}", "{\"a\":\"tab\\tnew\\nline\\r\"}",
        "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":2}}", "{\"<<\":{\"a\":1},\"b\":2}", "{\"\":1}", "{\"true\":1,\"1\":2,\"null\":3}",
        "{\"a\":\"yes\",\"b\":\"0x10\",\"c\":\"2015-01-01\",\"d\":\"~\"}", "{\"a\":\"\u00e9\u2028\"}", "{\"a\":\"# no comment\"}", "{\"a\":\" lead\"}",
        "{\t\"a\":1}", "{\"a\":1", "{\"a\":1}}", "{\"a\":01}", "{a: 1}", "{\"a\":tru}", "{\"a\":\"line\nbreak\"}", "{\"a\":1,}", "{'a':1}", "{\"a\":nan}",
        "[1,2]", "1", "", "null", "{\"a\":\"\u007f\"}", "{\"a\":1} # trailing", "{\"a\":1}\n---\n{\"b\":2}",
    ];

    [Theory]
    [MemberData(nameof(JsonTexts))]
    public void Reading_JSON_as_YAML_takes_no_short_cut_that_shows(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var slow = YamlCodec.ToJson(bytes, strict: true);

        var tree = YamlCodec.ToTree(bytes, out var error, out var duplicates);

        Assert.Equal(slow.Error, error);
        Assert.Equal(slow.StrictErrors, duplicates);
        if (error is null)
            Assert.Equal(Encoding.UTF8.GetString(slow.Json.Span), Print(tree));
    }

    private static string Print(Value value)
    {
        var output = new ArrayBufferWriter<byte>();
        JsonEncoder.Encode(value, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    [Theory]
    [InlineData("v: hi", """{"v":"hi"}""")]
    [InlineData("v: true", """{"v":true}""")]
    [InlineData("v: yes", """{"v":true}""")]
    [InlineData("v: Off", """{"v":false}""")]
    [InlineData("v: 'yes'", """{"v":"yes"}""")]
    [InlineData("v: 10", """{"v":10}""")]
    [InlineData("v: 0b10", """{"v":2}""")]
    [InlineData("v: 0xA", """{"v":10}""")]
    [InlineData("v: 0o10", """{"v":8}""")]
    [InlineData("v: 010", """{"v":8}""")]
    [InlineData("v: -0b101010", """{"v":-42}""")]
    [InlineData("v: 685_230", """{"v":685230}""")]
    [InlineData("v: 0.1", """{"v":0.1}""")]
    [InlineData("v: .1", """{"v":0.1}""")]
    [InlineData("v: 1e3", """{"v":1000}""")]
    [InlineData("v: 1__2", """{"v":12}""")]
    [InlineData("v: ~", """{"v":null}""")]
    [InlineData("v:", """{"v":null}""")]
    [InlineData("v: 2015-01-01", """{"v":"2015-01-01"}""")]
    [InlineData("v: 1:1", """{"v":"1:1"}""")]
    [InlineData("v: !!str 1", """{"v":"1"}""")]
    [InlineData("v: !!float 1", """{"v":1}""")]
    [InlineData("v: !!binary gIGC", "{\"v\":\"\uFFFD\uFFFD\uFFFD\"}")]
    [InlineData("1: a\ntrue: b", """{"1":"a","true":"b"}""")]
    [InlineData("a: &x 1\nb: &y 2\nc: *x\nd: *y", """{"a":1,"b":2,"c":1,"d":2}""")]
    [InlineData("a: &a [1, 2]\nb: *a", """{"a":[1,2],"b":[1,2]}""")]
    [InlineData("a: {b: https://github.com/go-yaml/yaml}", """{"a":{"b":"https://github.com/go-yaml/yaml"}}""")]
    [InlineData("b: &b {x: 1, z: 2}\nc:\n  <<: *b\n  x: 3", """{"b":{"x":1,"z":2},"c":{"x":3,"z":2}}""")]
    [InlineData("a: 1\n---\nb: 2", """{"a":1}""")]
    [InlineData("a: 1\na: 2", """{"a":2}""")]
    [InlineData("", "null")]
    [InlineData("{\"a\": [1, \"x\"]}", """{"a":[1,"x"]}""")]
    public void Reads_what_go_yaml_reads(string yaml, string json)
    {
        var result = YamlCodec.ToJson(Encoding.UTF8.GetBytes(yaml), strict: false);
        Assert.Null(result.Error);
        Assert.Equal(json, Encoding.UTF8.GetString(result.Json.Span));
    }

    [Theory]
    [InlineData("a: *b", "yaml: line 1: unknown anchor 'b' referenced")]
    [InlineData("a: &a\n  b: *a", "anchor 'a' value contains itself")]
    [InlineData("v: !!float 'error'", "yaml: cannot decode !!str `error` as a !!float")]
    [InlineData("v: .nan", "json: unsupported value: NaN")]
    [InlineData("a: [b", "yaml: line")]
    [InlineData("a: b: c", "mapping values are not allowed in this context")]
    public void Refuses_what_go_yaml_refuses(string yaml, string error)
    {
        var result = YamlCodec.ToJson(Encoding.UTF8.GetBytes(yaml), strict: false);
        Assert.NotNull(result.Error);
        Assert.Contains(error.Replace("line 1: ", "", StringComparison.Ordinal), result.Error.Replace("line 1: ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    /// <summary>The bytes and the words of go-yaml's readerc.go.</summary>
    [Theory]
    [InlineData("00", "control characters are not allowed")]
    [InlineData("613a2007", "control characters are not allowed")]
    [InlineData("613a207f", "control characters are not allowed")]
    [InlineData("613a20c280", "control characters are not allowed")]
    [InlineData("613a20efbfbe", "control characters are not allowed")]
    [InlineData("613a20ff", "invalid leading UTF-8 octet")]
    [InlineData("613a2080", "invalid leading UTF-8 octet")]
    [InlineData("613a20c3", "incomplete UTF-8 octet sequence")]
    [InlineData("613a20c341", "invalid trailing UTF-8 octet")]
    [InlineData("613a20c080", "invalid length of a UTF-8 sequence")]
    [InlineData("613a20eda080", "invalid Unicode character")]
    [InlineData("613a20f7bfbfbf", "invalid Unicode character")]
    [InlineData("613a20c285", null)]
    [InlineData("613a20c3a4", null)]
    [InlineData("613a09f09f9880", null)]
    public void Takes_the_characters_that_go_yaml_takes(string hex, string? problem) =>
        Assert.Equal(problem is null ? null : $"yaml: {problem}", YamlCodec.ToJson(Convert.FromHexString(hex), strict: false).Error);

    [Fact]
    public void Bounds_the_text_that_aliases_stand_for()
    {
        var yaml = $"a: &a \"{new string('x', 1_000_000)}\"\nb: [{string.Join(',', Enumerable.Repeat("*a", 900))}]\n";
        var body = Encoding.UTF8.GetBytes(yaml);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("yaml: document contains excessive aliasing", YamlCodec.ToJson(body, strict: false).Error);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public void Names_duplicate_keys_when_strict()
    {
        var result = YamlCodec.ToJson("a: 1\nb:\n  c: 1\n  c: 2\na: 3"u8, strict: true);
        Assert.Equal(["yaml: unmarshal errors:\n  line 4: key \"c\" already set in map\n  line 5: key \"a\" already set in map"], result.StrictErrors);
    }

    [Fact]
    public void Bounds_the_expansion_of_anchors()
    {
        var bomb = new StringBuilder("a: &a [\"w\",\"w\",\"w\",\"w\",\"w\",\"w\",\"w\",\"w\",\"w\"]\n");
        for (var c = 'b'; c <= 'i'; c++)
            bomb.Append(c).Append(": &").Append(c).Append(" [").AppendJoin(',', Enumerable.Repeat("*" + (char)(c - 1), 9)).Append("]\n");
        var result = YamlCodec.ToJson(Encoding.UTF8.GetBytes(bomb.ToString()), strict: false);
        Assert.Equal("yaml: document contains excessive aliasing", result.Error);
    }

    [Theory]
    [InlineData("{}", "{}\n")]
    [InlineData("""{"v":"hi"}""", "v: hi\n")]
    [InlineData("""{"v":"true"}""", "v: \"true\"\n")]
    [InlineData("""{"v":""}""", "v: \"\"\n")]
    [InlineData("""{"v":"1:1"}""", "v: \"1:1\"\n")]
    [InlineData("""{"v":null}""", "v: null\n")]
    [InlineData("""{"v":["A","B"]}""", "v:\n- A\n- B\n")]
    [InlineData("""{"v":["A","B\nC"]}""", "v:\n- A\n- |-\n  B\n  C\n")]
    [InlineData("""{"v":["A",1,{"B":[2,3]}]}""", "v:\n- A\n- 1\n- B:\n  - 2\n  - 3\n")]
    [InlineData("""{"a":{"b":"c"}}""", "a:\n  b: c\n")]
    [InlineData("""{"a":"-"}""", "a: '-'\n")]
    [InlineData("""{"a":"a: b"}""", "a: 'a: b'\n")]
    [InlineData("""{"a":"[]"}""", "a: '[]'\n")]
    [InlineData("""{"a":"3s"}""", "a: 3s\n")]
    [InlineData("""{"a":"2015-02-24T18:19:39Z"}""", "a: \"2015-02-24T18:19:39Z\"\n")]
    [InlineData("""{"a":"b: c\nd"}""", "a: |-\n  b: c\n  d\n")]
    [InlineData("""{"a":"x\n"}""", "a: |\n  x\n")]
    [InlineData("""{"a":" x\ny\n\n"}""", "a: |2+\n   x\n  y\n\n")]
    [InlineData("""{"a":"\u0000"}""", "a: \"\\0\"\n")]
    [InlineData("""{"a":"a\tb"}""", "a: \"a\\tb\"\n")]
    [InlineData("""{"a10":1,"a2":2,"A":3,"b":4,"1":5}""", "\"1\": 5\nA: 3\na2: 2\na10: 1\nb: 4\n")]
    [InlineData("""{"a":[[1,2],[3]]}""", "a:\n- - 1\n  - 2\n- - 3\n")]
    [InlineData("""{"a":0.25,"b":1234567.5}""", "a: 0.25\nb: 1.2345675e+06\n")]
    public void Prints_what_go_yaml_prints(string json, string yaml) => Assert.Equal(yaml, Print(json));

    [Fact]
    public void Folds_long_lines_behind_column_80()
    {
        var word = new string('x', 39);
        Assert.Equal($"a: {word} {word}\n  {word}\n", Print($$"""{"a":"{{word}} {{word}} {{word}}"}"""));
    }

    private static string Print(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        YamlCodec.Encode(JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json)), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
