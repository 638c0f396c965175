namespace KubeSharp.ApiMachinery.Documents;

/// <summary>What a <see cref="Value"/> holds. Integers and floats are apart, as in upstream's unstructured content.</summary>
public enum ValueKind : byte
{
    /// <summary>No value: the answer for a key that is not there.</summary>
    Undefined,
    Null,
    Boolean,
    Integer,
    Float,
    String,
    Map,
    Sequence,
}
