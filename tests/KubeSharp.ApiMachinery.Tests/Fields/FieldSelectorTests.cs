using KubeSharp.ApiMachinery.Fields;

namespace KubeSharp.ApiMachinery.Tests.Fields;

public class FieldSelectorTests
{
    // apimachinery/pkg/fields/selector_test.go.
    [Theory]
    [InlineData("x=a,y=b,z=c", "x=a,y=b,z=c")]
    [InlineData("", "")]
    [InlineData("x!=a,y=b", "x!=a,y=b")]
    [InlineData(@"x=a||y\=b", @"x=a||y\=b")]
    [InlineData(@"x=a\=\=b", @"x=a\=\=b")]
    [InlineData("z=1,x==2", "x=2,z=1")]
    public void Parses(string text, string canonical) => Assert.Equal(canonical, FieldSelector.Parse(text).ToString());

    [Theory]
    [InlineData("x=a||y=b", "invalid field selector: unescaped character in value: 61")]
    [InlineData("x==a==b", "invalid field selector: unescaped character in value: 61")]
    [InlineData(@"x=a\", @"invalid field selector: invalid escape sequence: \")]
    [InlineData(@"x=\a", @"invalid field selector: invalid escape sequence: \a")]
    [InlineData("x", "invalid selector: 'x'; can't understand 'x'")]
    public void Refuses(string text, string message)
    {
        Assert.False(FieldSelector.TryParse(text, out _, out var error));
        Assert.Equal(message, error);
    }

    [Theory]
    [InlineData("x=y", true)]
    [InlineData("x=y,z!=w", false)]
    [InlineData("missing=", true)]
    [InlineData("missing!=", false)]
    public void Matches(string text, bool expected) =>
        Assert.Equal(expected, FieldSelector.Parse(text).Matches(field => field switch { "x" => "y", "z" => "w", _ => "" }));

    [Fact]
    public void Transforms_and_drops_terms()
    {
        var selector = FieldSelector.Parse("a=1,b=2");
        Assert.True(selector.TryTransform((field, value) => field == "a" ? ("", "", null) : ("B", value, null), out var result, out _));
        Assert.Equal("B=2", result.ToString());
        Assert.False(selector.TryTransform((field, _) => ("", "", $"field label not supported: {field}"), out _, out var error));
        Assert.Equal("field label not supported: a", error);
    }
}
