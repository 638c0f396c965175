using KubeSharp.ApiMachinery.CustomResources;

namespace KubeSharp.ApiMachinery.Tests.CustomResources;

/// <summary>Formats by the rules of kube-openapi/pkg/validation/strfmt/default.go, v1.36.</summary>
public sealed class StringFormatsTests
{
    [Theory]
    [InlineData("isbn", "0321751043", "0321751044")]
    [InlineData("isbn13", "978-0321751041", "978-0321751042")]
    [InlineData("creditcard", "4111-1111-1111-1111", "4111-1111-1111-1112")]
    [InlineData("mac", "01:02:03:04:05:06", "01:02:03:04:05")]
    [InlineData("uuid3", "bcd02e22-68f0-3046-a512-327cca9def8f", "025b0d74-00a2-4048-bf57-227c5111bb34")]
    [InlineData("uuid4", "025b0d74-00a2-4048-bf57-227c5111bb34", "bcd02e22-68f0-3046-a512-327cca9def8f")]
    [InlineData("uuid5", "886313e1-3b8a-5372-9b90-0c9aee199e5d", "025b0d74-00a2-4048-bf57-227c5111bb34")]
    [InlineData("ipv6", "::1", "127.0.0.1")]
    [InlineData("cidr", "192.168.254.1/24", "192.168.254.1/33")]
    [InlineData("hostname", "somewhere.com", "some_where.com")]
    [InlineData("date-time", "2014-12-15T08:00:00.000Z", "2014-12-15 08:00:00")]
    [InlineData("date", "2014-12-15", "2014-13-15")]
    [InlineData("duration", "3 seconds", "three")]
    [InlineData("uri", "http://somewhere.com", "somewhere")]
    [InlineData("rgbcolor", "rgb(255, 255, 255)", "rgb(256, 255, 255)")]
    [InlineData("hexcolor", "#FFFFFF", "#FFFFF")]
    [InlineData("byte", "YWJj", "YWJ")]
    [InlineData("bsonobjectid", "507f1f77bcf86cd799439011", "507f1f77bcf86cd79943901")]
    [InlineData("ssn", "111-11-1111", "111-11-111")]
    [InlineData("k8s-short-name", "a-b", "a.b")]
    [InlineData("k8s-long-name", "a.b", "a..b")]
    public void Known_formats_are_checked(string format, string valid, string invalid)
    {
        Assert.True(StringFormats.IsValid(format, valid));
        Assert.False(StringFormats.IsValid(format, invalid));
    }
}
