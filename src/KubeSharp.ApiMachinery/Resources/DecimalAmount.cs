using System.Numerics;

namespace KubeSharp.ApiMachinery.Resources;

/// <summary>Arithmetic on <c>unscaled * 10^scale</c> of any size.</summary>
internal static class DecimalAmount
{
    /// <summary>The unscaled number at another scale; a fraction that falls away rounds away from zero.</summary>
    public static BigInteger Rescale(BigInteger unscaled, int scale, int newScale)
    {
        if (scale >= newScale)
            return unscaled * BigInteger.Pow(10, scale - newScale);
        if (newScale - scale > Digits(unscaled))
            return unscaled.Sign;
        var quotient = BigInteger.DivRem(unscaled, BigInteger.Pow(10, newScale - scale), out var remainder);
        return remainder.IsZero ? quotient : quotient + remainder.Sign;
    }

    /// <summary>Compares without computing powers when the magnitudes tell.</summary>
    public static int Compare(BigInteger left, int leftScale, BigInteger right, int rightScale)
    {
        if (left.Sign != right.Sign || left.IsZero)
            return left.Sign.CompareTo(right.Sign);
        if (leftScale == rightScale)
            return left.CompareTo(right);
        var magnitude = ((long)Digits(left) + leftScale).CompareTo((long)Digits(right) + rightScale);
        if (magnitude != 0)
            return magnitude * left.Sign;
        var scale = Math.Min(leftScale, rightScale);
        return Rescale(left, leftScale, scale).CompareTo(Rescale(right, rightScale, scale));
    }

    /// <summary>Divides by a factor as often as it goes without remainder.</summary>
    public static int RemoveFactors(ref BigInteger number, int factor)
    {
        var times = 0;
        while (!number.IsZero)
        {
            var quotient = BigInteger.DivRem(number, factor, out var remainder);
            if (!remainder.IsZero)
                break;
            number = quotient;
            times++;
        }

        return times;
    }

    private static int Digits(BigInteger number) => BigInteger.Abs(number).ToString().Length;
}
