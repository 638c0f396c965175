using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Storage;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>What claims, templates and classes say of devices: requests, constraints, configuration
/// (pkg/apis/resource/validation/validation.go, v1.36). Selectors are not compiled yet.</summary>
internal static class DeviceClaimValidation
{
    private const int MaxItems = 32;
    private const int MaxSubRequests = 8;
    private const int MaxExpressionLength = 10 * 1024;
    private const int MaxParametersLength = 10 * 1024;
    private static readonly string[] AllocationModes = ["All", "ExactCount"];
    private static readonly string[] Operators = ["Equal", "Exists"];
    private static readonly string[] Effects = ["NoExecute", "NoSchedule", "None"];

    public static void Validate(FieldErrorList errors, Map devices, FieldPath path)
    {
        var names = RequestNames(devices);
        var requests = devices.List("requests");
        if (IsWithin(errors, requests, MaxItems, path.Child("requests")))
        {
            for (var i = 0; i < requests.Count; i++)
                ValidateRequest(errors, requests.At(i), path.Child("requests").Index(i));
            ValidateUnique(errors, requests, path.Child("requests"), "name");
        }

        var constraints = devices.List("constraints");
        for (var i = 0; IsWithin(errors, constraints, MaxItems, path.Child("constraints"), i == 0) && i < constraints.Count; i++)
            ValidateConstraint(errors, constraints.At(i), path.Child("constraints").Index(i), names);
        var config = devices.List("config");
        for (var i = 0; IsWithin(errors, config, MaxItems, path.Child("config"), i == 0) && i < config.Count; i++)
        {
            ValidateReferences(errors, config.At(i).List("requests"), path.Child("config").Index(i).Child("requests"), names);
            ValidateConfiguration(errors, config.At(i), path.Child("config").Index(i));
        }
    }

