using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Meta;

/// <summary><c>meta/v1 Duration</c>: Go's text form (<c>1h15m30.918s</c>), nanoseconds in 64 bits. Follows Go's time.ParseDuration
/// and Duration.String.</summary>
public static class GoDuration
{
    private const ulong Limit = 1UL << 63;

    private static readonly System.Buffers.SearchValues<char> NumberCharacters = System.Buffers.SearchValues.Create(".0123456789");

    /// <summary>Parses; false with Go's message.</summary>
    public static bool TryParse(string text, out long nanoseconds, out string error)
    {
        (nanoseconds, error) = (0, "");
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
            rest = rest[1..];
        if (rest is "0")
            return true;
        ulong total = 0;
        do
        {
            if (rest.Length == 0 || !TryTakeNumber(ref rest, out var whole, out var fraction, out var scale))
                return Invalid(text, out error);
            var end = rest.IndexOfAny(NumberCharacters);
            var unit = end < 0 ? rest : rest[..end];
            rest = rest[unit.Length..];
            if (unit.Length == 0)
            {
                error = $"time: missing unit in duration {GoText.Quote(text)}";
                return false;
            }

            var size = UnitOf(unit);
            if (size == 0)
            {
                error = $"time: unknown unit {GoText.Quote(unit.ToString())} in duration {GoText.Quote(text)}";
                return false;
            }

            var part = (UInt128)whole * size;
            if (fraction > 0)
                part += (ulong)(fraction * (size / scale));
            if (part + total > Limit)
                return Invalid(text, out error);
            total += (ulong)part;
        }
        while (rest.Length > 0);

        if (!negative && total == Limit)
            return Invalid(text, out error);
        nanoseconds = negative ? unchecked(-(long)total) : (long)total;
        return true;
    }

    /// <summary>Parses to ticks of 100 ns; null when malformed.</summary>
    public static TimeSpan? ParseOrNull(string text) =>
        TryParse(text, out var nanoseconds, out _) ? TimeSpan.FromTicks(nanoseconds / 100) : null;

    public static string Format(TimeSpan duration) => Format(duration.Ticks * 100);

    public static string Format(long nanoseconds)
    {
        if (nanoseconds == 0)
            return "0s";
        var negative = nanoseconds < 0;
        var value = negative ? unchecked((ulong)-nanoseconds) : (ulong)nanoseconds;
        var text = value switch
        {
            < 1_000 => value.ToString(CultureInfo.InvariantCulture) + "ns",
            < 1_000_000 => Fraction(value, 1_000) + "µs",
            < 1_000_000_000 => Fraction(value, 1_000_000) + "ms",
            _ => Long(value),
        };
        return negative ? "-" + text : text;
    }

    private static string Long(ulong nanoseconds)
    {
        var minutes = nanoseconds / 60_000_000_000;
        var seconds = Fraction(nanoseconds % 60_000_000_000, 1_000_000_000) + "s";
        if (minutes == 0)
            return seconds;
        return minutes < 60 ? $"{minutes}m{seconds}" : $"{minutes / 60}h{minutes % 60}m{seconds}";
    }

    private static string Fraction(ulong value, ulong unit)
    {
        var builder = new StringBuilder().Append(value / unit);
        var rest = value % unit;
        if (rest == 0)
            return builder.ToString();
        var width = unit.ToString(CultureInfo.InvariantCulture).Length - 1;
        return builder.Append('.').Append(rest.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0').TrimEnd('0')).ToString();
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<char> rest, out ulong whole, out ulong fraction, out double scale)
    {
        (fraction, scale) = (0, 1);
        var wholeDigits = Digits(rest);
        if (!TryWhole(rest[..wholeDigits], out whole))
            return false;
        rest = rest[wholeDigits..];
        if (rest.Length == 0 || rest[0] != '.')
            return wholeDigits > 0;
        rest = rest[1..];
        var fractionDigits = Digits(rest);
        for (var i = 0; i < fractionDigits && fraction <= (Limit - 10) / 10; i++)
        {
            fraction = (fraction * 10) + (ulong)(rest[i] - '0');
            scale *= 10;
        }

        rest = rest[fractionDigits..];
        return wholeDigits + fractionDigits > 0;
    }

    private static bool TryWhole(ReadOnlySpan<char> digits, out ulong whole)
    {
        whole = 0;
        return digits.Length == 0 || (ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out whole) && whole <= Limit);
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length : end;
    }

    private static ulong UnitOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => 0,
    };

    private static bool Invalid(string text, out string error)
    {
        error = $"time: invalid duration {GoText.Quote(text)}";
        return false;
    }
}
