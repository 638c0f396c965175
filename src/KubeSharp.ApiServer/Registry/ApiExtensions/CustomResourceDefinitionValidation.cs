using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.AdmissionRegistration;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.ApiExtensions;

/// <summary>Definitions of custom resources (apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go, v1.36);
/// schemas are checked by <see cref="SchemaValidation"/>.</summary>
internal static class CustomResourceDefinitionValidation
{
    private const string ApprovedAnnotation = "api-approved.kubernetes.io";
    private const int MaxSelectableFields = 8;
    private static readonly string[] ColumnTypes = ["boolean", "date", "integer", "number", "string"];
    private static readonly string[] ColumnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
    private static readonly string[] Scopes = ["Cluster", "Namespaced"];
    private static readonly string[] Strategies = ["None", "Webhook"];
    private static readonly FieldPath Path = MetadataValidation.Spec;

    /// <summary>What a stored definition's successor need not fulfil.</summary>
    private readonly record struct Options(bool RequireRecognizedVersion, bool RequireSchema);

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        var names = obj.Sub("spec").Sub("names");
        var required = $"{names.Text("plural")}.{obj.Sub("spec").Text("group")}";
        MetadataValidation.ValidateGenericCluster(errors, obj, (name, prefix) =>
        {
            var messages = NameRules.DnsSubdomain(name, prefix);
            return name == required ? messages : [.. messages, "must be spec.names.plural+\".\"+spec.group"];
        });
        ValidateSpec(errors, new CustomResourceDefinitionSpec(obj.Sub("spec")), new Options(true, true));
        ValidateRest(errors, obj, null);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ObjectMetaValidation.ValidateUpdate(errors, obj.Sub("metadata"), old.Sub("metadata"), MetadataValidation.Path);
        var (spec, before) = (obj.Sub("spec"), old.Sub("spec"));
        var reviewVersions = before.Sub("conversion").Sub("webhook").List("conversionReviewVersions");
        var oldSchemas = before.List("versions").All(version => version.AsMap.Sub("schema").Has("openAPIV3Schema"));
        ValidateSpec(errors, new CustomResourceDefinitionSpec(spec), new Options(
            reviewVersions.Count == 0 || reviewVersions.ContainsText("v1") || reviewVersions.ContainsText("v1beta1"), oldSchemas));
        if (IsEstablished(old))
        {
            errors.ImmutableText(spec, before, "scope", Path);
            errors.ImmutableText(spec.Sub("names"), before.Sub("names"), "kind", Path.Child("names"));
        }

