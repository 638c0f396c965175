using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Endpoints.Handlers.Reviews;

/// <summary>Validation of the three access reviews (pkg/apis/authorization/validation/validation.go, v1.36).</summary>
internal static class AccessReviewValidation
{
    private static readonly FieldPath Spec = new("spec");
    private static readonly FieldPath Attributes = new("spec.resourceAttributes");

    public static void Validate(FieldErrorList errors, Map review, string kind)
    {
        var spec = review.GetMap("spec") ?? Map.Empty;
        var resource = spec.GetMap("resourceAttributes");
        var path = spec.GetMap("nonResourceAttributes");
        if (resource is not null && path is not null)
            errors.Add(FieldError.Invalid(Spec.Child("nonResourceAttributes"), Internal(path), "cannot be specified in combination with resourceAttributes"));
        if (resource is null && path is null)
            errors.Add(FieldError.Invalid(Spec.Child("resourceAttributes"), Value.Null, "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        if (kind != "SelfSubjectAccessReview" && string.IsNullOrEmpty(spec.GetString("user")) && spec.GetSequence("groups") is not { Count: > 0 })
            errors.Add(FieldError.Invalid(Spec.Child("user"), "", "at least one of user or group must be specified"));
        ValidateSelector(errors, resource?.GetMap("fieldSelector"), Attributes.Child("fieldSelector"), isLabels: false);
        ValidateSelector(errors, resource?.GetMap("labelSelector"), Attributes.Child("labelSelector"), isLabels: true);

        var isLocal = kind == "LocalSubjectAccessReview";
        ValidateMetadata(errors, review.GetMap("metadata") ?? Map.Empty, isLocal);
        if (!isLocal)
            return;
        var @namespace = review.GetMap("metadata")?.GetString("namespace") ?? "";
        if (resource is not null && (resource.GetString("namespace") ?? "") != @namespace)
            errors.Add(FieldError.Invalid(new FieldPath("spec.resourceAttributes.namespace"), resource.GetString("namespace") ?? "", "must match metadata.namespace"));
        if (path is not null)
            errors.Add(FieldError.Invalid(new FieldPath("spec.nonResourceAttributes"), Internal(path), "disallowed on this kind of request"));
    }

    /// <summary>The internal type has no JSON names, and so errors show Go's.</summary>
    private static Map Internal(Map path) => new(2) { { "Path", path.GetString("path") ?? "" }, { "Verb", path.GetString("verb") ?? "" } };

    private static void ValidateMetadata(FieldErrorList errors, Map metadata, bool isLocal)
    {
        foreach (var (key, value) in metadata)
        {
            if (key == "managedFields" || (isLocal && key == "namespace") || value.IsNullOrUndefined || value.AsString is "" || value.AsMap is { Count: 0 } || value.AsSequence is { Count: 0 })
                continue;
            errors.Add(FieldError.Invalid(new FieldPath("metadata"), metadata, isLocal ? "must be empty except for namespace" : "must be empty"));
            return;
        }
    }

    private static void ValidateSelector(FieldErrorList errors, Map? selector, FieldPath path, bool isLabels)
    {
        if (selector is null)
            return;
        var raw = selector.GetString("rawSelector") ?? "";
        var requirements = selector.GetSequence("requirements") ?? Sequence.Empty;
        if (raw.Length > 0 && requirements.Count > 0)
            errors.Add(FieldError.Invalid(path.Child("rawSelector"), raw, "may not specified at the same time as requirements"));
        if (raw.Length == 0 && requirements.Count == 0)
            errors.Add(FieldError.Required(path.Child("requirements"), $"when {path} is specified, requirements or rawSelector is required"));
        for (var i = 0; i < requirements.Count; i++)
            ValidateRequirement(errors, requirements[i].AsMap ?? Map.Empty, path.Child("requirements").Index(i), isLabels);
    }

    /// <summary>Operators that nobody knows are let through: a newer client may know them.</summary>
    private static void ValidateRequirement(FieldErrorList errors, Map requirement, FieldPath path, bool isLabels)
    {
        var key = requirement.GetString("key") ?? "";
        var values = requirement.GetSequence("values") ?? Sequence.Empty;
        if (!isLabels && key.Length == 0)
            errors.Add(FieldError.Required(path.Child("key"), "must be specified"));
        switch (requirement.GetString("operator"))
        {
            case "In" or "NotIn" when values.Count == 0:
                errors.Add(FieldError.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'"));
                break;
            case "Exists" or "DoesNotExist" when values.Count > 0:
                errors.Add(FieldError.Forbidden(path.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
                break;
        }

        if (!isLabels)
            return;
        LabelValidation.ValidateLabelName(errors, key, path.Child("key"));
        for (var i = 0; i < values.Count; i++)
            errors.AddInvalid(path.Child("values").Index(i), values[i], NameValidation.IsLabelValue(values[i].AsString ?? ""));
    }
}
