using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Requests, limits and claims of containers and pods (validateResourceRequirements in
/// pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class ResourceRequirementsValidation
{
    private static readonly string[] PodLevel = ["cpu", "hugepages-", "memory"];

    public static void ValidateContainer(FieldErrorList errors, Map requirements, SortedSet<string> claimNames, PodValidationOptions options, FieldPath path) =>
        Validate(errors, requirements, ResourceNames.ValidateContainer, claimNames, options, path);

    public static void ValidatePod(FieldErrorList errors, Map requirements, SortedSet<string> claimNames, PodValidationOptions options, FieldPath path) =>
        Validate(errors, requirements, ValidatePodName, claimNames, options, path);

    /// <summary>validateOverhead: a list of amounts that is checked as limits are.</summary>
    public static void ValidateOverhead(FieldErrorList errors, Map overhead, PodValidationOptions options, FieldPath path) =>
        Validate(errors, new Map(1) { { "limits", overhead } }, ResourceNames.ValidateContainer, [], options, path);

    /// <summary>Whether an amount of huge pages is a multiple of the page size that the resource's name tells.</summary>
    public static bool IsWholePages(string name, Quantity amount) =>
        Quantity.TryParse(name["hugepages-".Length..], out var size, out _) && size.Sign > 0 && size.MilliValue() % 1000 == 0
            && amount.Value() % size.Value() == 0;

    private static void ValidatePodName(FieldErrorList errors, string name, FieldPath path)
    {
        if (ResourceNames.Validate(errors, name, path) && name is not ("cpu" or "memory") && !ResourceNames.IsHugePages(name))
            errors.NotSupported(path, name, PodLevel);
    }

    private static void Validate(
        FieldErrorList errors, Map requirements, Action<FieldErrorList, string, FieldPath> validateName, SortedSet<string> claimNames,
        PodValidationOptions options, FieldPath path)
    {
        var (limits, requests) = (requirements.Sub("limits"), requirements.Sub("requests"));
        var (compute, hugePages) = (false, false);
        foreach (var (name, value) in limits)
        {
            var at = path.Child("limits").Key(name);
            validateName(errors, name, at);
            ResourceNames.ValidateAmount(errors, name, value, at);
            ValidatePages(errors, name, value, options, at);
            hugePages |= ResourceNames.IsHugePages(name);
            compute |= name is "cpu" or "memory";
        }

        foreach (var (name, value) in requests)
        {
            var at = path.Child("requests").Key(name);
            validateName(errors, name, at);
            ResourceNames.ValidateAmount(errors, name, value, at);
            if (limits.Has(name))
                CompareToLimit(errors, name, Quantity.FromValue(value), limits.Amount(name), path.Child("requests"));
            else if (!ResourceNames.IsOvercommitAllowed(name))
                errors.Required(path.Child("limits"), "Limit must be set for non overcommitable resources");
            ValidatePages(errors, name, value, options, at);
            hugePages |= ResourceNames.IsHugePages(name);
            compute |= name is "cpu" or "memory";
        }

        if (hugePages && !compute)
            errors.Forbidden(path, "HugePages require cpu or memory");
        ValidateClaims(errors, requirements.List("claims"), claimNames, path.Child("claims"));
    }

    private static void CompareToLimit(FieldErrorList errors, string name, Quantity request, Quantity limit, FieldPath path)
    {
        if (request != limit && !ResourceNames.IsOvercommitAllowed(name))
            errors.Invalid(path, request.ToString(), $"must be equal to {name} limit of {limit}");
        else if (request > limit)
            errors.Invalid(path, request.ToString(), $"must be less than or equal to {name} limit of {limit}");
    }

    private static void ValidatePages(FieldErrorList errors, string name, Value value, PodValidationOptions options, FieldPath path)
    {
        if (!ResourceNames.IsHugePages(name) || options.AllowIndivisibleHugePagesValues)
            return;
        var amount = Quantity.FromValue(value);
        if (!IsWholePages(name, amount))
            errors.Invalid(path, amount.ToString(), $"{amount} is not positive integer multiple of {name}");
    }

    private static void ValidateClaims(FieldErrorList errors, Sequence claims, SortedSet<string> claimNames, FieldPath path)
    {
        if (claims.Count == 0)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < claims.Count; i++)
        {
            var (name, request) = (claims.At(i).Text("name"), claims.At(i).Text("request"));
            if (name.Length == 0)
            {
                errors.Required(path.Index(i));
                continue;
            }

            if (seen.Contains(name))
                errors.Duplicate(path.Index(i), name);
            else
                ValidateRequest(errors, name, request, seen, path.Index(i));
            if (!claimNames.Contains(name))
            {
                var detail = "must be one of the names in pod.spec.resourceClaims" + (claimNames.Count == 0 ? " which is empty" : ": " + string.Join(", ", claimNames));
                errors.Add(FieldError.NotFound(path.Index(i), name) with { Detail = detail });
            }
        }
    }

    /// <summary>A claim as a whole stands beside none of its requests.</summary>
    private static void ValidateRequest(FieldErrorList errors, string name, string request, HashSet<string> seen, FieldPath path)
    {
        var key = name;
        if (request.Length > 0)
        {
            errors.AddInvalid(path.Child("request"), request, NameValidation.IsDns1123Label(request));
            key = $"{name}/{request}";
        }

        if (seen.Contains(key))
        {
            errors.Duplicate(path, key);
        }
        else if (request.Length == 0)
        {
            foreach (var other in seen)
            {
                if (other.StartsWith(name + "/", StringComparison.Ordinal))
                    errors.Duplicate(path, name);
            }
        }

        seen.Add(key);
    }
}
