using System.Globalization;
using System.Numerics;

namespace KubeSharp.ApiMachinery.Resources;

/// <summary>Reads quantities as upstream's hand-written parser does, its leniencies included (<c>"+"</c> and <c>"."</c> are zero).
/// Follows apimachinery/pkg/api/resource/quantity.go: parseQuantityString, ParseQuantity.</summary>
internal static class QuantityParser
{
    private const string FormatWrong =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private const string NumericWrong = "unable to parse numeric part of quantity";
    private const string SuffixWrong = "unable to parse quantity's suffix";

    /// <summary>The number of decimal digits that always fit into 64 bits.</summary>
    private const int SafeDigits = 18;

    /// <summary>Differs: upstream would compute a power of ten with that many digits.</summary>
    private const int MaximumExponentOfLongNumbers = 4096;

    private ref struct Parts
    {
        public bool Negative;
        public ReadOnlySpan<char> Whole;
        public ReadOnlySpan<char> Fraction;
        public ReadOnlySpan<char> Suffix;
    }

    public static bool TryParse(string text, out Quantity quantity, out string error)
    {
        (quantity, error) = (default, "");
        if (text.Length == 0 || !TrySplit(text, out var parts))
        {
            error = FormatWrong;
            return false;
        }

        if (!QuantitySuffix.TryInterpret(parts.Suffix, out var numberBase, out var exponent, out var format))
        {
            error = SuffixWrong;
            return false;
        }

        if (TryFast(text, parts, exponent, format, out quantity))
            return true;
        if (parts.Whole.Length + parts.Fraction.Length == 0 || (numberBase == 10 && Math.Abs((long)exponent) > MaximumExponentOfLongNumbers))
        {
            error = NumericWrong;
            return false;
        }

        quantity = Exact(parts, numberBase, exponent, format);
        return true;
    }

    private static bool TrySplit(string text, out Parts parts)
    {
        parts = default;
        var rest = text.AsSpan();
        if (rest[0] is '-' or '+')
        {
            parts.Negative = rest[0] == '-';
            rest = rest[1..];
        }

        rest = rest.TrimStart('0');
        if (rest.Length == 0)
        {
            parts.Whole = "0";
            parts.Negative = false;
            return true;
        }

        parts.Whole = Take(ref rest, "0123456789");
        if (parts.Whole.Length == 0)
            parts.Whole = "0";
        if (rest.Length > 0 && rest[0] == '.')
        {
            rest = rest[1..];
            parts.Fraction = Take(ref rest, "0123456789");
        }

        parts.Suffix = rest;
        Take(ref rest, "eEinumkKMGTP");
        if (rest.Length > 0 && rest[0] is '-' or '+')
            rest = rest[1..];
        Take(ref rest, "0123456789");
        return rest.Length == 0;
    }

    private static ReadOnlySpan<char> Take(scoped ref ReadOnlySpan<char> rest, string characters)
    {
        var end = rest.IndexOfAnyExcept(characters);
        if (end < 0)
            end = rest.Length;
        var taken = rest[..end];
        rest = rest[end..];
        return taken;
    }

    // Numbers that fit into 64 bits; a text that is likely canonical is kept.
    private static bool TryFast(string text, Parts parts, int exponent, QuantityFormat format, out Quantity quantity)
    {
        quantity = default;
        var digits = parts.Whole.Length + parts.Fraction.Length;
        var scale = format == QuantityFormat.BinarySi ? 0 : exponent;
        var multiplier = 1L;
        var precision = SafeDigits - digits;
        if (format == QuantityFormat.BinarySi)
        {
            if (parts.Fraction.Length > 0)
                return false;
            multiplier = 1L << exponent;
            precision = 15 - parts.Whole.Length - (exponent * 3 / 10) - 1;
        }

        if (precision < 0)
            return false;
        scale -= parts.Fraction.Length;
        if (scale < -9)
            return false;
        Span<char> shifted = stackalloc char[digits];
        parts.Whole.CopyTo(shifted);
        parts.Fraction.CopyTo(shifted[parts.Whole.Length..]);
        var value = long.Parse(shifted, NumberStyles.None, CultureInfo.InvariantCulture);
        var product = (Int128)value * multiplier;
        if (product > long.MaxValue)
            return false;
        var signed = (long)(parts.Negative ? -product : product);
        var keep = format == QuantityFormat.BinarySi
            ? exponent % 10 == 0 && (value & 7) != 0
            : scale % 3 == 0 && !shifted.EndsWith("000") && shifted[0] != '0';
        quantity = Quantity.Create(signed, scale, format, keep || text == "0" ? text : null);
        return true;
    }

    private static Quantity Exact(Parts parts, int numberBase, int exponent, QuantityFormat format)
    {
        var unscaled = BigInteger.Parse(string.Concat(parts.Whole, parts.Fraction), NumberStyles.None, CultureInfo.InvariantCulture);
        var scale = -parts.Fraction.Length;
        if (numberBase == 10)
            scale += exponent;
        else
            unscaled <<= exponent;
        if (!unscaled.IsZero)
        {
            unscaled = DecimalAmount.Rescale(unscaled, scale, -9);
            scale = -9;
        }

        // The largest binary amount is what 64 bits hold.
        var limit = long.MaxValue * BigInteger.Pow(10, 9);
        if (format == QuantityFormat.BinarySi && unscaled > limit && scale == -9)
            unscaled = limit;
        if (format == QuantityFormat.BinarySi && unscaled.Sign > 0 && unscaled < BigInteger.Pow(10, 9))
            format = QuantityFormat.DecimalSi;
        return Quantity.Create(parts.Negative ? -unscaled : unscaled, scale, format);
    }
}
