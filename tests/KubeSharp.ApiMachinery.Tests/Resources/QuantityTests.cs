using KubeSharp.ApiMachinery.Resources;

namespace KubeSharp.ApiMachinery.Tests.Resources;

public class QuantityTests
{
    // input, canonical text: from the tables of apimachinery/pkg/api/resource/quantity_test.go.
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0n", "0")]
    [InlineData("0Ki", "0")]
    [InlineData("00", "0")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("307200Ki", "300Mi")]
    [InlineData("6Ki", "6Ki")]
    [InlineData("1025024Mi", "1001Gi")]
    [InlineData("1024Gi", "1Ti")]
    [InlineData("5000m", "5")]
    [InlineData("0.5", "500m")]
    [InlineData("1000M", "1G")]
    [InlineData("0.001T", "1G")]
    [InlineData("1000u", "1m")]
    [InlineData("80m", "80m")]
    [InlineData("1.08", "1080m")]
    [InlineData("1080000000n", "1080m")]
    [InlineData("1234567M", "1234567M")]
    [InlineData("1025", "1025")]
    [InlineData(".001e12", "1e9")]
    [InlineData("0.001e0", "1e-3")]
    [InlineData("1000e-12", "1e-9")]
    [InlineData("80e-3", "80e-3")]
    [InlineData("1E", "1E")]
    [InlineData("1.7E18", "1700e15")]
    [InlineData("3.001n", "4n")]
    [InlineData("1.1E-9", "2e-9")]
    [InlineData("0.0000000001", "1n")]
    [InlineData("0.00000012345", "124n")]
    [InlineData("9Ei", "9223372036854775807")]
    [InlineData("9223372036854775807Ki", "9223372036854775807")]
    [InlineData("0.5Mi", "512Ki")]
    [InlineData("100.035Ki", "102435840m")]
    [InlineData("0.000000000001Ki", "2n")]
    [InlineData("-1024Mi", "-1Gi")]
    [InlineData("-0.5", "-500m")]
    [InlineData("-3.001n", "-4n")]
    public void Canonicalises(string input, string canonical) => Assert.Equal(canonical, Quantity.Parse(input).ToString());

    // A scale that is a multiple of three and no trailing thousands: ParseQuantity keeps the text, canonical or not.
    [Theory]
    [InlineData("1500m")]
    [InlineData("1080m")]
    [InlineData("12e6")]
    [InlineData("3Gi")]
    [InlineData("1E6")]
    [InlineData("100.035k")]
    [InlineData("1.G")]
    public void Keeps_text_that_looks_canonical(string text) => Assert.Same(text, Quantity.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("1.1.M")]
    [InlineData("1+1.0M")]
    [InlineData("aoeu")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    public void Refuses_the_format(string text)
    {
        Assert.False(Quantity.TryParse(text, out _, out var error));
        Assert.Equal("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'", error);
    }

    [Theory]
    [InlineData(".5i")]
    [InlineData("1i")]
    [InlineData("-3.01i")]
    [InlineData("-3.01e-")]
    [InlineData("1Mib", false)]
    public void Refuses_the_suffix(string text, bool bySuffix = true)
    {
        Assert.False(Quantity.TryParse(text, out _, out var error));
        Assert.Equal(bySuffix, error == "unable to parse quantity's suffix");
    }

    [Theory]
    [InlineData("1m", 1, 1)]
    [InlineData("1500m", 2, 1500)]
    [InlineData("-1500m", -2, -1500)]
    [InlineData("1Ki", 1024, 1024000)]
    [InlineData("1n", 1, 1)]
    [InlineData("12E", 0, 0)]
    public void Rounds_away_from_zero(string text, long value, long milli)
    {
        var quantity = Quantity.Parse(text);
        Assert.Equal(value, quantity.Value());
        Assert.Equal(milli, quantity.MilliValue());
    }

    [Theory]
    [InlineData("1", "1000m", 0)]
    [InlineData("1Ki", "1k", 1)]
    [InlineData("1e1000", "1", 1)]
    [InlineData("-1e1000", "1e999", -1)]
    [InlineData("0", "0Gi", 0)]
    [InlineData("9223372036854775807", "9223372036854775808", -1)]
    public void Compares(string left, string right, int expected)
    {
        Assert.Equal(expected, Quantity.Parse(left).CompareTo(Quantity.Parse(right)));
        Assert.Equal(-expected, Quantity.Parse(right).CompareTo(Quantity.Parse(left)));
        if (expected == 0)
            Assert.Equal(Quantity.Parse(left).GetHashCode(), Quantity.Parse(right).GetHashCode());
    }

    [Theory]
    [InlineData("10", "1.1", "11100m")]
    [InlineData("0", "1Mi", "1Mi")]
    [InlineData("1Mi", "1Ki", "1025Ki")]
    [InlineData("9E", "9E", "18E")]
    [InlineData("1", "-1", "0")]
    public void Adds(string left, string right, string sum) =>
        Assert.Equal(sum, (Quantity.Parse(left) + Quantity.Parse(right)).ToString());

    [Fact]
    public void Tells_whole_numbers()
    {
        Assert.True(Quantity.Parse("5k").TryGetInt64(out var value));
        Assert.Equal(5000, value);
        Assert.False(Quantity.Parse("5m").TryGetInt64(out _));
    }
}
