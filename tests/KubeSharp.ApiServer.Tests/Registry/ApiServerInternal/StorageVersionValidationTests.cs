using KubeSharp.ApiServer.Registry.ApiServerInternal;

namespace KubeSharp.ApiServer.Tests.Registry.ApiServerInternal;

/// <summary>Cases of pkg/apis/apiserverinternal/validation/validation_test.go, v1.36.</summary>
public sealed class StorageVersionValidationTests
{
    private const string Server = """{"apiServerID":"a","encodingVersion":"v1","decodableVersions":["v1","apps/v2"],"servedVersions":["v1"]}""";

    [Theory]
    [InlineData("apps.deployments", "")]
    [InlineData("deployments", "metadata.name: Invalid value: \"deployments\": name must be in the form of <group>.<resource>")]
    [InlineData("A.deployments", "metadata.name: Invalid value: \"A.deployments\": the group segment a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]
    public void Names(string name, string expected) =>
        ValidationAssert.Errors(expected, errors => StorageVersionValidation.Validate(null!, ValidationAssert.Parse($$$"""{"metadata":{"name":"{{{name}}}"}}"""), errors));

    [Theory]
    [InlineData($$"""{"storageVersions":[{{Server}}],"commonEncodingVersion":"v1"}""", "")]
    [InlineData($$"""{"storageVersions":[{{Server}}]}""", "status.commonEncodingVersion: Invalid value: null: the common encoding version is v1")]
    [InlineData($$"""{"storageVersions":[{{Server}}],"commonEncodingVersion":"v2"}""", "status.commonEncodingVersion: Invalid value: \"v2\": the actual common encoding version is v1")]
    [InlineData($$"""{"storageVersions":[{{Server}},{{Server}}],"commonEncodingVersion":"v1"}""", "status.storageVersions[1].apiServerID: Duplicate value: \"a\"")]
    [InlineData("""{"commonEncodingVersion":"v1"}""", "status.commonEncodingVersion: Invalid value: \"v1\": should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet")]
    [InlineData("""{"storageVersions":[{"apiServerID":"a","encodingVersion":"v1","decodableVersions":["v2"]}],"commonEncodingVersion":"v1"}""", "status.storageVersions[0].decodableVersions: Invalid value: [\"v2\"]: decodableVersions must include encodingVersion v1")]
    [InlineData("""{"storageVersions":[{"apiServerID":"a","encodingVersion":"v1","decodableVersions":["v1"],"servedVersions":["v3"]}],"commonEncodingVersion":"v1"}""", "status.storageVersions[0].servedVersions[0]: Invalid value: \"v3\": individual served version : v3 must be included in decodableVersions : [v1]")]
    [InlineData("""{"storageVersions":[{"apiServerID":"a","encodingVersion":"/v1","decodableVersions":["/v1"]}],"commonEncodingVersion":"/v1"}""", "status.storageVersions[0].encodingVersion: Invalid value: \"/v1\": group part: must be non-empty|status.storageVersions[0].decodableVersions[0]: Invalid value: \"/v1\": group part: must be non-empty")]
    [InlineData("""{"conditions":[{"type":"A","status":"True","reason":"r","message":"m"},{"type":"A","status":"True"}]}""", "status[1].type: Invalid value: \"A\": the type of the condition is not unique, it also appears in conditions[0]|status[1].reason: Required value|status[1].message: Required value")]
    public void Statuses(string status, string expected) =>
        ValidationAssert.Errors(expected, errors => StorageVersionValidation.ValidateStatusUpdate(null!, ValidationAssert.Parse($$$"""{"status":{{{status}}}}"""), ValidationAssert.Parse("{}"), errors));
}
