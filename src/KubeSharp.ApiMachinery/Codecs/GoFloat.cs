using System.Globalization;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>Floats as Go's strconv.FormatFloat prints them with the fewest digits that read back as the same number.</summary>
internal static class GoFloat
{
    /// <summary>encoding/json's form: an exponent only outside 1e-6 to 1e21, without a leading zero when negative.</summary>
    public static string FormatJson(double value)
    {
        var magnitude = Math.Abs(value);
        return magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21) ? Exponent(value, trim: true) : Plain(value);
    }

    /// <summary>The <c>'g'</c> form that YAML uses: an exponent below 1e-4 and from 1e6 on.</summary>
    public static string FormatGeneral(double value)
    {
        if (double.IsNaN(value))
            return ".nan";
        if (double.IsInfinity(value))
            return value > 0 ? ".inf" : "-.inf";
        var exponent = Split(value).Point - 1;
        return value != 0 && exponent is < -4 or >= 6 ? Exponent(value, trim: false) : Plain(value);
    }

    private static string Plain(double value)
    {
        var (negative, digits, point) = Split(value);
        var body = point <= 0 ? "0." + new string('0', -point) + digits
            : point >= digits.Length ? digits + new string('0', point - digits.Length)
            : digits[..point] + "." + digits[point..];
        if (digits == "0")
            body = "0";
        return negative ? "-" + body : body;
    }

    private static string Exponent(double value, bool trim)
    {
        var (negative, digits, point) = Split(value);
        var exponent = point - 1;
        var mantissa = digits.Length == 1 ? digits : digits[..1] + "." + digits[1..];
        var power = Math.Abs(exponent).ToString(exponent < 0 && trim ? "0" : "00", CultureInfo.InvariantCulture);
        return $"{(negative ? "-" : "")}{mantissa}e{(exponent < 0 ? '-' : '+')}{power}";
    }

    /// <summary>The shortest digits, without zeros at either end, and where the point stands among them.</summary>
    private static (bool Negative, string Digits, int Point) Split(double value)
    {
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var negative = shortest[0] == '-';
        if (negative)
            shortest = shortest[1..];
        var exponent = 0;
        var e = shortest.IndexOf('E', StringComparison.Ordinal);
        if (e >= 0)
        {
            exponent = int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            shortest = shortest[..e];
        }

        var dot = shortest.IndexOf('.', StringComparison.Ordinal);
        var point = (dot < 0 ? shortest.Length : dot) + exponent;
        var digits = dot < 0 ? shortest : shortest.Remove(dot, 1);
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        return digits.Length == 0 ? (negative, "0", 1) : (negative, digits, point - leading);
    }
}
