using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.ApiServerInternal;

/// <summary>What each API server stores a resource as (pkg/apis/apiserverinternal/validation/validation.go, v1.36).</summary>
internal static class StorageVersionValidation
{
    private static readonly string BadApiVersion = "an apiVersion is " + ValidationMessages.Regex(
        "a DNS-1035 label, which must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        "[a-z]([-a-z0-9]*[a-z0-9])?", "my-name", "abc-123") + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyVersion')";

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, ValidateName);
        ValidateStatus(obj.Sub("status"), errors);
    }

    /// <summary>There is nothing to a spec.</summary>
    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) => ValidateStatus(obj.Sub("status"), errors);

    private static IReadOnlyList<string> ValidateName(string name, bool prefix)
    {
        var dot = name.LastIndexOf('.');
        if (dot < 0)
            return ["name must be in the form of <group>.<resource>"];
        return
        [
            .. NameValidation.IsDns1123Subdomain(name[..dot]).Select(m => "the group segment " + m),
            .. NameValidation.IsDns1035Label(name[(dot + 1)..]).Select(m => "the resource segment " + m),
        ];
    }

    private static void ValidateStatus(Map status, FieldErrorList errors)
    {
        var (versions, path) = (status.List("storageVersions"), MetadataValidation.Status.Child("storageVersions"));
        var servers = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < versions.Count; i++)
        {
            var server = versions.At(i).Text("apiServerID");
            if (!servers.Add(server))
                errors.Duplicate(path.Index(i).Child("apiServerID"), server);
            ValidateServer(errors, versions.At(i), path.Index(i));
        }

        ValidateCommon(errors, status, versions);
        ValidateConditions(errors, status.List("conditions"));
    }

    private static void ValidateServer(FieldErrorList errors, Map server, FieldPath path)
    {
        errors.AddInvalid(path.Child("apiServerID"), server.Text("apiServerID"), NameRules.DnsSubdomain(server.Text("apiServerID"), false));
        var encoding = server.Text("encodingVersion");
        ValidateVersion(errors, encoding, path.Child("encodingVersion"));
        var (decodable, served) = (server.List("decodableVersions"), server.List("servedVersions"));
        for (var i = 0; i < decodable.Count; i++)
            ValidateVersion(errors, decodable.TextAt(i), path.Child("decodableVersions").Index(i));
        if (!decodable.ContainsText(encoding))
            errors.Invalid(path.Child("decodableVersions"), decodable.Count == 0 ? Value.Null : decodable, $"decodableVersions must include encodingVersion {encoding}");
        for (var i = 0; i < served.Count; i++)
        {
            var version = served.TextAt(i);
            ValidateVersion(errors, version, path.Child("servedVersions").Index(i));
            if (!decodable.ContainsText(version))
            {
                errors.Invalid(path.Child("servedVersions").Index(i), version,
                    $"individual served version : {version} must be included in decodableVersions : [{string.Join(' ', decodable.Select(d => d.AsString))}]");
            }
        }
    }

    private static void ValidateCommon(FieldErrorList errors, Map status, Sequence versions)
    {
        var path = MetadataValidation.Status.Child("commonEncodingVersion");
        var encodings = versions.Select(v => v.AsMap.Text("encodingVersion")).Distinct().ToList();
        var common = encodings.Count == 1 ? encodings[0] : null;
        var given = status.GetString("commonEncodingVersion");
        if (common is null && given is not null)
            errors.Invalid(path, given, "should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet");
        else if (common is not null && given is null)
            errors.Invalid(path, Value.Null, $"the common encoding version is {common}");
        else if (common != given)
            errors.Invalid(path, given!, $"the actual common encoding version is {common}");
    }

    /// <summary>Their paths lack the field's name, as upstream's do.</summary>
    private static void ValidateConditions(FieldErrorList errors, Sequence conditions)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < conditions.Count; i++)
        {
            var (condition, path) = (conditions.At(i), MetadataValidation.Status.Index(i));
            var type = condition.Text("type");
            if (first.TryGetValue(type, out var other))
                errors.Invalid(path.Child("type"), type, $"the type of the condition is not unique, it also appears in conditions[{other}]");
            first[type] = i;
            errors.AddInvalid(path.Child("type"), type, NameValidation.IsQualifiedName(type));
            errors.AddInvalid(path.Child("status"), condition.Text("status"), NameValidation.IsQualifiedName(condition.Text("status")));
            foreach (var key in (ReadOnlySpan<string>)["reason", "message"])
            {
                if (condition.Text(key).Length == 0)
                    errors.Required(path.Child(key));
            }
        }
    }

    private static void ValidateVersion(FieldErrorList errors, string apiVersion, FieldPath path)
    {
        var problems = VersionProblems(apiVersion);
        if (problems.Count > 0)
            errors.Invalid(path, apiVersion, string.Join(',', problems));
    }

    private static List<string> VersionProblems(string apiVersion)
    {
        var parts = apiVersion.Split('/');
        if (parts.Length > 2)
            return [BadApiVersion];
        var problems = new List<string>();
        if (parts.Length == 2)
            problems.AddRange(PartProblems("group part: ", parts[0], NameValidation.IsDns1123Subdomain));
        problems.AddRange(PartProblems("version part: ", parts[^1], NameValidation.IsDns1035Label));
        return problems;
    }

    private static IEnumerable<string> PartProblems(string prefix, string part, Func<string, IReadOnlyList<string>> rule) =>
        part.Length == 0 ? [prefix + "must be non-empty"] : rule(part).Select(m => prefix + m);
}
