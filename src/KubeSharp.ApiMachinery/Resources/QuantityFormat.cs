namespace KubeSharp.ApiMachinery.Resources;

/// <summary>How a quantity prints; taken from the suffix that it was read with.</summary>
public enum QuantityFormat
{
    /// <summary><c>12e6</c>.</summary>
    DecimalExponent,

    /// <summary><c>12Mi</c>: powers of 1024.</summary>
    BinarySi,

    /// <summary><c>12M</c>, <c>500m</c>: powers of 1000.</summary>
    DecimalSi,
}
