using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Rbac;

/// <summary>Role bindings and cluster role bindings (pkg/apis/rbac/validation/validation.go, v1.36).</summary>
internal static class RoleBindingValidation
{
    private static readonly string[] Groups = ["rbac.authorization.k8s.io"];
    private static readonly string[] RoleKinds = ["Role", "ClusterRole"];
    private static readonly string[] ClusterRoleKinds = ["ClusterRole"];
    private static readonly string[] SubjectKinds = ["ServiceAccount", "User", "Group"];
    private static readonly FieldPath RoleRef = new("roleRef");
    private static readonly FieldPath Subjects = new("subjects");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.PathSegment);
        ValidateBinding(errors, obj, RoleKinds, true);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        Validate(context, obj, errors);
        ValidateChange(errors, obj, old);
    }

    public static void ValidateCluster(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.PathSegment);
        ValidateBinding(errors, obj, ClusterRoleKinds, false);
    }

    public static void ValidateClusterUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ValidateCluster(context, obj, errors);
        ValidateChange(errors, obj, old);
    }

    private static void ValidateChange(FieldErrorList errors, Map obj, Map old)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var (role, before) = (obj.Sub("roleRef"), old.Sub("roleRef"));
        if (role.Text("apiGroup") == before.Text("apiGroup") && role.Text("kind") == before.Text("kind") && role.Text("name") == before.Text("name"))
            return;
        // Printed as the internal struct.
        errors.Invalid(RoleRef, new Map { { "APIGroup", role.Text("apiGroup") }, { "Kind", role.Text("kind") }, { "Name", role.Text("name") } },
            "cannot change roleRef");
    }

    private static void ValidateBinding(FieldErrorList errors, Map obj, string[] kinds, bool namespaced)
    {
        var role = obj.Sub("roleRef");
        errors.OneOf(RoleRef, "apiGroup", role.Text("apiGroup"), Groups);
        errors.OneOf(RoleRef, "kind", role.Text("kind"), kinds);
        var name = role.Text("name");
        if (name.Length == 0)
            errors.Required(RoleRef.Child("name"));
        else
            errors.AddInvalid(RoleRef.Child("name"), name, NameValidation.IsPathSegmentName(name));
        var subjects = obj.List("subjects");
        for (var i = 0; i < subjects.Count; i++)
            ValidateSubject(errors, subjects.At(i), Subjects.Index(i), namespaced);
    }

    private static void ValidateSubject(FieldErrorList errors, Map subject, FieldPath path, bool namespaced)
    {
        var (name, group) = (subject.Text("name"), subject.Text("apiGroup"));
        if (name.Length == 0)
            errors.Required(path.Child("name"));
        switch (subject.Text("kind"))
        {
            case "ServiceAccount":
                if (name.Length > 0)
                    MetadataValidation.Name(errors, name, NameRules.DnsSubdomain, path.Child("name"));
                if (group.Length > 0)
                    errors.NotSupported(path.Child("apiGroup"), group, [""]);
                if (!namespaced && subject.Text("namespace").Length == 0)
                    errors.Required(path.Child("namespace"));
                break;
            case "User" or "Group":
                errors.OneOf(path, "apiGroup", group, Groups);
                break;
            default:
                errors.NotSupported(path.Child("kind"), subject.Text("kind"), SubjectKinds);
                break;
        }
    }
}
