using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Storage;

/// <summary>Storage classes and volume attributes classes (pkg/apis/storage/validation/validation.go, v1.36).</summary>
internal static class StorageClassValidation
{
    private const int MaxParameters = 512;
    private const int MaxParametersSize = 256 * 1024;
    private static readonly string[] ReclaimPolicies = ["Delete", "Retain"];
    private static readonly string[] BindingModes = ["Immediate", "WaitForFirstConsumer"];
    private static readonly FieldPath Topologies = new("allowedTopologies");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        ValidateProvisioner(errors, obj.Text("provisioner"), new FieldPath("provisioner"));
        ValidateParameters(errors, obj.Sub("parameters"), true);
        if (obj.Text("reclaimPolicy") is { Length: > 0 } policy && !ReclaimPolicies.Contains(policy))
            errors.NotSupported(new FieldPath("reclaimPolicy"), policy, ReclaimPolicies);
        if (!obj.Has("volumeBindingMode"))
            errors.Required(new FieldPath("volumeBindingMode"));
        else if (!BindingModes.Contains(obj.Text("volumeBindingMode")))
            errors.NotSupported(new FieldPath("volumeBindingMode"), obj.Text("volumeBindingMode"), BindingModes);
        ValidateTopologies(errors, obj.List("allowedTopologies"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        Validate(context, obj, errors);
        MetadataValidation.ValidateUpdate(errors, obj, old);
        errors.Immutable(obj.Has("parameters") ? obj["parameters"] : Value.Null, old["parameters"], new FieldPath("parameters"));
        foreach (var field in (ReadOnlySpan<string>)["provisioner", "reclaimPolicy", "volumeBindingMode"])
        {
            if (obj.Text(field) != old.Text(field))
                errors.Invalid(new FieldPath(field), obj.Text(field), ValidationMessages.FieldImmutable);
        }
    }

    public static void ValidateAttributes(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        ValidateProvisioner(errors, obj.Text("driverName"), new FieldPath("driverName"));
        ValidateParameters(errors, obj.Sub("parameters"), false);
    }

    public static void ValidateAttributesUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (obj.Text("driverName") != old.Text("driverName"))
            errors.Forbidden(new FieldPath("driverName"), "updates to driverName are forbidden.");
        if (!((Value)obj.Sub("parameters")).Equals(old.Sub("parameters")))
            errors.Forbidden(new FieldPath("parameters"), "updates to parameters are forbidden.");
        ValidateAttributes(context, obj, errors);
    }

    private static void ValidateProvisioner(FieldErrorList errors, string name, FieldPath path)
    {
        if (name.Length == 0)
            errors.Required(path);
        else
            errors.AddInvalid(path, name.ToLowerInvariant(), NameValidation.IsQualifiedName(name.ToLowerInvariant()));
    }

    private static void ValidateParameters(FieldErrorList errors, Map parameters, bool allowEmpty)
    {
        var path = new FieldPath("parameters");
        if (parameters.Count > MaxParameters)
        {
            errors.Add(FieldError.TooLong(path, MaxParameters));
            return;
        }

        long size = 0;
        foreach (var (key, value) in parameters)
        {
            if (key.Length == 0)
                errors.Invalid(path, key, "field can not be empty.");
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.AsString ?? "");
        }

        if (size > MaxParametersSize)
            errors.Add(FieldError.TooLong(path, MaxParametersSize));
        if (!allowEmpty && parameters.Count == 0)
            errors.Required(path, "must contain at least one key/value pair");
    }

    private static void ValidateTopologies(FieldErrorList errors, Sequence terms)
    {
        // Upstream's list of earlier terms begins with as many empty ones as there are terms: an empty one is a duplicate of each.
        var seen = new List<Dictionary<string, HashSet<string>>>(terms.Count * 2);
        for (var i = 0; i < terms.Count; i++)
            seen.Add([]);
        for (var i = 0; i < terms.Count; i++)
        {
            var path = Topologies.Index(i).Child("matchLabelExpressions");
            var term = ValidateTerm(errors, terms.At(i).List("matchLabelExpressions"), path);
            foreach (var other in seen)
            {
                if (other.Count == term.Count && other.All(pair => term.TryGetValue(pair.Key, out var values) && values.SetEquals(pair.Value)))
                    errors.Duplicate(path, "");
            }

            seen.Add(term);
        }
    }

    /// <returns>The values by key.</returns>
    private static Dictionary<string, HashSet<string>> ValidateTerm(FieldErrorList errors, Sequence expressions, FieldPath path)
    {
        Dictionary<string, HashSet<string>> term = new(StringComparer.Ordinal);
        for (var i = 0; i < expressions.Count; i++)
        {
            var (key, values) = (expressions.At(i).Text("key"), expressions.At(i).List("values"));
            if (values.Count == 0)
                errors.Required(path.Index(i).Child("values"));
            HashSet<string> seen = new(StringComparer.Ordinal);
            for (var j = 0; j < values.Count; j++)
            {
                if (!seen.Add(values.TextAt(j)))
                    errors.Duplicate(path.Index(i).Child("values").Index(j), values[j]);
            }

            LabelValidation.ValidateLabelName(errors, key, path.Index(i).Child("key"));
            if (!term.TryAdd(key, seen))
                errors.Duplicate(path.Index(i).Child("key"), key);
            term[key] = seen;
        }

        return term;
    }
}
