using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.StorageMigration;

/// <summary>Storage version migrations (pkg/apis/storagemigration/validation/validation.go, v1.36).</summary>
internal static class StorageVersionMigrationValidation
{
    private static readonly FieldPath Resource = MetadataValidation.Spec.Child("resource");
    private static readonly FieldPath Conditions = MetadataValidation.Status.Child("conditions");
    private static readonly FieldPath Version = MetadataValidation.Status.Child("resourceVersion");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        var resource = obj.Sub("spec").Sub("resource");
        if (resource.Text("resource") is not { Length: > 0 } name)
            errors.Required(Resource.Child("resource"), "resource is required to be set");
        else if (NameValidation.IsDns1035Label(name) is { Count: > 0 } problems)
            errors.Invalid(Resource.Child("resource"), name, string.Join(',', problems));
        if (resource.Text("group") is { Length: > 0 } group && NameValidation.IsDns1123Subdomain(group) is { Count: > 0 } groupProblems)
            errors.Invalid(Resource.Child("group"), group, string.Join(',', groupProblems));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        Validate(context, obj, errors);
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (!obj["spec"].SemanticallyEquals(old["spec"]))
            errors.Invalid(MetadataValidation.Spec, Internal(obj, "spec"), ValidationMessages.FieldImmutable);
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var (status, before) = (obj.Sub("status"), old.Sub("status"));
        var version = status.Text("resourceVersion");
        if (version.Length > 0 && (version[0] == '0' || !version.All(char.IsAsciiDigit)))
            errors.Invalid(Version, version, $"resource version is not well formed: {version}");
        ConditionValidation.Validate(errors, status.List("conditions"), Conditions);
        if (before.Text("resourceVersion") is { Length: > 0 } set && set != version)
            errors.Invalid(Version, version, ValidationMessages.FieldImmutable);
        var (succeeded, failed) = (IsTrue(status, "Succeeded"), IsTrue(status, "Failed"));
        if (succeeded && failed)
            errors.Invalid(Conditions, Internal(obj, "status", "conditions"), "Both success and failed conditions cannot be true at the same time");
        if (IsTrue(before, "Succeeded") && !succeeded)
            errors.Invalid(Conditions, Internal(obj, "status", "conditions"), "Success condition cannot be set to false once it is true");
        if (IsTrue(before, "Failed") && !failed)
            errors.Invalid(Conditions, Internal(obj, "status", "conditions"), "Failed condition cannot be set to false once it is true");
    }

    private static Value Internal(Map obj, params ReadOnlySpan<string> path)
    {
        Value value = obj;
        foreach (var step in path)
            value = value.AsMap?[step] ?? default;
        return InternalForm.Of(value, new("storagemigration.k8s.io", "v1beta1", "StorageVersionMigration"), path);
    }

    private static bool IsTrue(Map status, string type) =>
        status.List("conditions").Any(c => c.AsMap.Text("type") == type && c.AsMap.Text("status") == "True");
}
