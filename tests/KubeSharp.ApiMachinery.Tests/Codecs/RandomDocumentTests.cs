using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Tests.Codecs;

public sealed class RandomDocumentTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 0, 12],
        Gen.String[Gen.Char["\"\\/<>&\b\f\n\r\t\u0001\u2028\u2029 :#-'é\u4e2d"], 0, 12],
        Gen.Const("true"), Gen.Const("1e3"), Gen.Const("2001-01-01"), Gen.Const("\ud83d\ude00"));

    private static readonly Gen<Value> Scalar = Gen.OneOf<Value>(
        Text.Select(text => (Value)text),
        Gen.Long.Select(number => (Value)number),
        Gen.Double.Where(number => double.IsFinite(number) && !IsWhole(number)).Select(number => (Value)number),
        Gen.Bool.Select(flag => (Value)flag),
        Gen.Const(Value.Null));

    private static readonly Gen<Map> Document = MapOf(Node(4));

    [Fact]
    public void Json_gives_back_what_was_printed() =>
        Document.Sample(map => JsonDecoder.Decode(Print(map), null, default).Root!.DeepEquals(map));

    [Fact]
    public void Json_is_what_another_parser_reads() =>
        Document.Sample(map => JsonNode.DeepEquals(JsonNode.Parse(Print(map)), ToNode(map)));

    [Fact]
    public void Yaml_gives_back_what_was_printed() =>
        Document.Sample(map =>
        {
            var output = new ArrayBufferWriter<byte>();
            YamlCodec.Encode(map, output);
            Assert.True(YamlCodec.Decode(output.WrittenSpan).Equals((Value)map), Encoding.UTF8.GetString(output.WrittenSpan));
        }, iter: 300);

    [Fact]
    public void A_copy_is_equal_and_apart() =>
        Document.Sample(map =>
        {
            map.Freeze();
            var copy = map.DeepClone();
            var same = copy.DeepEquals(map);
            copy.Set("\u0000another", 1);
            return same && !copy.DeepEquals(map) && !map.ContainsKey("\u0000another");
        });

    private static Gen<Value> Node(int depth) => depth == 0
        ? Scalar
        : Gen.Frequency(
            (4, Scalar),
            (1, Node(depth - 1).List[0, 4].Select(items => (Value)ToSequence(items))),
            (1, MapOf(Node(depth - 1)).Select(map => (Value)map)));

    private static Gen<Map> MapOf(Gen<Value> value) => Gen.Select(Text, value).List[0, 5].Select(entries =>
    {
        var map = new Map();
        foreach (var (key, item) in entries)
            map.Set(key, item);
        return map;
    });

    private static Sequence ToSequence(IEnumerable<Value> items)
    {
        var sequence = new Sequence();
        foreach (var item in items)
            sequence.Add(item);
        return sequence;
    }

    /// <summary>A whole float prints as an integer and is read back as one, in Go too.</summary>
    private static bool IsWhole(double number) => Math.Abs(number) < 1e22 && Math.Floor(number) == number;

    private static byte[] Print(Map map)
    {
        var output = new ArrayBufferWriter<byte>();
        JsonEncoder.Encode(map, output);
        return output.WrittenSpan.ToArray();
    }

    private static JsonNode? ToNode(Value value) => value.Kind switch
    {
        ValueKind.Map => new JsonObject(value.AsMap!.Select(entry => KeyValuePair.Create(entry.Key, ToNode(entry.Value)))),
        ValueKind.Sequence => new JsonArray([.. value.AsSequence!.Select(ToNode)]),
        ValueKind.String => JsonValue.Create(value.AsString),
        ValueKind.Integer => JsonValue.Create(value.AsInteger),
        ValueKind.Float => JsonValue.Create(value.AsDouble),
        ValueKind.Boolean => JsonValue.Create(value.AsBoolean),
        _ => null,
    };
}
