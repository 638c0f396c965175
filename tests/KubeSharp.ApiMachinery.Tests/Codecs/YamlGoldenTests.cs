using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Tests.Codecs;

public sealed class YamlGoldenTests
{
    public static TheoryData<string> Objects()
    {
        var data = new TheoryData<string>(GoldenData.Names("HEAD"));
        if (data.Count == 0)
            data.Add("");
        return data;
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public void Reads_as_JSON_does_and_prints_the_same_text(string name)
    {
        Assert.SkipWhen(name.Length == 0, GoldenData.Missing);
        var type = BuiltInSchema.Find(GoldenTests.KindOf(name));
        var text = File.ReadAllBytes(GoldenData.PathOf("HEAD", name, ".yaml"));
        var converted = YamlCodec.ToJson(text, strict: true);
        Assert.Null(converted.Error);
        Assert.Empty(converted.StrictErrors);
        var fromYaml = JsonDecoder.Decode(converted.Json.Span, type, default);
        var fromJson = JsonDecoder.Decode(File.ReadAllBytes(GoldenData.PathOf("HEAD", name, ".json")), type, default);
        Assert.Equal(GoldenTests.Print(fromJson.Root!), GoldenTests.Print(fromYaml.Root!));

        var output = new ArrayBufferWriter<byte>();
        YamlCodec.Encode(fromJson.Root!, output);
        Assert.Equal(Encoding.UTF8.GetString(text), Encoding.UTF8.GetString(output.WrittenSpan));
    }
}
