using KubeSharp.ApiServer.Registry.Resource;

namespace KubeSharp.ApiServer.Tests.Registry.Resource;

/// <summary>Cases of pkg/apis/resource/validation/validation_resourcepoolstatusrequest_test.go and
/// pkg/registry/resource/resourcepoolstatusrequest/declarative_validation_test.go, v1.36.</summary>
public sealed class ResourcePoolStatusRequestTests
{
    private const string Valid = """{"metadata":{"name":"r","resourceVersion":"1"},"spec":{"driver":"Test.example.com","limit":100}}""";
    private const string Pool = """{"driver":"d.example.com","poolName":"p","generation":1}""";

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"poolName":"node/p"}}""", "")]
    [InlineData("""{"spec":{"driver":""}}""", "spec.driver: Required value")]
    [InlineData("""{"spec":{"poolName":"a//b"}}""", "spec.poolName: Invalid value: \"a//b\": segment 1: must not be empty")]
    [InlineData("""{"spec":{"limit":null}}""", "spec.limit: Required value")]
    [InlineData("""{"spec":{"limit":0}}""", "spec.limit: Invalid value: 0: must be greater than or equal to 1")]
    [InlineData("""{"spec":{"limit":1001}}""", "spec.limit: Invalid value: 1001: must be less than or equal to 1000")]
    public void OnCreate(string patch, string expected) =>
        ValidationAssert.Errors(expected, errors => ResourcePoolStatusRequestValidation.Validate(null!, ValidationAssert.Patched(Valid, patch), errors));

    [Fact]
    public void The_question_stays() =>
        ValidationAssert.Errors(
            "spec: Invalid value: null: field is immutable",
            errors => ResourcePoolStatusRequestValidation.ValidateUpdate(null!, ValidationAssert.Patched(Valid, """{"spec":{"limit":5}}"""), ValidationAssert.Parse(Valid), errors));

    [Theory]
    [InlineData($$"""{"poolCount":1,"pools":[{{Pool}}]}""", "")]
    [InlineData("{}", "status.poolCount: Required value")]
    [InlineData("""{"poolCount":-1}""", "status.poolCount: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("""{"poolCount":1,"pools":[{"resourceSliceCount":0,"totalDevices":-1}]}""", "status.pools[0].driver: Required value|status.pools[0].poolName: Required value|status.pools[0].generation: Required value|status.pools[0].resourceSliceCount: Invalid value: 0: must be greater than or equal to 1|status.pools[0].totalDevices: Invalid value: -1: must be greater than or equal to 0")]
    public void OnStatus(string status, string expected) =>
        ValidationAssert.Errors(expected, errors => ResourcePoolStatusRequestValidation.ValidateStatusUpdate(
            null!, ValidationAssert.Patched(Valid, $$$"""{"status":{{{status}}}}"""), ValidationAssert.Parse(Valid), errors));

    [Fact]
    public void The_answer_stays()
    {
        var old = ValidationAssert.Patched(Valid, """{"status":{"poolCount":1}}""");
        ValidationAssert.Errors("", errors => ResourcePoolStatusRequestValidation.ValidateStatusUpdate(null!, old.DeepClone(), old, errors));
        ValidationAssert.Errors(
            "status: Invalid value: {\"poolCount\":2}: field is immutable",
            errors => ResourcePoolStatusRequestValidation.ValidateStatusUpdate(null!, ValidationAssert.Patched(Valid, """{"status":{"poolCount":2}}"""), old, errors));
    }
}
