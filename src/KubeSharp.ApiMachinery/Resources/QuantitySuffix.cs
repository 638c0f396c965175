using System.Globalization;

namespace KubeSharp.ApiMachinery.Resources;

/// <summary>The suffixes of quantities (apimachinery/pkg/api/resource/suffix.go).</summary>
internal static class QuantitySuffix
{
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    public static bool TryInterpret(ReadOnlySpan<char> suffix, out int numberBase, out int exponent, out QuantityFormat format)
    {
        (numberBase, exponent, format) = (10, 0, QuantityFormat.DecimalSi);
        for (var i = 0; i < Decimal.Length; i++)
        {
            if (!suffix.SequenceEqual(Decimal[i]))
                continue;
            exponent = (i - 3) * 3;
            return true;
        }

        for (var i = 1; i < Binary.Length; i++)
        {
            if (!suffix.SequenceEqual(Binary[i]))
                continue;
            (numberBase, exponent, format) = (2, i * 10, QuantityFormat.BinarySi);
            return true;
        }

        format = QuantityFormat.DecimalExponent;
        return suffix.Length > 1 && suffix[0] is 'e' or 'E'
            && int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent);
    }

    /// <summary>The suffix for a power; empty where there is none, as upstream prints it.</summary>
    public static string ForDecimal(int exponent, QuantityFormat format)
    {
        if (format == QuantityFormat.DecimalExponent)
            return exponent == 0 ? "" : "e" + exponent.ToString(CultureInfo.InvariantCulture);
        var at = (exponent / 3) + 3;
        return at >= 0 && at < Decimal.Length ? Decimal[at] : "";
    }

    public static string ForBinary(int powerOf1024) => powerOf1024 < Binary.Length ? Binary[powerOf1024] : "";
}
