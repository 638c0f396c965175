using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;

namespace KubeSharp.ApiMachinery.Tests.Labels;

public class LabelSelectorTests
{
    // apimachinery/pkg/labels/selector_test.go: TestSelectorParse, TestSetSelectorParser.
    [Theory]
    [InlineData("x=a,y=b,z=c", "x=a,y=b,z=c")]
    [InlineData("", "")]
    [InlineData("x!=a,y=b", "x!=a,y=b")]
    [InlineData("x= ", "x=")]
    [InlineData("x= ,z= ", "x=,z=")]
    [InlineData("!x", "!x")]
    [InlineData("x>1,z<5", "x>1,z<5")]
    [InlineData("\rx", "x")]
    [InlineData("0.1.2.domain/99 notin (10.10.100.1, tick.tack.clock)", "0.1.2.domain/99 notin (10.10.100.1,tick.tack.clock)")]
    [InlineData("foo  in\t (abc)", "foo in (abc)")]
    [InlineData("x in (abc,)", "x in (,abc)")]
    [InlineData("x in (abc,abc)", "x in (abc)")]
    [InlineData("x in ()", "x in ()")]
    [InlineData("x in (a,,,)", "x in (,a)")]
    [InlineData("x notin (abc,,def),bar,z in (),w", "bar,w,x notin (,abc,def),z in ()")]
    [InlineData("x,y in (a)", "x,y in (a)")]
    [InlineData("x notin (, a)", "x notin (,a)")]
    [InlineData("a in (x,y,notin, z,in)", "a in (in,notin,x,y,z)")]
    [InlineData("in==a", "in==a")]
    public void Parses(string text, string canonical) => Assert.Equal(canonical, LabelSelector.Parse(text).ToString());

    [Theory]
    [InlineData("x=a||y=b")]
    [InlineData("x,,y", "found ',', expected: identifier after ','")]
    [InlineData(",x,y", "found ',', expected: !, identifier, or 'end of string'")]
    [InlineData("x nott in (y)", "unable to parse requirement: found 'nott', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("a in (xyz),", "found '', expected: identifier after ','")]
    [InlineData("a in (xyz)b notin ()", "found 'b', expected: ',' or 'end of string'")]
    [InlineData("a in (xyz abc)", "unable to parse requirement: found 'abc', expected: ',' or ')'")]
    [InlineData("a notin(", "unable to parse requirement: found '', expected: ',', ')' or identifier")]
    [InlineData("a (", "unable to parse requirement: found '(', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("(", "found '(', expected: !, identifier, or 'end of string'")]
    [InlineData("x==a==b", "found '==', expected: ',' or 'end of string'")]
    [InlineData("!x=a", "found '=', expected: ',' or 'end of string'")]
    [InlineData("x<a", "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an integer")]
    [InlineData("a.b/c/d=1", "unable to parse requirement: <nil>: Invalid value: \"a.b/c/d\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")]
    [InlineData("x=-", "unable to parse requirement: values[0][x]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")]
    public void Refuses(string text, string? message = null)
    {
        Assert.False(LabelSelector.TryParse(text, out _, out var error));
        Assert.NotEmpty(error);
        if (message is not null)
            Assert.Equal(message, error);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("x=y", true)]
    [InlineData("x=y,z=w", true)]
    [InlineData("x!=y", false)]
    [InlineData("x!=y,z!=w", false)]
    [InlineData("notin=in", false)]
    [InlineData("!missing", true)]
    [InlineData("!x", false)]
    [InlineData("n>9", true)]
    [InlineData("n<10", false)]
    [InlineData("x>1", false)]
    [InlineData("x in (a,y)", true)]
    [InlineData("x notin (a,y)", false)]
    [InlineData("missing notin (a)", true)]
    [InlineData("missing in (a)", false)]
    public void Matches(string selector, bool expected)
    {
        var labels = new Map { { "x", "y" }, { "z", "w" }, { "n", "10" } };
        Assert.Equal(expected, LabelSelector.Parse(selector).Matches(labels));
    }

    [Fact]
    public void Reads_the_object_form()
    {
        var selector = new Map
        {
            { "matchLabels", new Map { { "app", "web" } } },
            {
                "matchExpressions", new Sequence
                {
                    new Map { { "key", "tier" }, { "operator", "In" }, { "values", new Sequence { "b", "a" } } },
                    new Map { { "key", "old" }, { "operator", "DoesNotExist" } },
                }
            },
        };
        Assert.Equal("app=web,!old,tier in (a,b)", LabelSelector.FromMeta(selector).ToString());
        Assert.Same(LabelSelector.Nothing, LabelSelector.FromMeta(null));
        Assert.False(LabelSelector.FromMeta(null).Matches(new Map()));
        Assert.True(LabelSelector.FromMeta(new Map()).Matches(null));
        Assert.False(LabelSelector.TryFromMeta(
            new Map { { "matchExpressions", new Sequence { new Map { { "key", "k" }, { "operator", "Near" } } } } }, out _, out var error));
        Assert.Equal("\"Near\" is not a valid label selector operator", error);
    }
}