        errors.ImmutableText(spec, before, "group", Path);
        errors.ImmutableText(spec.Sub("names"), before.Sub("names"), "plural", Path.Child("names"));
        ValidateRest(errors, obj, old);
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ObjectMetaValidation.ValidateUpdate(errors, obj.Sub("metadata"), old.Sub("metadata"), MetadataValidation.Path);
        ValidateNames(errors, obj.Sub("status").Sub("acceptedNames"), MetadataValidation.Status.Child("acceptedNames"));
    }

    private static bool IsEstablished(Map obj)
    {
        foreach (var condition in obj.Sub("status").List("conditions"))
        {
            if (condition.AsMap.Text("type") == "Established" && condition.AsMap.Text("status") == "True")
                return true;
        }

        return false;
    }

    private static void ValidateRest(FieldErrorList errors, Map obj, Map? old)
    {
        ValidateNames(errors, obj.Sub("status").Sub("acceptedNames"), MetadataValidation.Status.Child("acceptedNames"));
        ValidateStoredVersions(errors, obj);
        ValidateApproval(errors, obj, old);
        if (obj.Sub("spec").Flag("preserveUnknownFields") && old?.Sub("spec").Flag("preserveUnknownFields") != true)
        {
            errors.Invalid(Path.Child("preserveUnknownFields"), true,
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
    }

    private static void ValidateStoredVersions(FieldErrorList errors, Map obj)
    {
        var stored = obj.Sub("status").List("storedVersions");
        var path = MetadataValidation.Status.Child("storedVersions");
        if (stored.Count == 0)
        {
            errors.Invalid(path, Value.Null, "must have at least one stored version");
            return;
        }

        var left = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < stored.Count; i++)
            left[stored.TextAt(i)] = i;
        foreach (var item in obj.Sub("spec").List("versions"))
        {
            var name = item.AsMap.Text("name");
            if (item.AsMap.Flag("storage") && !left.ContainsKey(name))
                errors.Invalid(path, stored, "must have the storage version " + name);
            left.Remove(name);
        }

        foreach (var (name, index) in left)
        {
            errors.Invalid(path.Index(index), name,
                $"missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions");
        }
    }

    private static void ValidateApproval(FieldErrorList errors, Map obj, Map? old)
    {
        var group = obj.Sub("spec").Text("group");
        if (group is not ("k8s.io" or "kubernetes.io") && !group.EndsWith(".k8s.io", StringComparison.Ordinal) && !group.EndsWith(".kubernetes.io", StringComparison.Ordinal))
            return;
        var annotation = Approval(obj);
        var state = ApprovalState(annotation);
        if (old is not null && ApprovalState(Approval(old)) == state)
            return;
        const string See = "see https://github.com/kubernetes/enhancements/pull/1111";
        var path = MetadataValidation.Path.Child("annotations").Key(ApprovedAnnotation);
        if (state == 0)
            errors.Required(path, $"protected groups must have approval annotation \"{ApprovedAnnotation}\", {See}");
        else if (state == 1)
            errors.Invalid(path, annotation, $"protected groups must have approval annotation \"{ApprovedAnnotation}\" with either a URL or a reason starting with \"unapproved\", {See}");
    }

    private static string Approval(Map obj) => obj.Sub("metadata").Sub("annotations").Text(ApprovedAnnotation);

    /// <summary>0 missing, 1 invalid, 2 bypassed, 3 approved.</summary>
    private static int ApprovalState(string annotation) =>
        annotation.Length == 0 ? 0
        : annotation.StartsWith("unapproved", StringComparison.Ordinal) ? 2
        : GoUrl.TryParse(annotation, out var url, out _) && url.Host.Length > 0 && url.Scheme.Length > 0 ? 3 : 1;

    private static void ValidateSpec(FieldErrorList errors, CustomResourceDefinitionSpec spec, Options options)
    {
        var map = spec.Map;
        var group = map.Text("group");
        if (group.Length == 0)
            errors.Required(Path.Child("group"));
        else if (NameValidation.IsDns1123Subdomain(group) is { Count: > 0 } messages)
            errors.Invalid(Path.Child("group"), group, string.Join(",", messages));
        else if (!group.Contains('.'))
            errors.Invalid(Path.Child("group"), group, "should be a domain with at least one dot");
        ValidateEnum(errors, map.Text("scope"), Scopes, Path.Child("scope"));
        if (!spec.Shared.Sub("validation").Has("openAPIV3Schema"))
            RequireSchemas(errors, spec, options);
        ValidateVersions(errors, spec);
        foreach (var (key, field) in ((string, string)[])[("plural", "plural"), ("singular", "singular"), ("kind", "kind"), ("listKind", "listKind")])
        {
            if (map.Sub("names").Text(key).Length == 0)
                errors.Required(Path.Child("names", field));
        }

        ValidateNames(errors, map.Sub("names"), Path.Child("names"));
        var statusEnabled = spec.Shared.Sub("subresources").Has("status") || Array.Exists(spec.Versions, version => version.Sub("subresources").Has("status"));
        ValidateVersionParts(errors, spec.Shared, "validation", Path, statusEnabled);
        if (spec.Shared.List("selectableFields").Count > 0)
        {
            if (spec.Shared.Has("validation"))
                ValidateSelectableFields(errors, spec.Shared.List("selectableFields"), spec.Shared.Sub("validation").GetMap("openAPIV3Schema"), Path.Child("selectableFields"));
            else
                errors.Invalid(Path.Child("selectableFields"), "", "may only be set when validations.schema is included");
        }

        ValidateConversion(errors, map.GetMap("conversion"), Path.Child("conversion"), options.RequireRecognizedVersion);
    }

    private static void RequireSchemas(FieldErrorList errors, CustomResourceDefinitionSpec spec, Options options)
    {
        for (var i = 0; i < spec.Versions.Length; i++)
        {
            var version = spec.Versions[i];
            if (version.Sub("schema").Has("openAPIV3Schema") || (!options.RequireSchema && !version.Flag("served")))
                continue;
            errors.Required(Path.Child("versions").Index(i).Child("schema", "openAPIV3Schema"),
                options.RequireSchema ? "" : "because otherwise all fields are pruned");
        }
    }

    private static void ValidateVersions(FieldErrorList errors, CustomResourceDefinitionSpec spec)
    {
        var storage = 0;
        HashSet<string> names = new(StringComparer.Ordinal);
        for (var i = 0; i < spec.Versions.Length; i++)
        {
            var (version, path) = (spec.Versions[i], Path.Child("versions").Index(i));
            storage += version.Flag("storage") ? 1 : 0;
            var name = version.Text("name");
            names.Add(name);
            if (NameValidation.IsDns1035Label(name) is { Count: > 0 } messages)
                errors.Invalid(path.Child("name"), name, string.Join(",", messages));
            ValidateDeprecation(errors, version, path.Child("deprecationWarning"));
            var subresources = spec.AnyVersionHas("subresources") ? version.Sub("subresources") : spec.Shared.Sub("subresources");
            ValidateVersionParts(errors, version, "schema", path, subresources.Has("status"));
            if (version.List("selectableFields").Count == 0)
                continue;
            if (version.Sub("schema").GetMap("openAPIV3Schema") is { } schema)
                ValidateSelectableFields(errors, version.List("selectableFields"), schema, path.Child("selectableFields"));
            else
                errors.Invalid(path.Child("selectableFields"), "", "may only be set when `version.schema.openAPIV3Schema` is not included");
        }

        if (names.Count < spec.Versions.Length)
            errors.Invalid(Path.Child("versions"), spec.InternalVersions(), "must contain unique version names");
        if (storage != 1)
            errors.Invalid(Path.Child("versions"), spec.InternalVersions(), "must have exactly one version marked as storage version");
        if (spec.Version.Length > 0 && NameValidation.IsDns1035Label(spec.Version) is { Count: > 0 } wrong)
            errors.Invalid(Path.Child("version"), spec.Version, string.Join(",", wrong));
    }

    private static void ValidateDeprecation(FieldErrorList errors, Map version, FieldPath path)
    {
        if (version.GetString("deprecationWarning") is not { } warning)
            return;
        if (!version.Flag("deprecated"))
        {
            errors.Invalid(path, warning, "can only be set for deprecated versions");
            return;
        }

        if (Encoding.UTF8.GetByteCount(warning) > 256)
            errors.Invalid(path, warning, "must be <= 256 characters long");
        if (warning.Length == 0)
            errors.Invalid(path, warning, "must not be an empty string");
        var at = 0;
        foreach (var rune in warning.EnumerateRunes())
        {
            if (!GoText.IsPrint(rune))
            {
                errors.Invalid(path, warning, $"must only contain printable UTF-8 characters; non-printable character found at index {at}");
                break;
            }

            at += rune.Utf8SequenceLength;
        }
    }

    /// <summary>Schema, subresources and columns, of one version or of all.</summary>
    private static void ValidateVersionParts(FieldErrorList errors, Map parts, string schemaKey, FieldPath path, bool statusEnabled)
    {
        if (parts.GetMap(schemaKey) is { } validation && validation.GetMap("openAPIV3Schema") is { } schema)
            SchemaValidation.Validate(errors, schema, path.Child(schemaKey), statusEnabled);
        if (parts.GetMap("subresources")?.GetMap("scale") is { } scale)
            ValidateScale(errors, scale, path.Child("subresources"));
        var columns = parts.List("additionalPrinterColumns");
        for (var i = 0; i < columns.Count; i++)
            ValidateColumn(errors, columns.At(i), path.Child("additionalPrinterColumns").Index(i));
    }

    private static void ValidateScale(FieldErrorList errors, Map scale, FieldPath path)
    {
        ValidateScalePath(errors, scale.Text("specReplicasPath"), path.Child("scale.specReplicasPath"), true, "should be a json path under .spec", ".spec.");
        ValidateScalePath(errors, scale.Text("statusReplicasPath"), path.Child("scale.statusReplicasPath"), true, "should be a json path under .status", ".status.");
        ValidateScalePath(errors, scale.Text("labelSelectorPath"), path.Child("scale.labelSelectorPath"), false,
            "should be a json path under either .spec or .status", ".spec.", ".status.");
    }

    private static void ValidateScalePath(FieldErrorList errors, string text, FieldPath path, bool required, string detail, params ReadOnlySpan<string> roots)
    {
        if (text.Length == 0)
        {
            if (required)
                errors.Required(path);
            return;
        }

        if (text[0] != '.')
        {
            errors.Invalid(path, text, "must be a simple json path starting with .");
            return;
        }

        foreach (var root in roots)
        {
            if (text.StartsWith(root, StringComparison.Ordinal))
                return;
        }

        errors.Invalid(path, text, detail);
    }

    private static void ValidateColumn(FieldErrorList errors, Map column, FieldPath path)
    {
        if (column.Text("name").Length == 0)
            errors.Required(path.Child("name"));
        var (type, format, json) = (column.Text("type"), column.Text("format"), column.Text("jsonPath"));
        if (type.Length == 0)
            errors.Required(path.Child("type"), "must be one of " + string.Join(",", ColumnTypes));
        else if (!ColumnTypes.Contains(type))
            errors.Invalid(path.Child("type"), type, "must be one of " + string.Join(",", ColumnTypes));
        if (format.Length > 0 && !ColumnFormats.Contains(format))
            errors.Invalid(path.Child("format"), format, "must be one of " + string.Join(",", ColumnFormats));
        if (json.Length == 0)
            errors.Required(path.Child("JSONPath"));
        else if (json[0] != '.')
            errors.Invalid(path.Child("JSONPath"), json, "must be a simple json path starting with .");
    }

    private static void ValidateSelectableFields(FieldErrorList errors, Sequence fields, Map? schema, FieldPath path)
    {
        HashSet<string> unique = new(StringComparer.Ordinal);
        for (var i = 0; i < fields.Count; i++)
        {
            var at = path.Index(i).Child("jsonPath");
            var text = fields.At(i).Text("jsonPath");
            if (text.Length == 0)
            {
                errors.Required(at);
                continue;
            }

            if (!SchemaFieldPath.TryFind(text, schema, false, out var found, out var problem))
            {
                errors.Invalid(at, text, $"is an invalid path: {problem}");
                continue;
            }

            if (found.Root == "metadata")
                errors.Invalid(at, text, "must not point to fields in metadata");
            if (found.Schema.Text("type") is not ("string" or "boolean" or "integer"))
                errors.Invalid(at, text, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            if (!unique.Add(found.Path))
                errors.Duplicate(at, text);
        }

        if (unique.Count > MaxSelectableFields)
            errors.Add(FieldError.TooMany(path, unique.Count, MaxSelectableFields));
    }

    private static void ValidateNames(FieldErrorList errors, Map names, FieldPath path)
    {
        foreach (var key in (ReadOnlySpan<string>)["plural", "singular"])
        {
            if (names.Text(key) is { Length: > 0 } name && NameValidation.IsDns1035Label(name) is { Count: > 0 } messages)
                errors.Invalid(path.Child(key), name, string.Join(",", messages));
        }

        foreach (var key in (ReadOnlySpan<string>)["kind", "listKind"])
        {
            if (names.Text(key) is { Length: > 0 } name && NameValidation.IsDns1035Label(name.ToLowerInvariant()) is { Count: > 0 } messages)
                errors.Invalid(path.Child(key), name, "may have mixed case, but should otherwise match: " + string.Join(",", messages));
        }

        ValidateLabels(errors, names.List("shortNames"), path.Child("shortNames"));
        if (names.Text("kind") is { Length: > 0 } kind && kind == names.Text("listKind"))
            errors.Invalid(path.Child("listKind"), kind, "kind and listKind may not be the same");
        ValidateLabels(errors, names.List("categories"), path.Child("categories"));
    }

    private static void ValidateLabels(FieldErrorList errors, Sequence names, FieldPath path)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (NameValidation.IsDns1035Label(names.TextAt(i)) is { Count: > 0 } messages)
                errors.Invalid(path.Index(i), names.TextAt(i), string.Join(",", messages));
        }
    }

    private static void ValidateEnum(FieldErrorList errors, string value, string[] accepted, FieldPath path)
    {
        if (value.Length == 0)
            errors.Required(path);
        else if (!accepted.Contains(value))
            errors.NotSupported(path, value, accepted);
    }

    private static void ValidateConversion(FieldErrorList errors, Map? conversion, FieldPath path, bool requireRecognized)
    {
        if (conversion is null)
            return;
        ValidateEnum(errors, conversion.Text("strategy"), Strategies, path.Child("strategy"));
        var webhook = conversion.GetMap("webhook");
        var versions = webhook.List("conversionReviewVersions");
        if (conversion.Text("strategy") != "Webhook")
        {
            if (webhook?.Has("clientConfig") == true)
                errors.Forbidden(path.Child("webhookClientConfig"), "should not be set when strategy is not set to Webhook");
            if (versions.Count > 0)
                errors.Forbidden(path.Child("conversionReviewVersions"), "should not be set when strategy is not set to Webhook");
            return;
        }

        if (webhook?.GetMap("clientConfig") is { } config)
            WebhookClientValidation.Validate(errors, config, path.Child("webhookClientConfig"));
        else
            errors.Required(path.Child("webhookClientConfig"), "required when strategy is set to Webhook");
        if (versions.Count == 0)
        {
            errors.Required(path.Child("conversionReviewVersions"));
            return;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < versions.Count; i++)
        {
            if (!seen.Add(versions.TextAt(i)))
                errors.Invalid(path.Child("conversionReviewVersions").Index(i), versions[i], "duplicate version");
            else
                errors.AddInvalid(path.Child("conversionReviewVersions").Index(i), versions[i], NameValidation.IsDns1035Label(versions.TextAt(i)));
        }

        if (requireRecognized && !seen.Contains("v1") && !seen.Contains("v1beta1"))
            errors.Invalid(path.Child("conversionReviewVersions"), versions, "must include at least one of v1, v1beta1");
    }
}
