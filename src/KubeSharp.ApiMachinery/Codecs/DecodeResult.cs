using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>What a decoder made of its input: a tree, or the one error that ended it. <paramref name="StrictErrors"/>
/// are unknown and duplicate fields, in the order of the input, when they were asked for.</summary>
public readonly record struct DecodeResult(Map? Root, string? Error, IReadOnlyList<string> StrictErrors)
{
    public static DecodeResult Failed(string error) => new(null, error, []);
}

/// <summary>How to decode JSON.</summary>
public readonly record struct JsonDecodeOptions
{
    /// <summary>Collect unknown and duplicate fields.</summary>
    public bool Strict { get; init; }

    /// <summary>Report strict errors as the converter of untyped trees does: sorted, keys of maps left out of their paths
    /// (apimachinery/pkg/runtime/converter.go).</summary>
    public bool AsConverter { get; init; }

    /// <summary>Keep empty lists and maps that printing would leave out (<see cref="NormalForm"/> drops them later).</summary>
    public bool KeepEmpties { get; init; }
}

/// <summary>apiVersion and kind of a document, empty where absent.</summary>
public readonly record struct TypeMetaText(string ApiVersion, string Kind);
