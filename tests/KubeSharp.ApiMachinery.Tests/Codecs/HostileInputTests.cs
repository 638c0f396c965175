using System.Buffers;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Tests.Codecs;

/// <summary>Each decoder under damaged input: it answers with a document or an error, never with an exception, and what it
/// makes of the input stays in proportion to it.</summary>
public sealed class HostileInputTests
{
    /// <summary>Bytes allocated per byte of input, and for nothing: a document is larger than its text, but not by much.</summary>
    private const long Proportion = 400;
    private const long Ground = 600_000;

    public static TheoryData<string> Kinds() => new(
        "core.v1.Pod", "apps.v1.Deployment", "core.v1.Secret", "core.v1.Node", "networking.k8s.io.v1.Ingress",
        "authorization.k8s.io.v1.SubjectAccessReview", "admission.k8s.io.v1.AdmissionReview", "core.v1.Status");

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Json_cut_short_is_an_error(string name)
    {
        var (json, type) = Json(name);
        for (var length = 0; length < json.Length; length += StepFor(json))
            Assert.NotNull(JsonDecoder.Decode(json.AsSpan(0, length), type, new JsonDecodeOptions { Strict = true }).Error);
        Assert.Null(JsonDecoder.Decode(json, type, default).Error);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Json_with_a_byte_changed_gives_a_document_or_an_error(string name)
    {
        var (json, type) = Json(name);
        Damage(json, damaged =>
        {
            Settles(JsonDecoder.Decode(damaged, type, new JsonDecodeOptions { Strict = true }));
            Settles(JsonDecoder.Decode(damaged, null, default));
            JsonDecoder.ReadTypeMeta(damaged, out _);
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Protobuf_cut_or_changed_gives_a_document_or_an_error(string name)
    {
        var (message, type) = Protobuf(name);
        for (var length = 0; length < message.Length; length += StepFor(message))
            Settles(ProtobufDecoder.Decode(message.AsSpan(0, length), type, null));
        Damage(message, damaged =>
        {
            var result = ProtobufDecoder.Decode(damaged, type, null);
            Settles(result);
            if (result.Root is { } root)
                ProtobufEncoder.Encode(root, type, new ArrayBufferWriter<byte>());
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Yaml_cut_or_changed_gives_a_document_or_an_error(string name)
    {
        Assert.SkipWhen(GoldenData.Root is null, GoldenData.Missing);
        var yaml = File.ReadAllBytes(GoldenData.PathOf("HEAD", name, ".yaml"));
        for (var length = 0; length < yaml.Length; length += StepFor(yaml))
            Settles(YamlCodec.ToJson(yaml.AsSpan(0, length), strict: true));
        Damage(yaml, damaged => Settles(YamlCodec.ToJson(damaged, strict: true)));
    }

    [Fact]
    public void Envelope_cut_at_each_byte_is_refused_or_read()
    {
        Assert.SkipWhen(GoldenData.Root is null, GoldenData.Missing);
        var envelope = File.ReadAllBytes(GoldenData.PathOf("HEAD", "core.v1.Pod", ".pb"));
        for (var length = 0; length < 64; length++)
            ProtobufEnvelope.TryUnwrap(envelope.AsSpan(0, length), out _, out _);
        Assert.True(ProtobufEnvelope.TryUnwrap(envelope, out _, out _));
    }

    [Fact]
    public void Protobuf_that_claims_a_length_it_does_not_have_allocates_nothing_for_it()
    {
        var type = BuiltInSchema.Find(new GroupVersionKind("", "v1", "Pod"))!;
        byte[] message = [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07];
        ProtobufDecoder.Decode(message, type, null);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("unexpected EOF", ProtobufDecoder.Decode(message, type, null).Error);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
    }

    [Fact]
    public void Protobuf_nested_without_end_is_an_error()
    {
        // JSONSchemaProps holds itself in field 28 (not): lengths that nest as deep as the input allows.
        var type = BuiltInSchema.Get("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps");
        var nested = Array.Empty<byte>();
        var parts = new Stack<byte[]>();
        var length = 0;
        for (var depth = 0; depth < 200_000; depth++)
        {
            var head = new List<byte> { 0xe2, 0x01 };
            for (var rest = (uint)length; ; rest >>= 7)
            {
                head.Add((byte)(rest >= 0x80 ? rest | 0x80 : rest));
                if (rest < 0x80)
                    break;
            }

            parts.Push([.. head]);
            length += head.Count;
        }

        nested = [.. parts.SelectMany(part => part)];
        Assert.NotNull(ProtobufDecoder.Decode(nested, type, null).Error);
    }

    /// <summary>Every byte of a small input; of a large one as many places as take a fraction of a second.</summary>
    private static int StepFor(byte[] whole) => whole.Length < 600 ? 1 : whole.Length / 150;

    private static void Damage(byte[] whole, Action<byte[]> decode)
    {
        foreach (var change in (byte[])[0x00, 0xff, 0x80, (byte)'"', (byte)'{', (byte)'9'])
        {
            for (var at = 0; at < whole.Length; at += StepFor(whole))
            {
                var kept = whole[at];
                if (kept == change)
                    continue;
                whole[at] = change;
                var before = GC.GetAllocatedBytesForCurrentThread();
                decode(whole);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Ground + (Proportion * whole.Length));
                whole[at] = kept;
            }
        }
    }

    private static void Settles(DecodeResult result) => Assert.True(result.Root is null != result.Error is null);

    private static void Settles(YamlResult result) => Assert.True(result.Error is not null || result.Json.Length > 0);

    private static (byte[] Json, SchemaType Type) Json(string name)
    {
        Assert.SkipWhen(GoldenData.Root is null, GoldenData.Missing);
        var type = BuiltInSchema.Find(GoldenTests.KindOf(name))!;
        var output = new ArrayBufferWriter<byte>();
        JsonEncoder.Encode(JsonDecoder.Decode(File.ReadAllBytes(GoldenData.PathOf("HEAD", name, ".json")), type, default).Root!, output);
        return (output.WrittenSpan.ToArray(), type);
    }

    private static (byte[] Message, SchemaType Type) Protobuf(string name)
    {
        Assert.SkipWhen(GoldenData.Root is null, GoldenData.Missing);
        Assert.True(ProtobufEnvelope.TryUnwrap(File.ReadAllBytes(GoldenData.PathOf("HEAD", name, ".pb")), out _, out var message));
        return (message.ToArray(), BuiltInSchema.Find(GoldenTests.KindOf(name))!);
    }
}
