using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiMachinery.Views.Rbac.V1;

namespace KubeSharp.ApiServer.Registry.Rbac;

/// <summary>Validation of role bindings and cluster role bindings (pkg/apis/rbac/validation/validation.go, v1.36).</summary>
internal static class RoleBindingValidation
{
    private const string Group = "rbac.authorization.k8s.io";

    private static readonly FieldPath Metadata = new("metadata");
    private static readonly FieldPath Reference = new("roleRef");
    private static readonly FieldPath Subjects = new("subjects");

    public static void Validate(FieldErrorList errors, Map binding, Map? old) => Validate(errors, binding, old, isNamespaced: true);

    public static void ValidateClusterRoleBinding(FieldErrorList errors, Map binding, Map? old) => Validate(errors, binding, old, isNamespaced: false);

    private static void Validate(FieldErrorList errors, Map obj, Map? old, bool isNamespaced)
    {
        ObjectMetaValidation.Validate(errors, obj.GetMap("metadata") ?? Map.Empty, isNamespaced, NameRules.PathSegment, Metadata);
        var binding = new RoleBinding(obj);
        ValidateReference(errors, binding.RoleRef, isNamespaced);
        var subjects = binding.Subjects;
        for (var i = 0; i < subjects.Count; i++)
            ValidateSubject(errors, subjects[i], isNamespaced, i);
        if (old is null)
            return;
        ObjectMetaValidation.ValidateUpdate(errors, obj.GetMap("metadata") ?? Map.Empty, old.GetMap("metadata") ?? Map.Empty, Metadata);
        var (now, before) = (binding.RoleRef, new RoleBinding(old).RoleRef);
        if (now.APIGroup != before.APIGroup || now.Kind != before.Kind || now.Name != before.Name)
        {
            // The internal type has no JSON names, and so the error shows Go's.
            var shown = new Map(3) { { "APIGroup", now.APIGroup }, { "Kind", now.Kind }, { "Name", now.Name } };
            errors.Add(FieldError.Invalid(Reference, shown, "cannot change roleRef"));
        }
    }

    private static void ValidateReference(FieldErrorList errors, RoleRef reference, bool isNamespaced)
    {
        if (reference.APIGroup != Group)
            errors.Add(FieldError.NotSupported(Reference.Child("apiGroup"), reference.APIGroup, [Group]));
        if (reference.Kind != "ClusterRole" && !(isNamespaced && reference.Kind == "Role"))
            errors.Add(FieldError.NotSupported(Reference.Child("kind"), reference.Kind, isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]));
        if (reference.Name.Length == 0)
            errors.Add(FieldError.Required(Reference.Child("name"), ""));
        else
            errors.AddInvalid(Reference.Child("name"), reference.Name, NameRules.PathSegment(reference.Name, false));
    }

    private static void ValidateSubject(FieldErrorList errors, Subject subject, bool isNamespaced, int index)
    {
        var path = Subjects.Index(index);
        if (subject.Name.Length == 0)
            errors.Add(FieldError.Required(path.Child("name"), ""));
        switch (subject.Kind)
        {
            case "ServiceAccount":
                if (subject.Name.Length > 0)
                    errors.AddInvalid(path.Child("name"), subject.Name, NameRules.DnsSubdomain(subject.Name, false));
                if (subject.APIGroup.Length > 0)
                    errors.Add(FieldError.NotSupported(path.Child("apiGroup"), subject.APIGroup, [""]));
                if (!isNamespaced && subject.Namespace.Length == 0)
                    errors.Add(FieldError.Required(path.Child("namespace"), ""));
                break;
            case "User" or "Group":
                if (subject.APIGroup != Group)
                    errors.Add(FieldError.NotSupported(path.Child("apiGroup"), subject.APIGroup, [Group]));
                break;
            default:
                errors.Add(FieldError.NotSupported(path.Child("kind"), subject.Kind, ["ServiceAccount", "User", "Group"]));
                break;
        }
    }
}
