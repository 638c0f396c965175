using System.Buffers;
using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>How an element of a path selects.</summary>
public enum PathElementKind : byte
{
    /// <summary>A field of a map or struct by name.</summary>
    Field,

    /// <summary>An item of an associative list by the values of its key fields.</summary>
    Key,

    /// <summary>An item of a set by its value.</summary>
    Value,

    /// <summary>An item by position.</summary>
    Index,
}

/// <summary>One step of a field path (structured-merge-diff/v6/fieldpath/element.go). Immutable; ordered as upstream
/// orders: fields, keys, values, indices.</summary>
public readonly struct PathElement : IEquatable<PathElement>, IComparable<PathElement>
{
    private readonly string? _name;
    private readonly Value _value;
    private readonly (string Name, Value Value)[]? _key;

    private PathElement(PathElementKind kind, string? name, Value value, (string, Value)[]? key)
    {
        Kind = kind;
        _name = name;
        _value = value;
        _key = key;
    }

    public PathElementKind Kind { get; }

    /// <summary>The field's name; empty for other kinds.</summary>
    public string Name => _name ?? "";

    public static PathElement Field(string name) => new(PathElementKind.Field, name, default, null);

    public static PathElement OfValue(Value value) => new(PathElementKind.Value, null, value, null);

    public static PathElement Index(long index) => new(PathElementKind.Index, null, index, null);

    /// <param name="key">Key fields, sorted by name here.</param>
    public static PathElement Key((string Name, Value Value)[] key)
    {
        Array.Sort(key, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new PathElement(PathElementKind.Key, null, default, key);
    }

    public int CompareTo(PathElement other)
    {
        if (Kind != other.Kind)
            return Kind.CompareTo(other.Kind);
        switch (Kind)
        {
            case PathElementKind.Field:
                return ReferenceEquals(_name, other._name) ? 0 : string.CompareOrdinal(_name, other._name);
            case PathElementKind.Key:
                for (var i = 0; i < _key!.Length && i < other._key!.Length; i++)
                {
                    var order = string.CompareOrdinal(_key[i].Name, other._key[i].Name);
                    if (order == 0)
                        order = ValueOrder.Compare(_key[i].Value, other._key[i].Value);
                    if (order != 0)
                        return order;
                }

                return _key.Length.CompareTo(other._key!.Length);
            default:
                return ValueOrder.Compare(_value, other._value);
        }
    }

    public bool Equals(PathElement other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is PathElement other && Equals(other);

    public override int GetHashCode() => Kind switch
    {
        PathElementKind.Field => _name!.GetHashCode(StringComparison.Ordinal),
        PathElementKind.Key => _key!.Length == 0 ? 0 : _key[0].Value.GetHashCode(),
        _ => _value.GetHashCode(),
    };

    public static bool operator ==(PathElement left, PathElement right) => left.Equals(right);

    public static bool operator !=(PathElement left, PathElement right) => !left.Equals(right);

    public static bool operator <(PathElement left, PathElement right) => left.CompareTo(right) < 0;

    public static bool operator >(PathElement left, PathElement right) => left.CompareTo(right) > 0;

    public static bool operator <=(PathElement left, PathElement right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PathElement left, PathElement right) => left.CompareTo(right) >= 0;

    /// <summary>The element in messages: <c>.spec</c>, <c>[name="a"]</c>, <c>[="v"]</c>, <c>[3]</c>.</summary>
    public override string ToString() => Kind switch
    {
        PathElementKind.Field => "." + _name,
        PathElementKind.Key => "[" + string.Join(',', _key!.Select(k => $"{k.Name}={Print(k.Value)}")) + "]",
        PathElementKind.Value => $"[={Print(_value)}]",
        _ => $"[{Print(_value)}]",
    };

    /// <summary>The element as a key of FieldsV1: <c>f:spec</c>, <c>k:{"name":"a"}</c>, <c>v:"v"</c>, <c>i:3</c>
    /// (fieldpath/serialize-pe.go).</summary>
    public string Serialize()
    {
        switch (Kind)
        {
            case PathElementKind.Field:
                return "f:" + _name;
            case PathElementKind.Key:
                var map = new Map(_key!.Length);
                foreach (var (name, value) in _key)
                    map.Append(name, value);
                return "k:" + Json(map);
            case PathElementKind.Value:
                return "v:" + Json(_value);
            default:
                return "i:" + _value.AsInteger!.Value.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Reads a key of FieldsV1.</summary>
    /// <returns>False for kinds of elements that are not known, which readers skip.</returns>
    /// <exception cref="FormatException">The element is malformed.</exception>
    public static bool TryParse(string text, out PathElement element)
    {
        element = default;
        if (text.Length < 2 || text[1] != ':')
            throw new FormatException($"missing colon: {GoText.Quote(text)}");
        var rest = text.AsSpan(2);
        switch (text[0])
        {
            case 'f':
                element = Field(string.IsInterned(text[2..]) ?? text[2..]);
                return true;
            case 'v':
                element = OfValue(ParseJson(rest));
                return true;
            case 'k':
                if (ParseJson(rest).AsMap is not { } map)
                    throw new FormatException("key is no object");
                var key = new (string, Value)[map.Count];
                for (var i = 0; i < key.Length; i++)
                    key[i] = (map.KeyAt(i), map.ValueAt(i));
                element = Key(key);
                return true;
            case 'i':
                element = Index(long.Parse(rest, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
                return true;
            default:
                return false;
        }
    }

    private static Value ParseJson(ReadOnlySpan<char> text)
    {
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        var value = JsonDecoder.DecodeValue(bytes);
        return value.IsUndefined ? throw new FormatException($"not JSON: {text}") : value;
    }

    private static string Json(Value value)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        JsonEncoder.Encode(value, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Print(Value value) => value.AsString is { } text ? GoText.Quote(text) : value.IsNull ? "null" : GoText.Json(value);
}
