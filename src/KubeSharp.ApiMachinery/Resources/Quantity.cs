using System.Globalization;
using System.Numerics;
using Document = KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Resources;

/// <summary>
/// An exact amount of a resource: <c>500m</c>, <c>1.5Gi</c>, <c>12e6</c>. Immutable. 64-bit numbers with a decimal scale; larger
/// ones by BigInteger. Compares by amount, whatever the format. Follows apimachinery/pkg/api/resource/quantity.go, v1.36.
/// </summary>
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    private readonly long _value;
    private readonly int _scale;
    private readonly object? _large;
    private readonly string? _text;

    private Quantity(long value, int scale, object? large, QuantityFormat format, string? text)
    {
        _value = value;
        _scale = scale;
        _large = large;
        Format = format;
        _text = text;
    }

    public QuantityFormat Format { get; }

    public bool IsZero => Sign == 0;

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => _large is BigInteger large ? large.Sign : Math.Sign(_value);

    private BigInteger Unscaled => _large is BigInteger large ? large : _value;

    /// <summary>Parses; false with upstream's message.</summary>
    public static bool TryParse(string text, out Quantity quantity, out string error) => QuantityParser.TryParse(text, out quantity, out error);

    /// <exception cref="FormatException">With upstream's message.</exception>
    public static Quantity Parse(string text) =>
        TryParse(text, out var quantity, out var error) ? quantity : throw new FormatException(error);

    /// <summary>Reads a document's value, a number or a string (spaces around are ignored); absent or malformed reads as zero.</summary>
    public static Quantity FromValue(Document.Value value) => value.Kind switch
    {
        Document.ValueKind.String => TryParse(value.AsString!.Trim(), out var quantity, out _) ? quantity : default,
        Document.ValueKind.Integer => FromInt64(value.AsInteger!.Value),
        Document.ValueKind.Float => TryParse(value.AsDouble!.Value.ToString("R", CultureInfo.InvariantCulture), out var quantity, out _) ? quantity : default,
        _ => default,
    };

    public static Quantity FromInt64(long value, QuantityFormat format = QuantityFormat.DecimalSi) => new(value, 0, null, format, null);

    /// <summary>From thousandths, as CPU is counted.</summary>
    public static Quantity FromMilli(long value, QuantityFormat format = QuantityFormat.DecimalSi) => new(value, -3, null, format, null);

    /// <summary>The whole amount, a fraction rounded up; see <see cref="ScaledValue"/>.</summary>
    public long Value() => ScaledValue(0);

    /// <summary>The amount in thousandths, rounded up; see <see cref="ScaledValue"/>.</summary>
    public long MilliValue() => ScaledValue(-3);

    /// <summary>The amount in units of 10^scale, rounded away from zero. Overflow gives what upstream gives: 0 for a small number
    /// with a large suffix, the low 64 bits for a large number.</summary>
    public long ScaledValue(int scale)
    {
        if (_large is BigInteger large)
        {
            if (_scale >= scale)
                return Wrap(DecimalAmount.Rescale(large, _scale, scale));
            var divisor = BigInteger.Pow(10, scale - _scale);
            var quotient = BigInteger.DivRem(large, divisor, out var remainder);
            return Wrap(remainder.Sign > 0 ? quotient + 1 : quotient);
        }

        if (_scale == scale || _value == 0)
            return _value;
        if (_scale - scale > 19)
            return 0;
        var scaled = DecimalAmount.Rescale(_value, _scale, scale);
        return scaled >= long.MinValue && scaled <= long.MaxValue ? (long)scaled : 0;
    }

    /// <summary>The whole number, when it is one and fits.</summary>
    public bool TryGetInt64(out long value)
    {
        value = 0;
        if (_large is not null || _scale < 0)
            return false;
        if (_value != 0 && _scale > 19)
            return false;
        var scaled = _value == 0 ? BigInteger.Zero : DecimalAmount.Rescale(_value, _scale, 0);
        if (scaled > long.MaxValue || scaled < long.MinValue)
            return false;
        value = (long)scaled;
        return true;
    }

    /// <summary>The nearest double, for metrics and scoring.</summary>
    public double ToDouble() => (double)Unscaled * Math.Pow(10, _scale);

    /// <summary>Rounded away from zero to a multiple of 10^scale (-3: thousandths).</summary>
    public Quantity RoundUp(int scale) => _scale >= scale ? this : Create(DecimalAmount.Rescale(Unscaled, _scale, scale), scale, Format);

    public int CompareTo(Quantity other) => _large is null && other._large is null && _scale == other._scale
        ? _value.CompareTo(other._value)
        : DecimalAmount.Compare(Unscaled, _scale, other.Unscaled, other._scale);

    public bool Equals(Quantity other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    public override int GetHashCode()
    {
        var number = Unscaled;
        var scale = _scale + DecimalAmount.RemoveFactors(ref number, 10);
        return number.IsZero ? 0 : HashCode.Combine(number, scale);
    }

    /// <summary>The sum; zero takes the other's format.</summary>
    public static Quantity operator +(Quantity left, Quantity right)
    {
        var format = left.IsZero ? right.Format : left.Format;
        if (left._large is null && right._large is null && left._scale == right._scale)
        {
            var sum = (Int128)left._value + right._value;
            if (sum >= long.MinValue && sum <= long.MaxValue)
                return new Quantity((long)sum, left._scale, null, format, null);
        }

        if (right.IsZero)
            return new Quantity(left._value, left._scale, left._large, format, null);
        if (left.IsZero)
            return new Quantity(right._value, right._scale, right._large, format, null);
        var scale = Math.Min(left._scale, right._scale);
        return Create(
            DecimalAmount.Rescale(left.Unscaled, left._scale, scale) + DecimalAmount.Rescale(right.Unscaled, right._scale, scale), scale, format);
    }

    public static Quantity operator -(Quantity left, Quantity right) => left + -right;

    public static Quantity operator -(Quantity quantity) => Create(-quantity.Unscaled, quantity._scale, quantity.Format);

    public static Quantity operator *(Quantity quantity, long factor) => Create(quantity.Unscaled * factor, quantity._scale, quantity.Format);

    public static bool operator ==(Quantity left, Quantity right) => left.Equals(right);

    public static bool operator !=(Quantity left, Quantity right) => !left.Equals(right);

    public static bool operator <(Quantity left, Quantity right) => left.CompareTo(right) < 0;

    public static bool operator >(Quantity left, Quantity right) => left.CompareTo(right) > 0;

    public static bool operator <=(Quantity left, Quantity right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Quantity left, Quantity right) => left.CompareTo(right) >= 0;

    /// <summary>The canonical text; a canonical input is printed as it was read.</summary>
    public override string ToString()
    {
        if (_text is not null)
            return _text;
        var number = Unscaled;
        if (number.IsZero)
            return "0";
        if (Format == QuantityFormat.BinarySi && DecimalAmount.Compare(BigInteger.Abs(number), _scale, 1024, 0) >= 0)
        {
            var whole = DecimalAmount.Rescale(number, _scale, 0);
            if (DecimalAmount.Compare(whole, 0, number, _scale) == 0)
            {
                var power = DecimalAmount.RemoveFactors(ref whole, 1024);
                return whole.ToString(CultureInfo.InvariantCulture) + QuantitySuffix.ForBinary(power);
            }
        }

        var format = Format == QuantityFormat.BinarySi ? QuantityFormat.DecimalSi : Format;
        var exponent = _scale + DecimalAmount.RemoveFactors(ref number, 10);
        for (; exponent % 3 != 0; exponent--)
            number *= 10;
        return number.ToString(CultureInfo.InvariantCulture) + QuantitySuffix.ForDecimal(exponent, format);
    }

    internal static Quantity Create(long value, int scale, QuantityFormat format, string? text) => new(value, scale, null, format, text);

    internal static Quantity Create(BigInteger unscaled, int scale, QuantityFormat format) =>
        unscaled >= long.MinValue && unscaled <= long.MaxValue
            ? new Quantity((long)unscaled, scale, null, format, null)
            : new Quantity(0, scale, unscaled, format, null);

    private static long Wrap(BigInteger number) => unchecked((long)(ulong)(number & ulong.MaxValue));
}
