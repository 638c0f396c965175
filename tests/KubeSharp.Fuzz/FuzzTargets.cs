using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Fields;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Patches;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.Fuzz;

/// <summary>One decoder each: whatever the bytes, the target returns. Seeds are inputs that are nearly right, so that
/// mutations get past the first check. What is accepted must be accepted again after a round trip.</summary>
internal static class FuzzTargets
{
    private static readonly GroupVersionKind PodKind = new("", "v1", "Pod");
    private static readonly SchemaType Pod = BuiltInSchema.Find(PodKind)!;
    private static readonly SchemaType Definition = BuiltInSchema.Find(new GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"))!;

    private const string PodJson = """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"x":"y"},"creationTimestamp":"2020-01-01T00:00:00Z"},"spec":{"containers":[
        {"name":"c","image":"i","resources":{"requests":{"cpu":"100m","memory":"1Gi"}},"ports":[{"containerPort":80,"protocol":"TCP"}],
        "livenessProbe":{"httpGet":{"path":"/","port":"http"}},"env":[{"name":"A","value":"\u00e9\n"}]}],"terminationGracePeriodSeconds":30,"hostNetwork":false}}
        """;

    private const string DefinitionJson = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"a.b.c"},"spec":{"group":"b.c","versions":[{"name":"v1","served":true,"schema":
        {"openAPIV3Schema":{"type":"object","properties":{"a":{"type":"array","items":{"type":"string","default":"x"},"additionalProperties":true,"enum":[1,"a",null,1.5e3]}}}}}]}}
        """;

    public static IReadOnlyDictionary<string, FuzzTarget> All { get; } = new Dictionary<string, FuzzTarget>(StringComparer.Ordinal)
    {
        ["json"] = new(Json, [Bytes(PodJson), Bytes(DefinitionJson), Bytes("[1,-0,1e400,\"\\ud800\",null]")]),
        ["yaml"] = new(Yaml, [Bytes("a: &x [1, 0o17, 1_000, ~, on]\nb: *x\nc: |\n  text\n? d\n: !!str 5\n"), Bytes("kind: Pod\nspec:\n  containers:\n  - {name: c, image: \"i\"}\n---\nz: 1\n")]),
        ["protobuf"] = new(Protobuf, [Encoded(PodJson, Pod, PodKind), Encoded(DefinitionJson, Definition, new GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"))]),
        ["jsonpatch"] = new(JsonPatchTarget, [Bytes("[{\"op\":\"add\",\"path\":\"/spec/containers/-\",\"value\":{}},{\"op\":\"move\",\"from\":\"/metadata/labels\",\"path\":\"/x~1y\"},{\"op\":\"test\",\"path\":\"\",\"value\":1}]")]),
        ["strategic"] = new(Strategic, [Bytes("{\"spec\":{\"$retainKeys\":[\"containers\"],\"containers\":[{\"name\":\"c\",\"$patch\":\"delete\"},{\"name\":\"d\"}],\"$setElementOrder/containers\":[{\"name\":\"d\"}]},\"metadata\":{\"$deleteFromPrimitiveList/finalizers\":[\"a\"],\"labels\":null}}")]),
        ["quantity"] = new(QuantityTarget, [Bytes("1.5Gi"), Bytes("-100m"), Bytes("12e6"), Bytes("0.0000000001n")]),
        ["labels"] = new(Labels, [Bytes("a in (b,c),!d,e!=f,x>1,y=z"), Bytes("a.b/c notin (,)")]),
        ["fields"] = new(Fields, [Bytes("metadata.name=a,status.phase!=b\\,c"), Bytes("a==b\\\\")]),
    };

    private static void Json(byte[] input)
    {
        foreach (var schema in (ReadOnlySpan<SchemaType?>)[Pod, Definition, null])
        {
            if (JsonDecoder.Decode(input, schema, new JsonDecodeOptions { Strict = true }).Root is not { } root)
                continue;
            var output = new ArrayBufferWriter<byte>();
            JsonEncoder.Encode(root, output);
            var second = new ArrayBufferWriter<byte>();
            if (JsonDecoder.Decode(output.WrittenSpan, schema, new JsonDecodeOptions()).Root is { } again)
                JsonEncoder.Encode(again, second);
            if (!second.WrittenSpan.SequenceEqual(output.WrittenSpan))
                throw new FuzzFailureException($"what was decoded does not survive a round trip: {Encoding.UTF8.GetString(output.WrittenSpan)}");
        }
    }

    private static void Yaml(byte[] input)
    {
        YamlCodec.ToJson(input, strict: true);
        YamlCodec.Decode(input);
    }

    private static void Protobuf(byte[] input)
    {
        if (!ProtobufEnvelope.TryUnwrap(input, out _, out var message))
            message = input;
        foreach (var schema in (ReadOnlySpan<SchemaType>)[Pod, Definition])
        {
            if (ProtobufDecoder.Decode(message, schema, null).Root is not { } root)
                continue;
            var output = new ArrayBufferWriter<byte>();
            ProtobufEncoder.Encode(root, schema, output);
        }
    }

    private static void JsonPatchTarget(byte[] input) => Patch(input, (document, patch) => JsonPatch.Apply(document, patch));

    private static void Strategic(byte[] input) => Patch(input, (document, patch) => StrategicMergePatch.Apply(document, patch, Pod));

    private static void Patch(byte[] input, Func<Map, Value, Map> apply)
    {
        var patch = JsonDecoder.DecodeValue(input);
        if (patch.IsUndefined)
            return;
        var document = JsonDecoder.Decode(Bytes(PodJson), Pod, new JsonDecodeOptions()).Root!;
        document.Freeze();
        try
        {
            apply(document, patch);
        }
        catch (PatchException exception)
        {
            exception.ToStatus();
        }
    }

    private static void QuantityTarget(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (Quantity.TryParse(text, out var quantity, out _) && !Quantity.TryParse(quantity.ToString(), out _, out var error))
            throw new FuzzFailureException($"{text} became {quantity}, which is none: {error}");
    }

    private static void Labels(byte[] input)
    {
        if (LabelSelector.TryParse(Encoding.UTF8.GetString(input), out var selector, out _) && !LabelSelector.TryParse(selector.ToString(), out _, out var error))
            throw new FuzzFailureException($"{selector} is none any more: {error}");
    }

    private static void Fields(byte[] input)
    {
        if (FieldSelector.TryParse(Encoding.UTF8.GetString(input), out var selector, out _) && !FieldSelector.TryParse(selector.ToString(), out _, out var error))
            throw new FuzzFailureException($"{selector} is none any more: {error}");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Encoded(string json, SchemaType schema, GroupVersionKind kind)
    {
        var output = new ArrayBufferWriter<byte>();
        ProtobufEnvelope.Encode(JsonDecoder.Decode(Bytes(json), schema, new JsonDecodeOptions()).Root!, schema, kind, output);
        return output.WrittenSpan.ToArray();
    }
}

/// <summary>What is fed, and with what to begin.</summary>
internal sealed record FuzzTarget(Action<byte[]> Run, IReadOnlyList<byte[]> Seeds);

/// <summary>A property that does not hold.</summary>
internal sealed class FuzzFailureException(string message) : Exception(message);
