using System.Buffers;
using BenchmarkDotNet.Attributes;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.Benchmarks;

/// <summary>One pod between bytes and tree.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(16 * 1024);
    private readonly Map _tree = SamplePod.Tree();
    private byte[] _protobuf = [];

    [GlobalSetup]
    public void Setup()
    {
        ProtobufEnvelope.Encode(_tree, SamplePod.Schema, SamplePod.Kind, _output);
        _protobuf = _output.WrittenSpan.ToArray();
        _tree.Freeze();
    }

    [Benchmark]
    public object? DecodeJson() => JsonDecoder.Decode(SamplePod.Json, SamplePod.Schema, new JsonDecodeOptions()).Root;

    [Benchmark]
    public int EncodeJson()
    {
        _output.ResetWrittenCount();
        JsonEncoder.Encode(_tree, _output);
        return _output.WrittenCount;
    }

    [Benchmark]
    public object? DecodeProtobuf()
    {
        ProtobufEnvelope.TryUnwrap(_protobuf, out var kind, out var message);
        return ProtobufDecoder.Decode(message, SamplePod.Schema, kind).Root;
    }

    [Benchmark]
    public int EncodeProtobuf()
    {
        _output.ResetWrittenCount();
        ProtobufEnvelope.Encode(_tree, SamplePod.Schema, SamplePod.Kind, _output);
        return _output.WrittenCount;
    }

    [Benchmark]
    public object CloneAndNormalise()
    {
        var copy = _tree.DeepClone();
        NormalForm.Apply(copy, SamplePod.Schema);
        return copy;
    }
}
