using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.ApiRegistration;

/// <summary>API services (kube-aggregator/pkg/apis/apiregistration/validation/validation.go, v1.36).</summary>
internal static class ApiServiceValidation
{
    private static readonly string[] Statuses = ["True", "False", "Unknown"];
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void ApplyDefaults(Map obj) =>
        PodSpecDefaults.Sub(obj, "spec", spec => PodSpecDefaults.Sub(spec, "service", service => PodSpecDefaults.Default(service, "port", 443)));

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        var spec = obj.Sub("spec");
        var required = $"{spec.Text("version")}.{spec.Text("group")}";
        MetadataValidation.ValidateGenericCluster(errors, obj, (name, _) =>
            NameValidation.IsPathSegmentName(name) is { Count: > 0 } failures ? failures
            : name == required ? [] : [$"must be `spec.version+\".\"+spec.group`: {GoText.Quote(required)}"]);
        var (group, version) = (spec.Text("group"), spec.Text("version"));
        if (group.Length == 0 && version != "v1")
            errors.Required(Spec.Child("group"), "only v1 may have an empty group and it better be legacy kube");
        if (group.Length > 0)
            errors.AddInvalid(Spec.Child("group"), group, NameValidation.IsDns1123Subdomain(group));
        errors.AddInvalid(Spec.Child("version"), version, NameValidation.IsDns1035Label(version));
        if (spec.Number("groupPriorityMinimum") is <= 0 or > 20000)
            errors.Invalid(Spec.Child("groupPriorityMinimum"), spec.Number("groupPriorityMinimum"), "must be positive and less than 20000");
        if (spec.Number("versionPriority") is <= 0 or > 1000)
            errors.Invalid(Spec.Child("versionPriority"), spec.Number("versionPriority"), "must be positive and less than 1000");
        ValidateService(errors, spec);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ObjectMetaValidation.ValidateUpdate(errors, obj.Sub("metadata"), old.Sub("metadata"), MetadataValidation.Path);
        Validate(context, obj, errors);
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ObjectMetaValidation.ValidateUpdate(errors, obj.Sub("metadata"), old.Sub("metadata"), MetadataValidation.Path);
        var conditions = obj.Sub("status").List("conditions");
        for (var i = 0; i < conditions.Count; i++)
            errors.OneOf(MetadataValidation.Status.Child("conditions").Index(i), "status", conditions.At(i).Text("status"), Statuses);
    }

    private static void ValidateService(FieldErrorList errors, Map spec)
    {
        var bundle = spec.Text("caBundle");
        var insecure = spec.Flag("insecureSkipTLSVerify");
        if (spec.GetMap("service") is not { } service)
        {
            if (bundle.Length > 0)
                errors.Invalid(Spec.Child("caBundle"), $"{ConfigMapValidation.DecodedLength(bundle)} bytes", "local APIServices may not have a caBundle");
            if (insecure)
                errors.Invalid(Spec.Child("insecureSkipTLSVerify"), true, "local APIServices may not have insecureSkipTLSVerify");
            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["namespace", "name"])
        {
            if (service.Text(field).Length == 0)
                errors.Required(Spec.Child("service", field));
        }

        if (NameValidation.IsValidPortNum(service.Number("port")) is { Count: > 0 } messages)
            errors.Invalid(Spec.Child("service", "port"), service.Number("port"), "port is not valid: " + string.Join(", ", messages));
        if (insecure && bundle.Length > 0)
            errors.Invalid(Spec.Child("insecureSkipTLSVerify"), true, "may not be true if caBundle is present");
    }
}
