using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.ApiExtensions;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.ApiExtensions;

/// <summary>Conditions that warn of definitions which would not be accepted today: schemas that are not structural, and
/// protected groups without approval (apiextensions-apiserver/pkg/controller/{nonstructuralschema,apiapproval}, v1.36).</summary>
internal static class SchemaConditions
{
    private const string NonStructuralSchema = "NonStructuralSchema";
    private const string ApprovalConformant = "KubernetesAPIApprovalPolicyConformant";
    private const string ApprovedAnnotation = "api-approved.kubernetes.io";

    /// <summary>The definition with either condition set or removed; null when both are as they should be.</summary>
    public static Map? Apply(Map definition, string now) => ApplyNonStructural(definition, now) ?? ApplyApproval(definition, now);

    private static Map? ApplyNonStructural(Map definition, string now)
    {
        var (status, reason, message) = NonStructural(definition);
        var old = DefinitionConditions.Find(definition, NonStructuralSchema);
        if (status.Length == 0 ? old is null : DefinitionConditions.Says(old, status, reason, message))
            return null;
        var copy = definition.ShallowClone();
        if (status.Length == 0)
            DefinitionConditions.Remove(copy, NonStructuralSchema);
        else
            DefinitionConditions.Set(copy, NonStructuralSchema, status, reason, message, now);
        return copy;
    }

    private static Map? ApplyApproval(Map definition, string now)
    {
        var group = definition.Sub("spec").Text("group");
        if (group is not ("k8s.io" or "kubernetes.io") && !group.EndsWith(".k8s.io", StringComparison.Ordinal) && !group.EndsWith(".kubernetes.io", StringComparison.Ordinal))
            return null;
        var (status, reason, message) = Approval(definition.Sub("metadata").Sub("annotations").Text(ApprovedAnnotation));
        if (DefinitionConditions.Says(DefinitionConditions.Find(definition, ApprovalConformant), status, reason, message))
            return null;
        var copy = definition.ShallowClone();
        DefinitionConditions.Set(copy, ApprovalConformant, status, reason, message, now);
        return copy;
    }

    private static (string Status, string Reason, string Message) NonStructural(Map definition)
    {
        var errors = new FieldErrorList();
        var spec = definition.Sub("spec");
        if (spec.Flag("preserveUnknownFields"))
            errors.Invalid(MetadataValidation.Spec.Child("preserveUnknownFields"), true, "must be false");
        var versions = spec.List("versions");
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions.At(i).Sub("schema").GetMap("openAPIV3Schema") is not { } schema)
                continue;
            if (StructuralSchema.Problem(schema) is { } problem)
                return ("Unknown", "StructuralError", $"failed to check validation schema for version {versions.At(i).Text("name")}: {problem}");
            StructuralSchema.Validate(errors, schema, MetadataValidation.Spec.Child("versions").Index(i).Child("schema", "openAPIV3Schema"));
        }

        return errors.Count == 0 ? ("", "", "") : ("True", "Violations", errors.ToAggregate()!);
    }

    private static (string Status, string Reason, string Message) Approval(string annotation)
    {
        const string See = "see https://github.com/kubernetes/enhancements/pull/1111";
        if (annotation.Length == 0)
            return ("False", "MissingAnnotation", $"protected groups must have approval annotation \"{ApprovedAnnotation}\", {See}");
        if (annotation.StartsWith("unapproved", StringComparison.Ordinal))
            return ("False", "UnapprovedAnnotation", $"not approved: {GoText.Quote(annotation)}");
        if (Uri.TryCreate(annotation, UriKind.Absolute, out var uri) && uri.Host.Length > 0)
            return ("True", "ApprovedAnnotation", $"approved in {annotation}");
        return ("False", "InvalidAnnotation", $"protected groups must have approval annotation \"{ApprovedAnnotation}\" with either a URL or a reason starting with \"unapproved\", {See}");
    }
}