    /// <summary>The names of requests and of their alternatives, as references may spell them.</summary>
    public static HashSet<string> RequestNames(Map devices)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var request in devices.List("requests"))
        {
            var name = request.AsMap.Text("name");
            names.Add(name);
            foreach (var sub in request.AsMap.List("firstAvailable"))
                names.Add($"{name}/{sub.AsMap.Text("name")}");
        }

        return names;
    }

    public static bool IsWithin(FieldErrorList errors, Sequence list, int maximum, FieldPath path, bool report = true)
    {
        if (list.Count <= maximum)
            return true;
        if (report)
            errors.Add(FieldError.TooMany(path, list.Count, maximum));
        return false;
    }

    /// <summary>Duplicates by a field, or of the items themselves.</summary>
    public static void ValidateUnique(FieldErrorList errors, Sequence list, FieldPath path, string? key = null)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var value = key is null ? list.TextAt(i) : list.At(i).Text(key);
            if (!seen.Add(value))
                errors.Duplicate(path.Index(i), value);
        }
    }

    public static void ValidateLabelName(FieldErrorList errors, string name, FieldPath path) => errors.AddInvalid(path, name, NameValidation.IsDns1123Label(name));

    private static void ValidateRequest(FieldErrorList errors, Map request, FieldPath path)
    {
        ValidateLabelName(errors, request.Text("name"), path.Child("name"));
        var alternatives = request.List("firstAvailable");
        if (alternatives.Count == 0 && !request.Has("exactly"))
        {
            errors.Required(path, "exactly one of `exactly` or `firstAvailable` is required");
        }
        else if (alternatives.Count > 0 && request.Has("exactly"))
        {
            errors.Invalid(path, Value.Null, "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set");
        }
        else if (request.GetMap("exactly") is { } exactly)
        {
            ValidateExact(errors, exactly, path.Child("exactly"));
        }
        else if (IsWithin(errors, alternatives, MaxSubRequests, path.Child("firstAvailable")))
        {
            for (var i = 0; i < alternatives.Count; i++)
            {
                ValidateLabelName(errors, alternatives.At(i).Text("name"), path.Child("firstAvailable").Index(i).Child("name"));
                ValidateExact(errors, alternatives.At(i), path.Child("firstAvailable").Index(i));
            }

            ValidateUnique(errors, alternatives, path.Child("firstAvailable"), "name");
        }
    }

    private static void ValidateExact(FieldErrorList errors, Map request, FieldPath path)
    {
        var name = request.Text("deviceClassName");
        if (name.Length == 0)
            errors.Required(path.Child("deviceClassName"));
        else
            errors.AddInvalid(path.Child("deviceClassName"), name, NameValidation.IsDns1123Subdomain(name));
        ValidateSelectors(errors, request.List("selectors"), path.Child("selectors"));
        var (mode, count) = (request.Text("allocationMode"), request.Number("count"));
        if (!AllocationModes.Contains(mode))
            errors.NotSupported(path.Child("allocationMode"), mode, AllocationModes);
        else if (mode == "All" && count != 0)
            errors.Invalid(path.Child("count"), count, "must not be specified when allocationMode is 'All'");
        else if (mode == "ExactCount" && count <= 0)
            errors.Invalid(path.Child("count"), count, "must be greater than zero");
        var tolerations = request.List("tolerations");
        for (var i = 0; i < tolerations.Count; i++)
            ValidateToleration(errors, tolerations.At(i), path.Child("tolerations").Index(i));
    }

    public static void ValidateSelectors(FieldErrorList errors, Sequence selectors, FieldPath path)
    {
        if (!IsWithin(errors, selectors, MaxItems, path))
            return;
        for (var i = 0; i < selectors.Count; i++)
        {
            if (selectors.At(i).GetMap("cel") is not { } cel)
                errors.Required(path.Index(i).Child("cel"));
            else if (Encoding.UTF8.GetByteCount(cel.Text("expression")) > MaxExpressionLength)
                errors.Add(FieldError.TooLong(path.Index(i).Child("cel", "expression"), MaxExpressionLength));
        }
    }

    private static void ValidateToleration(FieldErrorList errors, Map toleration, FieldPath path)
    {
        var (key, op, value, effect) = (toleration.Text("key"), toleration.Text("operator"), toleration.Text("value"), toleration.Text("effect"));
        if (key.Length > 0)
            LabelValidation.ValidateLabelName(errors, key, path.Child("key"));
        if (op == "Exists" && value.Length > 0)
            errors.Invalid(path.Child("value"), value, "must be empty for operator `Exists`");
        else if (op == "Equal")
            errors.AddInvalid(path.Child("value"), value, NameValidation.IsLabelValue(value));
        else if (op.Length == 0)
            errors.Required(path.Child("operator"));
        else
            errors.OneOf(path, "operator", op, Operators);
        if (effect.Length > 0)
            errors.OneOf(path, "effect", effect, Effects);
    }

    public static void ValidateTaint(FieldErrorList errors, Map taint, Map? old, FieldPath path)
    {
        LabelValidation.ValidateLabelName(errors, taint.Text("key"), path.Child("key"));
        if (taint.Text("value") is { Length: > 0 } value)
            errors.AddInvalid(path.Child("value"), value, NameValidation.IsLabelValue(value));
        var effect = taint.Text("effect");
        if (old is not null && old.Text("effect") == effect)
            return;
        if (effect.Length == 0)
            errors.Required(path.Child("effect"));
        else
            errors.OneOf(path, "effect", effect, Effects);
    }

    private static void ValidateConstraint(FieldErrorList errors, Map constraint, FieldPath path, HashSet<string> names)
    {
        ValidateReferences(errors, constraint.List("requests"), path.Child("requests"), names);
        if (constraint.GetString("matchAttribute") is { } match)
            DeviceNames.ValidateFullyQualified(errors, match, path.Child("matchAttribute"));
        else if (constraint.GetString("distinctAttribute") is { } distinct)
            DeviceNames.ValidateFullyQualified(errors, distinct, path.Child("distinctAttribute"));
        else
            errors.Required(path, "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set");
    }

    private static void ValidateReferences(FieldErrorList errors, Sequence references, FieldPath path, HashSet<string> names)
    {
        if (!IsWithin(errors, references, MaxItems, path))
            return;
        for (var i = 0; i < references.Count; i++)
            ValidateReference(errors, references.TextAt(i), path.Index(i), names);
        ValidateUnique(errors, references, path);
    }

    public static void ValidateReference(FieldErrorList errors, string name, FieldPath path, HashSet<string> names)
    {
        const string Detail = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
        var segments = name.Split('/');
        if (segments.Length > 2)
        {
            errors.Invalid(path, name, Detail);
            return;
        }

        foreach (var segment in segments)
            ValidateLabelName(errors, segment, path);
        if (!names.Contains(name))
            errors.Invalid(path, name, Detail);
    }

    public static void ValidateConfiguration(FieldErrorList errors, Map config, FieldPath path)
    {
        if (config.GetMap("opaque") is not { } opaque)
        {
            errors.Required(path.Child("opaque"));
            return;
        }

        CsiValidation.ValidateDriverName(errors, opaque.Text("driver"), path.Child("opaque", "driver"));
        ValidateRaw(errors, opaque["parameters"], path.Child("opaque", "parameters"));
    }

    /// <summary>A JSON object of bounded size (validateRawExtension).</summary>
    public static void ValidateRaw(FieldErrorList errors, Value value, FieldPath path, int maximum = MaxParametersLength)
    {
        if (value.IsNullOrUndefined)
            errors.Required(path);
        else if (Encoding.UTF8.GetByteCount(ApiMachinery.Text.GoText.Json(value)) > maximum)
            errors.Add(FieldError.TooLong(path, maximum));
        else if (value.AsMap is null)
            errors.Invalid(path, "<value omitted>", "must be a valid JSON object");
    }
}
