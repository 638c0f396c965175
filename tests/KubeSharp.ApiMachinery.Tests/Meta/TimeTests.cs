using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ApiMachinery.Tests.Meta;

public class TimeTests
{
    [Theory]
    [InlineData("1998-05-05T05:05:05Z", "1998-05-05T05:05:05Z")]
    [InlineData("1998-05-05T05:05:05.5Z", "1998-05-05T05:05:05Z")]
    [InlineData("1998-05-05T05:05:05,123456789+02:30", "1998-05-05T02:35:05Z")]
    [InlineData("1998-05-05T5:05:05Z", "1998-05-05T05:05:05Z")]
    [InlineData("0001-01-01T00:00:00Z", null)]
    public void Reads_times(string text, string? printed)
    {
        Assert.True(Rfc3339.TryParse(text, out var time, out var error), error);
        Assert.Equal(printed, Rfc3339.Format(time));
    }

    // The messages of Go's time package.
    [Theory]
    [InlineData("x", "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\"")]
    [InlineData("", "parsing time \"\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"2006\"")]
    [InlineData("2020-13-01T00:00:00Z", "parsing time \"2020-13-01T00:00:00Z\": month out of range")]
    [InlineData("2021-02-29T00:00:00Z", "parsing time \"2021-02-29T00:00:00Z\": day out of range")]
    [InlineData("2020-01-01T24:00:00Z", "parsing time \"2020-01-01T24:00:00Z\": hour out of range")]
    [InlineData("2020-01-01 00:00:00Z", "parsing time \"2020-01-01 00:00:00Z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \" 00:00:00Z\" as \"T\"")]
    [InlineData("2020-01-01T00:00:00", "parsing time \"2020-01-01T00:00:00\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"Z07:00\"")]
    [InlineData("2020-01-01T00:00:00Zz", "parsing time \"2020-01-01T00:00:00Zz\": extra text: \"z\"")]
    public void Refuses_times(string text, string message)
    {
        Assert.False(Rfc3339.TryParse(text, out _, out var error));
        Assert.Equal(message, error);
    }

    [Fact]
    public void Micro_times_have_six_digits()
    {
        Assert.True(Rfc3339.TryParseMicro("1998-05-05T05:05:05.012345+01:00", out var time, out _));
        Assert.Equal("1998-05-05T04:05:05.012345Z", Rfc3339.FormatMicro(time));
        Assert.False(Rfc3339.TryParseMicro("1998-05-05T05:05:05Z", out _, out var error));
        Assert.Equal("parsing time \"1998-05-05T05:05:05Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"Z\" as \".000000\"", error);
    }

    // Go's time_test.go: durationTests and parseDurationTests.
    [Theory]
    [InlineData("0", 0L, "0s")]
    [InlineData("5s", 5000000000L, "5s")]
    [InlineData("1.1us", 1100L, "1.1µs")]
    [InlineData("2.2ms", 2200000L, "2.2ms")]
    [InlineData("3.3s", 3300000000L, "3.3s")]
    [InlineData("4m5.001s", 245001000000L, "4m5.001s")]
    [InlineData("5h6m7.001s", 18367001000000L, "5h6m7.001s")]
    [InlineData("-.5s", -500000000L, "-500ms")]
    [InlineData("100m", 6000000000000L, "1h40m0s")]
    [InlineData("-9223372036854775808ns", long.MinValue, "-2562047h47m16.854775808s")]
    public void Reads_durations(string text, long nanoseconds, string printed)
    {
        Assert.True(GoDuration.TryParse(text, out var value, out var error), error);
        Assert.Equal(nanoseconds, value);
        Assert.Equal(printed, GoDuration.Format(value));
    }

    [Theory]
    [InlineData("", "time: invalid duration \"\"")]
    [InlineData("3", "time: missing unit in duration \"3\"")]
    [InlineData("-", "time: invalid duration \"-\"")]
    [InlineData(".s", "time: invalid duration \".s\"")]
    [InlineData("3000000h", "time: invalid duration \"3000000h\"")]
    [InlineData("1x", "time: unknown unit \"x\" in duration \"1x\"")]
    [InlineData("9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\"")]
    public void Refuses_durations(string text, string message)
    {
        Assert.False(GoDuration.TryParse(text, out _, out var error));
        Assert.Equal(message, error);
    }

    [Theory]
    [InlineData("30%", 10, true, 3)]
    [InlineData("25%", 10, true, 3)]
    [InlineData("25%", 10, false, 2)]
    public void Scales_percentages(string text, int total, bool roundUp, int expected)
    {
        Assert.True(IntOrString.TryGetScaledValue(text, total, roundUp, out var result, out _));
        Assert.Equal(expected, result);
    }

    [Fact]
    public void Refuses_strings_without_percent()
    {
        Assert.False(IntOrString.TryGetScaledValue("5", 10, true, out _, out var error));
        Assert.Equal("invalid value for IntOrString: invalid type: string is not a percentage", error);
        Assert.False(IntOrString.TryGetScaledValue((Value)"x%", 10, true, out _, out error));
        Assert.Equal("invalid value for IntOrString: invalid value \"x%\": strconv.Atoi: parsing \"x\": invalid syntax", error);
    }
}
