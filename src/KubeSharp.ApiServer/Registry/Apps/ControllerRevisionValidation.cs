using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Apps;

/// <summary>Controller revisions, whose data never changes (pkg/apis/apps/validation/validation.go, v1.36).</summary>
internal static class ControllerRevisionValidation
{
    private static readonly FieldPath Data = new("data");
    private static readonly FieldPath Revision = new("revision");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        ValidateObject(errors, obj);
        if (!obj.Has("data"))
            errors.Required(Data, "data is mandatory");
        else if (obj["data"].AsMap is null)
            errors.Required(Data, "data must be a valid JSON object");
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateObject(errors, obj);
        if (!obj["data"].Equals(old["data"]))
            errors.Invalid(Data, obj.Has("data") ? obj["data"] : Value.Null, ValidationMessages.FieldImmutable);
    }

    private static void ValidateObject(FieldErrorList errors, Map obj)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        if (obj.Number("revision") < 0)
            errors.Invalid(Revision, obj.Number("revision"), ValidationMessages.Negative);
    }
}
