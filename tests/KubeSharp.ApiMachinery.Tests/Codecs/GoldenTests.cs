using System.Buffers;
using System.Text;
using System.Text.Json;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Tests.Codecs;

/// <summary>Every object of upstream's golden data through every codec.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string, string> Objects()
    {
        var data = new TheoryData<string, string>();
        foreach (var version in new[] { "HEAD", "v1.35.0", "v1.34.0", "v1.33.0" })
        {
            foreach (var name in GoldenData.Names(version))
                data.Add(version, name);
        }

        if (data.Count == 0)
            data.Add("", "");
        return data;
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public void Decodes_and_encodes_to_the_same(string version, string name)
    {
        Assert.SkipWhen(name.Length == 0, GoldenData.Missing);
        var kind = KindOf(name);
        var type = BuiltInSchema.Find(kind);
        Assert.SkipWhen(type is null && version != "HEAD", "the kind is gone");
        Assert.NotNull(type);

        var json = JsonDecoder.Decode(File.ReadAllBytes(GoldenData.PathOf(version, name, ".json")), type, new JsonDecodeOptions { Strict = version == "HEAD" });
        Assert.Null(json.Error);
        Assert.Empty(json.StrictErrors);
        Assert.Equal(Compact(GoldenData.ReadExpected(version, name, ".json")), Print(json.Root!));

        var envelope = File.ReadAllBytes(GoldenData.PathOf(version, name, ".pb"));
        Assert.True(ProtobufEnvelope.TryUnwrap(envelope, out var unwrapped, out var message));
        // A watch event has no kind of its own, in either encoding.
        var hasKind = json.Root!.ContainsKey("kind");
        Assert.Equal(hasKind ? kind : new GroupVersionKind("", "", ""), unwrapped);
        var protobuf = ProtobufDecoder.Decode(message, type, hasKind ? unwrapped : null);
        Assert.Null(protobuf.Error);
        var expectedProtobuf = GoldenData.ReadExpected(version, name, ".pb");
        var encoded = new ArrayBufferWriter<byte>();
        ProtobufEnvelope.Encode(protobuf.Root!, type, unwrapped, encoded);
        Assert.Equal(Convert.ToHexString(expectedProtobuf), Convert.ToHexString(encoded.WrittenSpan));

        // The two encodings of one object are one document.
        Assert.Equal(Print(json.Root!), Print(protobuf.Root!));
        Assert.True(json.Root!.DeepEquals(protobuf.Root!));
    }

    [Fact]
    public void Covers_every_kind_of_the_golden_data()
    {
        Assert.SkipWhen(GoldenData.Root is null, GoldenData.Missing);
        var missing = GoldenData.Names("HEAD").Where(name => BuiltInSchema.Find(KindOf(name)) is null);
        Assert.Empty(missing);
    }

    /// <summary><c>apps.v1.Deployment</c>; the core group is called core.</summary>
    internal static GroupVersionKind KindOf(string name)
    {
        var parts = name.Split('.');
        var group = string.Join('.', parts[..^2]);
        return new GroupVersionKind(group == "core" ? "" : group, parts[^2], parts[^1]);
    }

    internal static string Print(Map map)
    {
        var output = new ArrayBufferWriter<byte>();
        JsonEncoder.Encode(map, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Compact(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            document.WriteTo(writer);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
