using KubeSharp.ApiServer.Registry.StorageMigration;

namespace KubeSharp.ApiServer.Tests.Registry.StorageMigration;

/// <summary>Cases of pkg/apis/storagemigration/validation/validation_test.go, v1.36.</summary>
public sealed class StorageVersionMigrationValidationTests
{
    private const string Valid = """{"metadata":{"name":"m","resourceVersion":"1"},"spec":{"resource":{"group":"apps","resource":"deployments"}}}""";

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"resource":{"group":null,"resource":"pods"}}}""", "")]
    [InlineData("""{"spec":{"resource":{"resource":""}}}""", "spec.resource.resource: Required value: resource is required to be set")]
    [InlineData("""{"spec":{"resource":{"resource":"Pods"}}}""", "spec.resource.resource: Invalid value: \"Pods\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')")]
    public void OnCreate(string patch, string expected) =>
        ValidationAssert.Errors(expected, errors => StorageVersionMigrationValidation.Validate(null!, ValidationAssert.Patched(Valid, patch), errors));

    [Theory]
    [InlineData("{}", "{}", "")]
    [InlineData("{}", """{"status":{"resourceVersion":"12"}}""", "")]
    [InlineData("{}", """{"status":{"resourceVersion":"012"}}""", "status.resourceVersion: Invalid value: \"012\": resource version is not well formed: 012")]
    [InlineData("{}", """{"status":{"resourceVersion":"-1"}}""", "status.resourceVersion: Invalid value: \"-1\": resource version is not well formed: -1")]
    [InlineData("""{"status":{"resourceVersion":"12"}}""", """{"status":{"resourceVersion":"13"}}""", "status.resourceVersion: Invalid value: \"13\": field is immutable")]
    public void OnStatus(string before, string after, string expected) =>
        ValidationAssert.Errors(expected, errors => StorageVersionMigrationValidation.ValidateStatusUpdate(null!, ValidationAssert.Patched(Valid, after), ValidationAssert.Patched(Valid, before), errors));

    [Theory]
    [InlineData("Succeeded", "True", "Succeeded,Failed", "Both success and failed conditions cannot be true at the same time")]
    [InlineData("Succeeded", "True", "", "Success condition cannot be set to false once it is true")]
    [InlineData("Failed", "True", "", "Failed condition cannot be set to false once it is true")]
    [InlineData("Succeeded", "False", "", null)]
    public void Ends_are_final(string before, string status, string after, string? detail)
    {
        static string Conditions(string types, string status) => "{\"status\":{\"conditions\":[" + string.Join(',', types.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(type =>
            $$$"""{"type":"{{{type}}}","status":"{{{status}}}","reason":"R","lastTransitionTime":"2026-04-01T12:00:00Z"}""")) + "]}}";

        var errors = new KubeSharp.ApiMachinery.Validation.FieldErrorList();
        StorageVersionMigrationValidation.ValidateStatusUpdate(null!, ValidationAssert.Patched(Valid, Conditions(after, "True")), ValidationAssert.Patched(Valid, Conditions(before, status)), errors);
        Assert.Equal(detail is null ? [] : [detail], errors.Select(e => e.Detail));
    }
}
