using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Claims (pkg/apis/core/validation/validation.go, pkg/api/persistentvolumeclaim/util.go, v1.36).</summary>
internal static class PersistentVolumeClaimValidation
{
    private const string BetaStorageClass = "volume.beta.kubernetes.io/storage-class";
    private static readonly string[] VolumeModes = ["Block", "Filesystem"];
    private static readonly string[] ResizeStatuses =
        ["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"];

    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("spec"), Spec, false, false);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var (spec, before) = (obj.Sub("spec"), old.Sub("spec"));
        MetadataValidation.ValidateUpdate(errors, obj, old);
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, spec, Spec, LabelSelectorValidation.IsInvalid(before.GetMap("selector")),
            before.Sub("dataSource").Has("apiGroup") || before.Sub("dataSourceRef").Has("apiGroup"));
        ValidateChange(errors, obj, old);
        var (size, oldSize) = (spec.Sub("resources").Sub("requests").Amount("storage"), before.Sub("resources").Sub("requests").Amount("storage"));
        if (size < oldSize && size <= old.Sub("status").Sub("capacity").Amount("storage"))
            errors.Forbidden(Spec.Child("resources", "requests", "storage"), "field can not be less than status.capacity");
        if (spec.Text("volumeMode") != before.Text("volumeMode"))
            errors.Invalid(new FieldPath("volumeMode"), spec.Has("volumeMode") ? spec["volumeMode"] : Value.Null, ValidationMessages.FieldImmutable);
        if (spec.GetString("volumeAttributesClassName") == before.GetString("volumeAttributesClassName") || !old.Sub("status").Has("currentVolumeAttributesClassName"))
            return;
        if (!spec.Has("volumeAttributesClassName"))
            errors.Forbidden(Spec.Child("volumeAttributesClassName"), "update to nil is forbidden when status.currentVolumeAttributesClassName is not nil");
        else if (spec.Text("volumeAttributesClassName").Length == 0)
            errors.Forbidden(Spec.Child("volumeAttributesClassName"), "update to empty string is forbidden when status.currentVolumeAttributesClassName is not nil");
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (obj.Sub("metadata").Text("resourceVersion").Length == 0)
            errors.Required(new FieldPath("resourceVersion"));
        if (obj.Sub("spec").List("accessModes").Count == 0)
            errors.Required(new FieldPath("Spec", "accessModes"));
        var (status, path) = (obj.Sub("status"), MetadataValidation.Status);
        foreach (var (name, value) in status.Sub("capacity"))
            PersistentVolumeValidation.ValidateBasic(errors, Quantity.FromValue(value), path.Child("capacity").Key(name));
        foreach (var (name, value) in status.Sub("allocatedResourceStatuses"))
        {
            ValidateResourceKey(errors, name, path.Child("allocatedResourceStatuses"));
            if (!ResizeStatuses.Contains(value.AsString ?? ""))
                errors.NotSupported(path.Child("allocatedResourceStatuses"), name, ResizeStatuses);
        }

        foreach (var (name, value) in status.Sub("allocatedResources"))
        {
            if (ValidateResourceKey(errors, name, path.Child("allocatedResources"))
                && PersistentVolumeValidation.ValidateBasic(errors, Quantity.FromValue(value), path.Child("allocatedResources").Key(name)))
                ResourceNames.ValidateAmount(errors, "storage", value, path.Child("allocatedResources").Key(name));
        }
    }

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        if (obj.Sub("metadata").Sub("annotations").ContainsKey(BetaStorageClass))
            context.AddWarning($"metadata.annotations[{BetaStorageClass}]: deprecated since v1.8; use \"storageClassName\" attribute instead");
        WarnOfSpec(context, obj.Sub("spec"), Spec);
    }

    /// <summary>GetWarningsForPersistentVolumeClaimSpec, also of claim templates.</summary>
    public static void WarnOfSpec(OperationContext context, Map spec, FieldPath path)
    {
        foreach (var list in (ReadOnlySpan<string>)["requests", "limits"])
        {
            var amount = spec.Sub("resources").Sub(list).Amount("storage");
            if (amount.MilliValue() % 1000 != 0)
                context.AddWarning($"{path.Child("resources", list)}[storage]: fractional byte value {GoText.Quote(amount.ToString())} is invalid, must be an integer");
        }
    }

    /// <summary>ValidatePersistentVolumeClaimSpec, also of claim templates.</summary>
    public static void ValidateSpec(FieldErrorList errors, Map spec, FieldPath path, bool allowInvalidLabelValues, bool allowInvalidGroup)
    {
        if (spec.List("accessModes").Count == 0)
            errors.Required(path.Child("accessModes"), "at least 1 access mode is required");
        LabelSelectorValidation.Validate(errors, spec, "selector", path, allowInvalidLabelValues);
        PersistentVolumeValidation.ValidateAccessModes(errors, spec.List("accessModes"), path.Child("accessModes"));
        var (requests, at) = (spec.Sub("resources").Sub("requests"), path.Child("resources").Key("storage"));
        if (!requests.Has("storage"))
            errors.Required(at);
        else if (requests.Amount("storage") is { Sign: <= 0 } amount)
            errors.Invalid(at, amount.ToString(), "must be greater than zero");
        if (spec.Text("storageClassName") is { Length: > 0 } storageClass)
            MetadataValidation.Name(errors, storageClass, NameRules.DnsSubdomain, path.Child("storageClassName"));
        if (spec.GetString("volumeMode") is { } mode)
            errors.OneOf(path, "volumeMode", mode, VolumeModes);
        ValidateDataSources(errors, spec, path, allowInvalidGroup);
        if (spec.Text("volumeAttributesClassName") is { Length: > 0 } attributes)
            MetadataValidation.Name(errors, attributes, NameRules.DnsSubdomain, path.Child("volumeAttributesClassName"));
    }

    private static void ValidateDataSources(FieldErrorList errors, Map spec, FieldPath path, bool allowInvalidGroup)
    {
        var (source, reference) = (spec.GetMap("dataSource"), spec.GetMap("dataSourceRef"));
        if (source is not null)
            ValidateDataSource(errors, source, path.Child("dataSource"), allowInvalidGroup);
        if (reference is not null)
        {
            ValidateDataSource(errors, reference, path.Child("dataSourceRef"), allowInvalidGroup);
            if (reference.Text("namespace") is { Length: > 0 } ns)
                MetadataValidation.Name(errors, ns, NameRules.DnsLabel, path.Child("dataSourceRef", "namespace"));
        }

        // The bad value is a path, of which JSON shows nothing.
        if (source is null || reference is null)
            return;
        if (reference.Text("namespace").Length > 0)
            errors.Invalid(path, new Map(0), "may not be specified when dataSourceRef.namespace is specified");
        else if (source.GetString("apiGroup") != reference.GetString("apiGroup") || source.Text("kind") != reference.Text("kind") || source.Text("name") != reference.Text("name"))
            errors.Invalid(path, new Map(0), "must match dataSourceRef");
    }

    private static void ValidateDataSource(FieldErrorList errors, Map source, FieldPath path, bool allowInvalidGroup)
    {
        if (source.Text("name").Length == 0)
            errors.Required(path.Child("name"));
        if (source.Text("kind").Length == 0)
            errors.Required(path.Child("kind"));
        var group = source.Text("apiGroup");
        if (group.Length == 0 && source.Text("kind") != "PersistentVolumeClaim")
            errors.Invalid(path, source.Text("kind"), "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        if (group.Length > 0 && !allowInvalidGroup)
            errors.AddInvalid(path.Child("apiGroup"), group, NameValidation.IsDns1123Subdomain(group));
    }

    /// <summary>What of the spec may change: the volume's name once, the class of a claim that had none, sizes and attributes of
    /// bound claims.</summary>
    private static void ValidateChange(FieldErrorList errors, Map obj, Map old)
    {
        var (now, then) = (obj.Sub("spec").DeepClone(), old.Sub("spec").DeepClone());
        var (annotation, oldAnnotation) = (
            obj.Sub("metadata").Sub("annotations").GetString(BetaStorageClass), old.Sub("metadata").Sub("annotations").GetString(BetaStorageClass));
        if (then.Text("volumeName").Length == 0)
            then.Set("volumeName", now["volumeName"]);
        var (storageClass, oldClass) = (now.GetString("storageClassName"), then.GetString("storageClassName"));
        if (oldAnnotation is not null && oldClass is null && storageClass == oldAnnotation && (annotation is null || annotation == oldAnnotation))
        {
            now.Remove("storageClassName");
        }
        else
        {
            if ((annotation ?? "") != (oldAnnotation ?? ""))
                errors.Invalid(MetadataValidation.Path.Child("annotations", BetaStorageClass), annotation ?? "", ValidationMessages.FieldImmutable);
            if (storageClass is not null && oldClass is null && (oldAnnotation is null || storageClass == oldAnnotation))
                now.Remove("storageClassName");
        }

        if (obj.Sub("status").Text("phase") == "Bound")
        {
            if (now.Sub("resources").Has("requests"))
                now.EditMap("resources").EditMap("requests").Set("storage", then.Sub("resources").Sub("requests")["storage"]);
            now.Set("volumeAttributesClassName", then["volumeAttributesClassName"]);
        }

        if (!((Value)now).SemanticallyEquals(then))
            errors.Forbidden(Spec, "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
                + InternalForm.Difference(then, now, new("", "v1", "PersistentVolumeClaim"), "spec"));
    }

    private static bool ValidateResourceKey(FieldErrorList errors, string name, FieldPath path)
    {
        var before = errors.Count;
        errors.AddInvalid(path, name, NameValidation.IsQualifiedName(name));
        if (errors.Count == before && ResourceNames.IsNative(name) && name != "storage")
            errors.NotSupported(path, name, ["storage"]);
        return errors.Count == before;
    }
}
