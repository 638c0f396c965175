using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Storage;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>Claims, their templates and device classes (pkg/apis/resource/validation/validation.go, v1.36).</summary>
internal static class ResourceClaimValidation
{
    private const int MaxItems = 32;
    private const int MaxReservations = 256;
    private static readonly GroupVersionKind Claim = new("resource.k8s.io", "v1", "ResourceClaim");
    private static readonly GroupVersionKind Template = new("resource.k8s.io", "v1", "ResourceClaimTemplate");
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        DeviceClaimValidation.Validate(errors, obj.Sub("spec").Sub("devices"), Spec.Child("devices"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (!obj["spec"].SemanticallyEquals(old["spec"]))
            errors.Invalid(Spec, InternalForm.Of(obj["spec"], Claim, "spec"), ValidationMessages.FieldImmutable);
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var (status, before, path) = (obj.Sub("status"), old.Sub("status"), MetadataValidation.Status);
        var reserved = status.List("reservedFor");
        ValidateReservations(errors, reserved, path.Child("reservedFor"));
        DeviceStatusValidation.Validate(errors, status, path.Child("devices"));
        if (reserved.Count > 0 && !status.Has("allocation"))
        {
            errors.Forbidden(path.Child("reservedFor"), "may not be specified when `allocated` is not set");
        }
        else if (reserved.Count > 0 && obj.Sub("metadata").Has("deletionTimestamp") && reserved.Any(item => !before.List("reservedFor").Any(known => known.Equals(item))))
        {
            errors.Forbidden(path.Child("reservedFor"), "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set");
        }

        if (status.Has("allocation") && before.Has("allocation"))
        {
            if (!status["allocation"].SemanticallyEquals(before["allocation"]))
                errors.Invalid(path.Child("allocation"), InternalForm.Of(status["allocation"], Claim, "status", "allocation"), ValidationMessages.FieldImmutable);
        }
        else if (status.GetMap("allocation") is { } allocation)
        {
            ValidateAllocation(errors, allocation, path.Child("allocation"), DeviceClaimValidation.RequestNames(obj.Sub("spec").Sub("devices")));
        }
    }

    private static void ValidateReservations(FieldErrorList errors, Sequence reserved, FieldPath path)
    {
        if (!DeviceClaimValidation.IsWithin(errors, reserved, MaxReservations, path))
            return;
        for (var i = 0; i < reserved.Count; i++)
        {
            foreach (var field in (ReadOnlySpan<string>)["resource", "name", "uid"])
            {
                if (reserved.At(i).Text(field).Length == 0)
                    errors.Required(path.Index(i).Child(field));
            }
        }

        DeviceClaimValidation.ValidateUnique(errors, reserved, path, "uid");
    }

    private static void ValidateAllocation(FieldErrorList errors, Map allocation, FieldPath path, HashSet<string> names)
    {
        var results = allocation.Sub("devices").List("results");
        if (DeviceClaimValidation.IsWithin(errors, results, MaxItems, path.Child("devices", "results")))
        {
            for (var i = 0; i < results.Count; i++)
            {
                var (result, at) = (results.At(i), path.Child("devices", "results").Index(i));
                DeviceClaimValidation.ValidateReference(errors, result.Text("request"), at.Child("request"), names);
                CsiValidation.ValidateDriverName(errors, result.Text("driver"), at.Child("driver"));
                DeviceNames.ValidatePool(errors, result.Text("pool"), at.Child("pool"));
                DeviceClaimValidation.ValidateLabelName(errors, result.Text("device"), at.Child("device"));
            }
        }

        if (allocation.GetMap("nodeSelector") is { } selector)
            NodeSelectorValidation.Validate(errors, selector, path.Child("nodeSelector"));
    }

    public static void ValidateTemplate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        var (metadata, path) = (obj.Sub("spec").Sub("metadata"), Spec.Child("metadata"));
        ObjectMetaValidation.ValidateAnnotations(errors, metadata.GetMap("annotations"), path.Child("annotations"));
        LabelValidation.ValidateLabels(errors, metadata.GetMap("labels"), path.Child("labels"));
        foreach (var (key, value) in metadata)
        {
            if (key is not ("annotations" or "labels") && !value.IsNullOrUndefined && value.AsString is not "" && value.AsInteger is not 0)
                errors.Forbidden(path.Child(key == "uid" ? "uID" : key), "cannot be set");
        }

        DeviceClaimValidation.Validate(errors, obj.Sub("spec").Sub("spec").Sub("devices"), Spec.Child("spec", "devices"));
    }

    public static void ValidateTemplateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ValidateTemplate(context, obj, errors);
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (!obj["spec"].SemanticallyEquals(old["spec"]))
            errors.Invalid(Spec, TemplateForm(obj.Sub("spec")), ValidationMessages.FieldImmutable);
    }

    /// <summary>The metadata of a template is a versioned type, and printed as such.</summary>
    private static Map TemplateForm(Map spec)
    {
        var form = spec.Sub("metadata").DeepClone();
        NormalForm.Apply(form, BuiltInSchema.Get("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"), Empties.AsPrinted);
        form.Set("Spec", InternalForm.Of(spec["spec"], Template, "spec", "spec"));
        return form;
    }

    public static void ValidateClass(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        ValidateClassSpec(errors, obj.Sub("spec"));
    }

    public static void ValidateClassUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateClassSpec(errors, obj.Sub("spec"));
    }

    private static void ValidateClassSpec(FieldErrorList errors, Map spec)
    {
        DeviceClaimValidation.ValidateSelectors(errors, spec.List("selectors"), Spec.Child("selectors"));
        var config = spec.List("config");
        if (DeviceClaimValidation.IsWithin(errors, config, MaxItems, Spec.Child("config")))
        {
            for (var i = 0; i < config.Count; i++)
                DeviceClaimValidation.ValidateConfiguration(errors, config.At(i), Spec.Child("config").Index(i));
        }

        if (spec.GetString("extendedResourceName") is { } name && !ResourceNames.IsExtended(name))
            errors.Invalid(Spec.Child("extendedResourceName"), name, "must be a valid extended resource name");
    }
}
