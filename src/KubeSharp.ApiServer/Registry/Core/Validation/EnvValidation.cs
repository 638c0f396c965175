using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Environment variables and the downward API (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class EnvValidation
{
    private static readonly string[] EnvFields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs",
        "status.podIP", "status.podIPs",
    ];

    /// <summary>The fields that files of the downward API may show.</summary>
    public static readonly string[] VolumeFields = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

    private static readonly string[] Resources =
        ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];

    private static readonly string[] MemoryDivisors = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

    public static void ValidateEnv(FieldErrorList errors, Sequence variables, FieldPath path)
    {
        for (var i = 0; i < variables.Count; i++)
        {
            var variable = variables.At(i);
            var name = variable.Text("name");
            if (name.Length == 0)
                errors.Required(path.Index(i).Child("name"));
            else if (NameValidation.IsRelaxedEnvVarName(name) is { Count: > 0 } messages)
                errors.AddInvalid(path.Index(i).Child("name"), name, messages);
            if (variable.GetMap("valueFrom") is { } source)
                ValidateValueFrom(errors, variable, source, path.Index(i).Child("valueFrom"));
        }
    }

    public static void ValidateEnvFrom(FieldErrorList errors, Sequence sources, FieldPath path)
    {
        for (var i = 0; i < sources.Count; i++)
        {
            var source = sources.At(i);
            if (source.Text("prefix") is { Length: > 0 } prefix)
                errors.AddInvalid(path.Index(i).Child("prefix"), prefix, NameValidation.IsRelaxedEnvVarName(prefix));
            var count = 0;
            foreach (var kind in (ReadOnlySpan<string>)["configMapRef", "secretRef"])
            {
                if (source.GetMap(kind) is not { } reference)
                    continue;
                count++;
                var name = reference.Text("name");
                if (name.Length == 0)
                    errors.Required(path.Index(i).Child(kind, "name"));
                else
                    errors.AddInvalid(path.Index(i).Child(kind, "name"), name, NameRules.DnsSubdomain(name, true));
            }

            if (count == 0)
                errors.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
            else if (count > 1)
                errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    /// <summary>validateObjectFieldSelector; <paramref name="fields"/> are those allowed, sorted.</summary>
    public static void ValidateFieldRef(FieldErrorList errors, Map selector, string[] fields, FieldPath path)
    {
        var (version, field) = (selector.Text("apiVersion"), selector.Text("fieldPath"));
        if (version.Length == 0)
        {
            errors.Required(path.Child("apiVersion"));
            return;
        }

        if (field.Length == 0)
        {
            errors.Required(path.Child("fieldPath"));
            return;
        }

        if (ConversionProblem(version, ref field) is { } problem)
        {
            errors.Invalid(path.Child("fieldPath"), field, $"error converting fieldPath: {problem}");
            return;
        }

        if (SplitSubscript(field, out var label, out var subscript))
        {
            var key = label == "metadata.annotations" ? subscript.ToLowerInvariant() : subscript;
            errors.AddInvalid(path, key, NameValidation.IsQualifiedName(key));
        }
        else if (Array.IndexOf(fields, field) < 0)
        {
            errors.NotSupported(path.Child("fieldPath"), field, fields);
        }
    }

    /// <summary>validateContainerResourceFieldSelector.</summary>
    public static void ValidateResourceFieldRef(FieldErrorList errors, Map selector, FieldPath path, bool volume)
    {
        var resource = selector.Text("resource");
        if (volume && selector.Text("containerName").Length == 0)
            errors.Required(path.Child("containerName"));
        else if (resource.Length == 0)
            errors.Required(path.Child("resource"));
        else if (Array.IndexOf(Resources, resource) < 0 && !IsHugePages(resource))
            errors.NotSupported(path.Child("resource"), resource, Resources);
        ValidateDivisor(errors, resource, selector.Amount("divisor"), path);
    }

    private static void ValidateValueFrom(FieldErrorList errors, Map variable, Map source, FieldPath path)
    {
        var count = 0;
        if (source.GetMap("fieldRef") is { } field)
        {
            count++;
            ValidateFieldRef(errors, field, EnvFields, path.Child("fieldRef"));
        }

        if (source.GetMap("resourceFieldRef") is { } resource)
        {
            count++;
            ValidateResourceFieldRef(errors, resource, path.Child("resourceFieldRef"), volume: false);
        }

        foreach (var kind in (ReadOnlySpan<string>)["configMapKeyRef", "secretKeyRef"])
        {
            if (source.GetMap(kind) is not { } reference)
                continue;
            count++;
            ValidateKeySelector(errors, reference, path.Child(kind));
        }

        if (source.GetMap("fileKeyRef") is { } file)
        {
            count++;
            ValidateFileKeySelector(errors, file, path.Child("fileKeyRef"));
        }

        if (count == 0)
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
        else if (variable.Text("value").Length > 0)
            errors.Invalid(path, "", "may not be specified when `value` is not empty");
        else if (count > 1)
            errors.Invalid(path, "", "may not have more than one field specified at a time");
    }

    private static void ValidateKeySelector(FieldErrorList errors, Map reference, FieldPath path)
    {
        var (name, key) = (reference.Text("name"), reference.Text("key"));
        errors.AddInvalid(path.Child("name"), name, NameRules.DnsSubdomain(name, false));
        if (key.Length == 0)
            errors.Required(path.Child("key"));
        else
            errors.AddInvalid(path.Child("key"), key, NameValidation.IsConfigMapKey(key));
    }

    private static void ValidateFileKeySelector(FieldErrorList errors, Map file, FieldPath path)
    {
        if (file.Text("key") is { Length: > 0 } key)
            errors.AddInvalid(path.Child("key"), key, NameValidation.IsRelaxedEnvVarName(key));
        else
            errors.Required(path.Child("key"));
        if (file.Text("volumeName") is { Length: > 0 } volume)
            errors.AddInvalid(path.Child("volumeName"), volume, NameValidation.IsDns1123Label(volume));
        else
            errors.Required(path.Child("volumeName"));
        if (file.Text("path") is { Length: > 0 } at)
            PathValidation.NoBacksteps(errors, at, path.Child("path"));
        else
            errors.Required(path.Child("path"));
    }

    private static void ValidateDivisor(FieldErrorList errors, string resource, Quantity divisor, FieldPath path)
    {
        if (divisor.IsZero)
            return;
        const string Memory = "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the";
        var text = divisor.ToString();
        if (resource is "limits.cpu" or "requests.cpu")
        {
            if (text is not ("1m" or "1"))
                errors.Invalid(path.Child("divisor"), resource, "only divisor's values 1m and 1 are supported with the cpu resource");
            return;
        }

        var kind = resource switch
        {
            "limits.memory" or "requests.memory" => "memory",
            "limits.ephemeral-storage" or "requests.ephemeral-storage" => "local ephemeral storage",
            _ when IsHugePages(resource) => "hugepages",
            _ => null,
        };
        if (kind is not null && Array.IndexOf(MemoryDivisors, text) < 0)
            errors.Invalid(path.Child("divisor"), resource, $"{Memory} {kind} resource");
    }

    private static bool IsHugePages(string resource) =>
        resource.StartsWith("requests.hugepages-", StringComparison.Ordinal) || resource.StartsWith("limits.hugepages-", StringComparison.Ordinal);

    /// <summary>ConvertDownwardAPIFieldLabel: null when the label is known, perhaps under its old name.</summary>
    private static string? ConversionProblem(string version, ref string label)
    {
        if (version != "v1")
            return $"unsupported pod version: {version}";
        if (SplitSubscript(label, out var field, out _))
            return field is "metadata.annotations" or "metadata.labels" ? null : $"field label does not support subscript: {label}";
        switch (label)
        {
            case "metadata.annotations" or "metadata.labels" or "metadata.name" or "metadata.namespace" or "metadata.uid" or "spec.nodeName"
                or "spec.restartPolicy" or "spec.serviceAccountName" or "spec.schedulerName" or "status.phase" or "status.hostIP"
                or "status.hostIPs" or "status.podIP" or "status.podIPs":
                return null;
            case "spec.host":
                label = "spec.nodeName";
                return null;
            default:
                return $"field label not supported: {label}";
        }
    }

    /// <summary>Splits <c>path['key']</c> (pkg/fieldpath SplitMaybeSubscriptedPath).</summary>
    private static bool SplitSubscript(string text, out string path, out string subscript)
    {
        (path, subscript) = (text, "");
        if (!text.EndsWith("']", StringComparison.Ordinal))
            return false;
        var start = text.IndexOf("['", StringComparison.Ordinal);
        if (start <= 0 || start + 2 > text.Length - 2)
            return false;
        (path, subscript) = (text[..start], text[(start + 2)..^2]);
        return true;
    }
}
