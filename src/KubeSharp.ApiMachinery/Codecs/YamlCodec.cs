using System.Buffers;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Codecs;

public readonly record struct YamlResult(ReadOnlyMemory<byte> Json, string? Error, IReadOnlyList<string> StrictErrors);

public static class YamlCodec
{
    public static YamlResult ToJson(ReadOnlySpan<byte> yaml, bool strict) => throw new NotSupportedException();

    public static void Encode(Value tree, IBufferWriter<byte> output) => throw new NotSupportedException();
}
