using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Storage;

/// <summary>Volume attachments (pkg/apis/storage/validation/validation.go, v1.36).</summary>
internal static class VolumeAttachmentValidation
{
    private const int MaxMetadataSize = 256 * 1024;
    private const int MaxMessageSize = 1024;
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        var spec = obj.Sub("spec");
        CsiValidation.ValidateDriverName(errors, spec.Text("attacher"), Spec.Child("attacher"));
        ValidateSource(errors, spec.Sub("source"), Spec.Child("source"));
        MetadataValidation.Name(errors, spec.Text("nodeName"), NameRules.DnsSubdomain, Spec.Child("nodeName"));
        ValidateStatus(errors, obj.Sub("status"), MetadataValidation.Status);
        if (spec.Sub("source").GetString("persistentVolumeName") is { } volume)
            MetadataValidation.Name(errors, volume, NameRules.DnsSubdomain, new FieldPath("spec.source.persistentVolumeName"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        Validate(context, obj, errors);
        if (!obj["spec"].SemanticallyEquals(old["spec"]))
            errors.Invalid(Spec, InternalForm(obj.Sub("spec")), ValidationMessages.FieldImmutable);
    }

    private static Map InternalForm(Map spec)
    {
        var source = spec.Sub("source");
        return new Map
        {
            { "Attacher", spec.Text("attacher") },
            {
                "Source", new Map
                {
                    { "PersistentVolumeName", source.Has("persistentVolumeName") ? source["persistentVolumeName"] : Value.Null },
                    { "InlineVolumeSpec", source.Has("inlineVolumeSpec") ? source["inlineVolumeSpec"] : Value.Null },
                }
            },
            { "NodeName", spec.Text("nodeName") },
        };
    }

    private static void ValidateSource(FieldErrorList errors, Map source, FieldPath path)
    {
        const string ExactlyOne = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
        if (!source.Has("inlineVolumeSpec") && !source.Has("persistentVolumeName"))
            errors.Required(path, ExactlyOne);
        else if (source.Has("inlineVolumeSpec") && source.Has("persistentVolumeName"))
            errors.Forbidden(path, ExactlyOne);
        else if (source.GetMap("inlineVolumeSpec") is { } inline)
            PersistentVolumeValidation.ValidateSpec(errors, inline, "", true, path.Child("inlineVolumeSpec"), false);
        else if (source.Text("persistentVolumeName").Length == 0)
            errors.Required(path.Child("persistentVolumeName"), "must specify non empty persistentVolumeName");
    }

    private static void ValidateStatus(FieldErrorList errors, Map status, FieldPath path)
    {
        long size = 0;
        foreach (var (key, value) in status.Sub("attachmentMetadata"))
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.AsString ?? "");
        if (size > MaxMetadataSize)
            errors.Add(FieldError.TooLong(path.Child("attachmentMetadata"), MaxMetadataSize));
        foreach (var field in (ReadOnlySpan<string>)["attachError", "detachError"])
        {
            if (status.GetMap(field) is not { } error)
                continue;
            if (Encoding.UTF8.GetByteCount(error.Text("message")) > MaxMessageSize)
                errors.Add(FieldError.TooLong(path.Child(field, "message"), MaxMetadataSize));
            if (error.Number("errorCode") < 0)
                errors.Invalid(path.Child(field, "errorCode"), error.Number("errorCode"), ValidationMessages.Between(0, int.MaxValue));
        }
    }
}
