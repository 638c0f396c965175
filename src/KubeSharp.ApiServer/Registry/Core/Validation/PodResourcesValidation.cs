using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Resources of a pod as a whole, and its claims (validatePodResources in pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class PodResourcesValidation
{
    public static void Validate(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        if (scope.Spec.GetMap("resources") is not { } resources)
            return;
        path = path.Child("resources");
        if (scope.Os == "windows")
        {
            errors.Forbidden(path, "may not be set for a windows pod");
            return;
        }

        if (resources.Has("claims"))
            errors.Forbidden(path.Child("claims"), "claims may not be set for Resources at pod-level");
        ResourceRequirementsValidation.ValidatePod(errors, resources, scope.ClaimNames, scope.Options, path);
        ValidateConsistency(errors, scope.Spec, resources, path);
    }

    public static void ValidateClaims(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        var claims = scope.Spec.List("resourceClaims");
        if (claims.Count == 0)
            return;
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < claims.Count; i++)
        {
            if (scope.PodMetadata.Sub("annotations").ContainsKey(PodAnnotationValidation.Mirror))
            {
                errors.Forbidden(new FieldPath(""), "static pods do not support resource claims");
                continue;
            }

            ValidateClaim(errors, claims.At(i), names, path.Index(i));
        }
    }

    private static void ValidateClaim(FieldErrorList errors, Map claim, HashSet<string> names, FieldPath path)
    {
        var name = claim.Text("name");
        if (name.Length == 0)
        {
            errors.Required(path.Child("name"));
        }
        else if (!names.Add(name))
        {
            errors.Duplicate(path.Child("name"), name);
        }
        else
        {
            errors.AddInvalid(path.Child("name"), name, NameValidation.IsDns1123Label(name));
        }

        var (direct, template) = (claim.GetString("resourceClaimName"), claim.GetString("resourceClaimTemplateName"));
        if (direct is not null && template is not null)
            errors.Invalid(path, Print(claim), "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
        if (direct is null && template is null)
            errors.Invalid(path, Print(claim), "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
        if (direct is not null)
            MetadataValidation.Name(errors, direct, NameRules.DnsSubdomain, path.Child("resourceClaimName"));
        if (template is not null)
            MetadataValidation.Name(errors, template, NameRules.DnsSubdomain, path.Child("resourceClaimTemplateName"));
    }

    private static Value Print(Map claim) => InternalForm.Of(claim, new("", "v1", "Pod"), "spec", "resourceClaims");

    /// <summary>validatePodResourceConsistency: what the pod has must be enough for its containers.</summary>
    private static void ValidateConsistency(FieldErrorList errors, Map spec, Map resources, FieldPath path)
    {
        foreach (var (name, total) in ContainerTotals.Of(spec, "requests"))
        {
            if (resources.Sub("requests").Has(name) && resources.Sub("requests").Amount(name) is var request && total > request)
                errors.Invalid(path.Child("requests").Key(name), request.ToString(), $"must be greater than or equal to aggregate container requests of {total}");
        }

        var limits = resources.Sub("limits");
        foreach (var (name, total) in ContainerTotals.Of(spec, "limits"))
        {
            if (ResourceNames.IsHugePages(name) && limits.Has(name) && limits.Amount(name) is var limit && total > limit)
                errors.Invalid(path.Child("limits").Key(name), limit.ToString(), $"must be greater than or equal to aggregate container limits of {total}");
        }

        var containers = spec.List("containers");
        for (var i = 0; i < containers.Count; i++)
        {
            foreach (var (name, value) in containers.At(i).Sub("resources").Sub("limits"))
            {
                var limit = Quantity.FromValue(value);
                if (limits.Has(name) && limit > limits.Amount(name))
                    errors.Invalid(path.Child("containers").Index(i).Key(name).Child("limits"), limit.ToString(), $"must be less than or equal to pod limits of {limits.Amount(name)}");
            }
        }
    }
}
