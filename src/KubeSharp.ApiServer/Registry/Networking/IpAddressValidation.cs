using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Networking;

/// <summary>IPAddresses, whose name is the address (pkg/apis/networking/validation/validation.go, v1.36).</summary>
internal static class IpAddressValidation
{
    private static readonly ValidateName NameIsIp = (name, _) =>
    {
        var errors = new FieldErrorList();
        IpValidation.IsValidIp(errors, MetadataValidation.Path, name);
        return [.. errors.Select(error => error.Detail)];
    };

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameIsIp);
        var path = MetadataValidation.Spec.Child("parentRef");
        if (obj.Sub("spec").GetMap("parentRef") is not { } parent)
        {
            errors.Required(path);
            return;
        }

        if (parent.Text("group") is { Length: > 0 } group)
            errors.AddInvalid(path.Child("group"), group, NameValidation.IsDns1123Subdomain(group));
        MetadataValidation.RequiredSegment(errors, parent, "resource", path);
        MetadataValidation.RequiredSegment(errors, parent, "name", path);
        if (parent.Text("namespace") is { Length: > 0 } ns)
            errors.AddInvalid(path.Child("namespace"), ns, NameValidation.IsPathSegmentName(ns));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        Validate(context, obj, errors);
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var (parent, oldParent) = (obj.Sub("spec").GetMap("parentRef"), old.Sub("spec").GetMap("parentRef"));
        if (!((Value)parent).SemanticallyEquals(oldParent))
            errors.Invalid(MetadataValidation.Spec.Child("parentRef"), InternalForm(parent), ValidationMessages.FieldImmutable);
    }

    /// <summary>The reference as upstream prints it: the internal struct, all fields in its order.</summary>
    private static Value InternalForm(Map? parent) => parent is null ? Value.Null : new Map(4)
    {
        { "Group", parent.Text("group") }, { "Resource", parent.Text("resource") },
        { "Namespace", parent.Text("namespace") }, { "Name", parent.Text("name") },
    };
}
