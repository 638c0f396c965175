using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.Benchmarks;

/// <summary>A pod as production has them: two containers, an init container, volumes, probes.</summary>
internal static class SamplePod
{
    public static readonly GroupVersionKind Kind = new("", "v1", "Pod");

    public static byte[] Json { get; } = Load();

    public static SchemaType Schema => BuiltInSchema.Find(Kind)!;

    public static Map Tree() => JsonDecoder.Decode(Json, Schema, new JsonDecodeOptions()).Root!;

    private static byte[] Load()
    {
        using var stream = typeof(SamplePod).Assembly.GetManifestResourceStream("pod.json")!;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
