using System.Diagnostics;
using System.Globalization;

namespace KubeSharp.ApiMachinery.Documents;

/// <summary>
/// One node of a document: 16 bytes, no allocation for null, booleans and numbers. Strings, maps and sequences are
/// references. A value is immutable itself; a map or sequence that it refers to is immutable once frozen.
/// Follows the value set of unstructured content: nil, bool, int64, float64, string, map, slice
/// (apimachinery/pkg/runtime/converter.go, v1.36).
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct Value : IEquatable<Value>
{
    private static readonly object NullTag = new();
    private static readonly object BooleanTag = new();
    private static readonly object IntegerTag = new();
    private static readonly object FloatTag = new();

    private readonly object? _reference;
    private readonly long _bits;

    private Value(object? reference, long bits)
    {
        _reference = reference;
        _bits = bits;
    }

    /// <summary>The JSON null, which is not the same as an absent key (<c>default</c>).</summary>
    public static Value Null => new(NullTag, 0);

    public static implicit operator Value(bool value) => new(BooleanTag, value ? 1 : 0);

    public static implicit operator Value(int value) => new(IntegerTag, value);

    public static implicit operator Value(long value) => new(IntegerTag, value);

    public static implicit operator Value(double value) => new(FloatTag, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A string; a null reference becomes an undefined value.</summary>
    public static implicit operator Value(string? value) => new(value, 0);

    /// <summary>A map; a null reference becomes an undefined value.</summary>
    public static implicit operator Value(Map? value) => new(value, 0);

    /// <summary>A sequence; a null reference becomes an undefined value.</summary>
    public static implicit operator Value(Sequence? value) => new(value, 0);

    public ValueKind Kind => _reference switch
    {
        null => ValueKind.Undefined,
        string => ValueKind.String,
        Documents.Map => ValueKind.Map,
        Documents.Sequence => ValueKind.Sequence,
        _ when ReferenceEquals(_reference, IntegerTag) => ValueKind.Integer,
        _ when ReferenceEquals(_reference, BooleanTag) => ValueKind.Boolean,
        _ when ReferenceEquals(_reference, FloatTag) => ValueKind.Float,
        _ => ValueKind.Null,
    };

    public bool IsUndefined => _reference is null;

    public bool IsNull => ReferenceEquals(_reference, NullTag);

    /// <summary>True for an absent key and for JSON null.</summary>
    public bool IsNullOrUndefined => _reference is null || ReferenceEquals(_reference, NullTag);

    /// <summary>The map, or null when this is something else.</summary>
    public Map? AsMap => _reference as Map;

    /// <summary>The sequence, or null when this is something else.</summary>
    public Sequence? AsSequence => _reference as Sequence;

    /// <summary>The string, or null when this is something else.</summary>
    public string? AsString => _reference as string;

    /// <summary>The integer, or null when this is something else (a float is not an integer).</summary>
    public long? AsInteger => ReferenceEquals(_reference, IntegerTag) ? _bits : null;

    /// <summary>The boolean, or null when this is something else.</summary>
    public bool? AsBoolean => ReferenceEquals(_reference, BooleanTag) ? _bits != 0 : null;

    /// <summary>The number as a double, from an integer too; null when this is no number.</summary>
    public double? AsDouble =>
        ReferenceEquals(_reference, FloatTag) ? BitConverter.Int64BitsToDouble(_bits)
        : ReferenceEquals(_reference, IntegerTag) ? _bits
        : null;

    /// <summary>True when both are the very same node: equal without looking inside.</summary>
    public bool IsSameNode(Value other) => ReferenceEquals(_reference, other._reference) && _bits == other._bits;

    /// <summary>Freezes the map or sequence below, if this refers to one.</summary>
    public void Freeze()
    {
        if (_reference is Map map)
            map.Freeze();
        else if (_reference is Sequence sequence)
            sequence.Freeze();
    }

    /// <summary>A copy that shares nothing mutable with this value.</summary>
    public Value DeepClone() => _reference switch
    {
        Map map => map.DeepClone(),
        Sequence sequence => sequence.DeepClone(),
        _ => this,
    };

    /// <summary>Deep equality: maps without regard to key order, sequences in order, integers never equal to floats.</summary>
    public bool Equals(Value other)
    {
        if (IsSameNode(other))
            return true;
        return _reference switch
        {
            string text => other._reference is string otherText && text == otherText,
            Map map => other._reference is Map otherMap && map.DeepEquals(otherMap),
            Sequence sequence => other._reference is Sequence otherSequence && sequence.DeepEquals(otherSequence),
            _ => false,
        };
    }

    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <summary>A shallow hash: maps and sequences hash by their count, because deep hashes are never needed.</summary>
    public override int GetHashCode() => _reference switch
    {
        string text => text.GetHashCode(StringComparison.Ordinal),
        Map map => HashCode.Combine(1, map.Count),
        Sequence sequence => HashCode.Combine(2, sequence.Count),
        _ => HashCode.Combine(Kind, _bits),
    };

    public static bool operator ==(Value left, Value right) => left.Equals(right);

    public static bool operator !=(Value left, Value right) => !left.Equals(right);

    public override string ToString() => Kind switch
    {
        ValueKind.Undefined => "<undefined>",
        ValueKind.Null => "null",
        ValueKind.Boolean => _bits != 0 ? "true" : "false",
        ValueKind.Integer => _bits.ToString(CultureInfo.InvariantCulture),
        ValueKind.Float => AsDouble!.Value.ToString("R", CultureInfo.InvariantCulture),
        ValueKind.String => AsString!,
        ValueKind.Map => $"{{{AsMap!.Count}}}",
        _ => $"[{AsSequence!.Count}]",
    };
}
