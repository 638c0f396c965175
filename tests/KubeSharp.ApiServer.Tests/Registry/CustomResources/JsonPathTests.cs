using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.CustomResources;

namespace KubeSharp.ApiServer.Tests.Registry.CustomResources;

/// <summary>Paths of columns, selectable fields and scales (client-go/util/jsonpath,
/// apiextensions-apiserver/pkg/registry/customresource/validator.go, v1.36).</summary>
public sealed class JsonPathTests
{
    private const string Object = """
        {"spec":{"n":3,"f":1.5,"on":true,"dotted.name":"d","o":{"z":1,"a":"b"},"list":[{"name":"a","size":1},{"name":"b","size":2},{"name":"c","size":3}]},
         "status":{"conditions":[{"type":"Other","status":"False"},{"type":"Ready","status":"True"}],"replicas":"many"}}
        """;

    [Theory]
    [InlineData(".spec.n", "3")]
    [InlineData(".spec.f", "1.5")]
    [InlineData(".spec.o", """{"a":"b","z":1}""")]
    [InlineData(".spec.missing", "")]
    [InlineData(@".spec.dotted\.name", "d")]
    [InlineData(".spec['dotted.name']", "d")]
    [InlineData(".spec.list[0].name", "a")]
    [InlineData(".spec.list[-1].name", "c")]
    [InlineData(".spec.list[*].name", "a b c")]
    [InlineData(".spec.list[0:2].name", "a b")]
    [InlineData(".spec.list[::2].name", "a c")]
    [InlineData(".spec.list[?(@.size>1)].name", "b c")]
    [InlineData(".spec.list[?(@.name!='a')].size", "2 3")]
    [InlineData(""".status.conditions[?(@.type=="Ready")].status""", "True")]
    [InlineData(".status.conditions[?(@.missing)].status", "")]
    [InlineData("..size", "1 2 3")]
    public void A_path_finds_what_it_says(string path, string expected) =>
        Assert.Equal(expected, string.Join(' ', JsonPath.Parse(path)!.Find(Read()).Select(JsonPath.Print)));

    [Theory]
    [InlineData("spec")]
    [InlineData(".spec[")]
    [InlineData(".spec[a]")]
    [InlineData(".spec[1:2:-1]")]
    public void What_is_no_path_is_refused(string path) => Assert.Null(JsonPath.Parse(path));

    [Theory]
    [InlineData(".spec.n", ".spec.n", "", "")]
    [InlineData(".spec.missing", ".spec.none.deeper", "", "")]
    [InlineData(".spec.on", ".spec.n", "", ".spec.on: Invalid value: 0: .spec.on accessor error: true is of the type bool, expected int64")]
    [InlineData(".spec.n", ".status.replicas", "", ".status.replicas: Invalid value: 0: .status.replicas accessor error: many is of the type string, expected int64")]
    [InlineData(".spec.n.x", ".spec.n", "", ".spec.n.x: Invalid value: 0: .spec.n.x accessor error: 3 is of the type int64, expected map[string]interface{}")]
    [InlineData(".spec.n", ".spec.n", ".spec.n", ".spec.n: Invalid value: \"\": .spec.n accessor error: 3 is of the type int64, expected string")]
    public void What_a_scale_reads_has_its_type(string spec, string status, string selector, string expected)
    {
        var errors = new FieldErrorList();
        var paths = new ScalePaths(spec, status, selector);

        ScaleValidation.ValidateSpec(errors, Read(), paths);
        ScaleValidation.ValidateStatus(errors, Read(), paths);

        Assert.Equal(expected, string.Join('|', errors.Select(e => e.ToString())));
    }

    [Theory]
    [InlineData("-1", "should be a non-negative integer")]
    [InlineData("2147483648", "should be less than or equal to 2147483647")]
    public void Replicas_are_in_range(string replicas, string expected)
    {
        var errors = new FieldErrorList();

        ScaleValidation.ValidateSpec(errors, Read($$"""{"r":{{replicas}}}"""), new ScalePaths(".r", ".s", ""));

        Assert.Equal($".r: Invalid value: {replicas}: {expected}", Assert.Single(errors).ToString());
    }

    private static Map Read(string json = Object) => JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json)).AsMap!;
}
