using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Tests.Codecs;

/// <summary>Texts follow encoding/json's decode.go and scanner.go as vendored by sigs.k8s.io/json, and answers of the
/// real kube-apiserver v1.36.</summary>
public sealed class JsonDecoderTests
{
    private static readonly SchemaType Pod = BuiltInSchema.Find(new GroupVersionKind("", "v1", "Pod"))!;

    [Theory]
    [InlineData("v1/Pod", """{"spec":{"containers":["x"]}}""", "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container")]
    [InlineData("v1/Pod", """{"spec":{"containers":[{"name":"a"},"x"]}}""", "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container")]
    [InlineData("v1/Pod", """{"spec":{"containers":"x"}}""", "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container")]
    [InlineData("v1/Pod", """{"spec":{"containers":[{"env":[{"name":1}]}]}}""", "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.name of type string")]
    [InlineData("v1/Pod", """{"spec":{"containers":[{"env":[{"valueFrom":"x"}]}]}}""", "json: cannot unmarshal string into Go struct field EnvVar.spec.containers.env.valueFrom of type v1.EnvVarSource")]
    [InlineData("v1/Secret", """{"metadata":"x"}""", "json: cannot unmarshal string into Go struct field Secret.metadata of type v1.ObjectMeta")]
    [InlineData("v1/Secret", """{"type":1}""", "json: cannot unmarshal number into Go struct field Secret.type of type v1.SecretType")]
    [InlineData("v1/Secret", """{"stringData":"x"}""", "json: cannot unmarshal string into Go struct field Secret.stringData of type map[string]string")]
    [InlineData("v1/Secret", """{"metadata":{"labels":{"a":1}}}""", "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string")]
    [InlineData("v1/Secret", """{"metadata":{"labels":[]}}""", "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string")]
    [InlineData("v1/Service", """{"spec":{"ports":[{"port":"80"}]}}""", "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32")]
    [InlineData("v1/Service", """{"spec":{"ports":[{"port":2147483648}]}}""", "json: cannot unmarshal number 2147483648 into Go struct field ServicePort.spec.ports.port of type int32")]
    [InlineData("v1/Service", """{"spec":{"ports":[{"port":1.5}]}}""", "json: cannot unmarshal number 1.5 into Go struct field ServicePort.spec.ports.port of type int32")]
    [InlineData("v1/Service", """{"spec":{"type":1}}""", "json: cannot unmarshal number into Go struct field ServiceSpec.spec.type of type v1.ServiceType")]
    [InlineData("v1/ResourceQuota", """{"spec":{"hard":"x"}}""", "json: cannot unmarshal string into Go struct field ResourceQuotaSpec.spec.hard of type v1.ResourceList")]
    [InlineData("v1/ResourceQuota", """{"spec":{"hard":{"cpu":"x"}}}""", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("v1/ResourceQuota", """{"spec":{"hard":{"cpu":""}}}""", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("v1/ResourceQuota", """{"metadata":{"name":1},"spec":{"hard":{"cpu":{}}}}""", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("v1/PersistentVolume", """{"spec":{"accessModes":[1]}}""", "json: cannot unmarshal number into Go struct field PersistentVolumeSpec.spec.accessModes of type v1.PersistentVolumeAccessMode")]
    [InlineData("networking.k8s.io/v1/Ingress", """{"spec":{"rules":[{"http":{"paths":["x"]}}]}}""", "json: cannot unmarshal string into Go struct field HTTPIngressRuleValue.spec.rules.IngressRuleValue.http.paths of type v1.HTTPIngressPath")]
    [InlineData("admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy", """{"spec":{"matchConstraints":{"resourceRules":[{"operations":[1]}]}}}""", "json: cannot unmarshal number into Go struct field NamedRuleWithOperations.spec.matchConstraints.resourceRules.RuleWithOperations.operations of type v1.OperationType")]
    [InlineData("apiextensions.k8s.io/v1/CustomResourceDefinition", """{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"properties":{"a":"x"}}}}]}}""", "json: cannot unmarshal string into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.properties of type v1.JSONSchemaProps")]
    [InlineData("apiextensions.k8s.io/v1/CustomResourceDefinition", """{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"additionalProperties":1}}}]}}""", "boolean or JSON schema expected")]
    [InlineData("coordination.k8s.io/v1/Lease", """{"spec":{"renewTime":"2001-02-03T04:05:06Z"}}""", "parsing time \"2001-02-03T04:05:06Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"Z\" as \".000000\"")]
    [InlineData("v1/Secret", """{"data":{"a":"?"}}""", "illegal base64 data at input byte 0")]
    [InlineData("v1/Pod", "[]", "json: cannot unmarshal array into Go value of type v1.Pod")]
    [InlineData("v1/Pod", "", "unexpected end of JSON input")]
    [InlineData("v1/Pod", "{\"a\"", "unexpected end of JSON input")]
    [InlineData("v1/Pod", "{\"metadata\":{\"name\":1},x}", "invalid character 'x' looking for beginning of object key string")]
    [InlineData("v1/Pod", "{} x", "invalid character 'x' after top-level value")]
    [InlineData("v1/Pod", "{\"a\":tru}", "invalid character '}' in literal true (expecting 'e')")]
    [InlineData("v1/Pod", "{\"a\":01}", "invalid character '1' after object key:value pair")]
    [InlineData("v1/Pod", "{\"a\":\"\n\"}", "invalid character '\\n' in string literal")]
    [InlineData("v1/Pod", "{\"a\":\"\\x\"}", "invalid character 'x' in string escape code")]
    public void Names_the_error_as_Go_does(string kind, string json, string error)
    {
        var slash = kind.LastIndexOf('/');
        Assert.True(GroupVersion.TryParse(kind[..slash], out var groupVersion));
        var type = BuiltInSchema.Find(groupVersion.WithKind(kind[(slash + 1)..]));
        Assert.Equal(error, JsonDecoder.Decode(Encoding.UTF8.GetBytes(json), type, default).Error);
    }

    [Theory]
    [InlineData("""{"spec":{"unknownSpec":1,"containers":[{"name":"a","unknownDeep":1}]},"unknownTop":2}""", "unknown field \"spec.unknownSpec\"|unknown field \"spec.containers[0].unknownDeep\"|unknown field \"unknownTop\"")]
    [InlineData("""{"kind":"Pod","kind":"Pod","metadata":{"labels":{"a":"1","a":"2"},"labels":{"b":"3"}}}""", "duplicate field \"kind\"|duplicate field \"metadata.labels.a\"|duplicate field \"metadata.labels\"")]
    [InlineData("""{"metadata":{"x":1,"x":2}}""", "unknown field \"metadata.x\"")]
    [InlineData("""{"metadata":{"managedFields":[{"fieldsV1":{"a":1,"a":2}}]}}""", "")]
    [InlineData("""{"Metadata":{}}""", "unknown field \"Metadata\"")]
    public void Lists_strict_errors_in_the_order_of_the_input(string json, string errors)
    {
        var result = JsonDecoder.Decode(Encoding.UTF8.GetBytes(json), Pod, new JsonDecodeOptions { Strict = true });
        Assert.Null(result.Error);
        Assert.Equal(errors.Length == 0 ? [] : errors.Split('|'), result.StrictErrors);
    }

    [Fact]
    public void Finds_duplicates_without_a_schema()
    {
        var result = JsonDecoder.Decode("""{"spec":{"a":1,"a":2,"l":[{"b":1,"b":1}]}}"""u8, null, new JsonDecodeOptions { Strict = true });
        Assert.Equal(["duplicate field \"spec.a\"", "duplicate field \"spec.l[0].b\""], result.StrictErrors);
    }

    [Theory]
    // Zero values: what Go prints of structs that were never set.
    [InlineData("{}", """{"metadata":{},"spec":{"containers":null},"status":{}}""")]
    [InlineData("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"","labels":{},"creationTimestamp":null}}""", """{"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{"containers":null},"status":{}}""")]
    // A field that comes twice is decoded into what was there.
    [InlineData("""{"metadata":{"name":"a","labels":{"x":"1"}},"metadata":{"labels":{"y":"2"}}}""", """{"metadata":{"name":"a","labels":{"x":"1","y":"2"}},"spec":{"containers":null},"status":{}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"}],"containers":[]}}""", """{"metadata":{},"spec":{"containers":[]},"status":{}}""")]
    // Null is no value; in a list of structs it is a zero one.
    [InlineData("""{"spec":{"containers":[null],"nodeName":null,"hostUsers":null}}""", """{"metadata":{},"spec":{"containers":[{"name":"","resources":{}}]},"status":{}}""")]
    [InlineData("""{"metadata":{"labels":{"b":"1","a":null}}}""", """{"metadata":{"labels":{"a":"","b":"1"}},"spec":{"containers":null},"status":{}}""")]
    // Pointers keep their zero, quantities and times become canonical, keys follow the schema.
    [InlineData("""{"spec":{"hostUsers":false,"hostPID":false,"overhead":{"memory":"1024Ki","cpu":0.1},"containers":[]}}""", """{"metadata":{},"spec":{"containers":[],"overhead":{"cpu":"100m","memory":"1Mi"},"hostUsers":false},"status":{}}""")]
    [InlineData("""{"metadata":{"creationTimestamp":"2001-02-03T04:05:06.789+01:00"}}""", """{"metadata":{"creationTimestamp":"2001-02-03T03:05:06Z"},"spec":{"containers":null},"status":{}}""")]
    // Bytes that are no UTF-8 and lone surrogates become U+FFFD.
    [InlineData("""{"metadata":{"name":"\ud800x\u00e9"}}""", "{\"metadata\":{\"name\":\"\uFFFDx\u00e9\"},\"spec\":{\"containers\":null},\"status\":{}}")]
    public void Decodes_what_Go_would_print_again(string json, string expected)
    {
        var result = JsonDecoder.Decode(Encoding.UTF8.GetBytes(json), Pod, default);
        Assert.Null(result.Error);
        Assert.Equal(expected, GoldenTests.Print(result.Root!));
    }

    [Fact]
    public void Takes_bytes_that_are_no_UTF_8()
    {
        byte[] json = [.. "{\"metadata\":{\"name\":\"a"u8, 0xff, .. "b\"}}"u8];
        Assert.Equal("a\uFFFDb", JsonDecoder.Decode(json, Pod, default).Root!.GetMap("metadata")!.GetString("name"));
    }

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(100000, "100000")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1e-6, "0.000001")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(12345678901234567, "12345678901234568")]
    [InlineData(-1.5e300, "-1.5e+300")]
    [InlineData(0.000012345678901234567, "0.000012345678901234568")]
    public void Prints_floats_as_encoding_json_does(double value, string text) =>
        Assert.Equal($"{{\"a\":{text}}}", GoldenTests.Print(new KubeSharp.ApiMachinery.Documents.Map { { "a", value } }));

    [Fact]
    public void Stops_at_the_depth_that_Go_stops_at()
    {
        var deep = new string('[', 10001) + new string(']', 10001);
        Assert.Equal("exceeded max depth", JsonDecoder.Decode(Encoding.UTF8.GetBytes($"{{\"a\":{deep}}}"), null, default).Error);
    }
}
