using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.AdmissionRegistration;

/// <summary>Mutating admission policies (pkg/apis/admissionregistration/validation/validation.go, v1.36).</summary>
internal static class MutatingAdmissionPolicyValidation
{
    private static readonly string[] PatchTypes = ["ApplyConfiguration", "JSONPatch"];
    private static readonly FieldPath Path = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors) => ValidatePolicy(errors, obj, false);

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) =>
        ValidatePolicy(errors, obj, AdmissionPolicyValidation.HasSameMatchConditions(obj.Sub("spec"), old.Sub("spec")));

    private static void ValidatePolicy(FieldErrorList errors, Map obj, bool ignoreMatchConditions)
    {
        MetadataValidation.ValidateGenericCluster(errors, obj, NameRules.DnsSubdomain);
        var spec = obj.Sub("spec");
        AdmissionPolicyValidation.ValidateFailurePolicy(errors, spec, Path);
        if (spec.GetMap("paramKind") is { } kind)
            AdmissionPolicyValidation.ValidateParamKind(errors, kind, Path.Child("paramKind"));
        AdmissionPolicyValidation.ValidateMatchConstraints(errors, spec, Path);
        AdmissionRuleValidation.ValidateMutatingOperations(errors, spec.Sub("matchConstraints"), Path.Child("matchConstraints"));
        if (!ignoreMatchConditions)
            AdmissionRuleValidation.ValidateMatchConditions(errors, spec.List("matchConditions"), Path.Child("matchConditions"));
        AdmissionPolicyValidation.ValidateVariables(errors, spec.List("variables"), Path.Child("variables"));
        var mutations = spec.List("mutations");
        if (mutations.Count == 0)
            errors.Required(Path.Child("mutations"), "mutations must contain at least one item");
        for (var i = 0; i < mutations.Count; i++)
            ValidateMutation(errors, mutations.At(i), Path.Child("mutations").Index(i));
        var reinvocation = spec.Text("reinvocationPolicy");
        if (reinvocation.Length == 0)
            errors.Required(Path.Child("reinvocationPolicy"));
        else
            errors.OneOf(Path, "reinvocationPolicy", reinvocation, AdmissionRuleValidation.ReinvocationPolicies);
    }

    private static void ValidateMutation(FieldErrorList errors, Map mutation, FieldPath path)
    {
        var type = mutation.Text("patchType");
        switch (type)
        {
            case "":
                errors.Required(path.Child("patchType"));
                break;
            case "JSONPatch":
                ValidatePatch(errors, mutation, "jsonPatch", "applyConfiguration", type, path);
                break;
            case "ApplyConfiguration":
                ValidatePatch(errors, mutation, "applyConfiguration", "jsonPatch", type, path);
                break;
            default:
                errors.NotSupported(path.Child("patchType"), type, PatchTypes);
                break;
        }
    }

    private static void ValidatePatch(FieldErrorList errors, Map mutation, string wanted, string other, string type, FieldPath path)
    {
        if (mutation.GetMap(wanted) is not { } patch)
            errors.Required(path.Child(wanted), $"must be specified when patchType is {type}");
        else if (patch.Text("expression").Trim().Length == 0)
            errors.Required(path.Child(wanted, "expression"));
        if (mutation.Has(other))
            errors.Invalid(path.Child(other), $"{{{other}}}", $"must not be specified when patchType is {type}");
    }
}

/// <summary>Their bindings (pkg/apis/admissionregistration/validation/validation.go, v1.36).</summary>
internal static class MutatingAdmissionPolicyBindingValidation
{
    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateGenericCluster(errors, obj, NameRules.DnsSubdomain);
        var spec = obj.Sub("spec");
        AdmissionPolicyValidation.ValidateBinding(errors, spec, MetadataValidation.Spec);
        AdmissionRuleValidation.ValidateMutatingOperations(errors, spec.Sub("matchResources"), MetadataValidation.Spec.Child("matchResources"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) => Validate(context, obj, errors);
}
