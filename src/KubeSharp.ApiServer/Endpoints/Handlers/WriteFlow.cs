using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>What create, update and patch have in common: decoding with field validation, defaults, names.</summary>
public sealed class WriteFlow(AdmissionChain admission, Defaulter defaulter, ResourceFieldManagers fieldManagers, TimeProvider time)
{
    public ResourceFieldManagers FieldManagers { get; } = fieldManagers;

    public TimeProvider Time { get; } = time;

    private readonly ResourceListRounding _rounding = new();

    private const string YamlErrors = "yaml: unmarshal errors:";

    public AdmissionChain Admission { get; } = admission;

    /// <summary>Decodes a body into the served version and treats unknown and duplicate fields as the query says.</summary>
    /// <exception cref="StatusException">400 BadRequest.</exception>
    public Map Decode(ApiRequest request, OperationContext operation, WriteOptions options, ReadOnlySpan<byte> body, Negotiation.Encoding encoding)
    {
        var strict = options.FieldValidation != FieldValidation.Ignore;
        var decoded = RequestBody.Decode(body, encoding, request.Served.Kind, request.Served.Schema, strict);
        if (decoded.Kind.GroupVersion != request.Served.GroupVersion)
            throw StatusErrors.BadRequest($"the API version in the data ({decoded.Kind.GroupVersion}) does not match the expected API version ({request.Served.GroupVersion})");
        if (request.Served.Schema.Custom is not null && decoded.Kind.Kind != request.Served.Kind.Kind)
        {
            var errors = new FieldErrorList();
            errors.Add(FieldError.Invalid(new FieldPath("kind"), decoded.Kind.Kind, $"must be {request.Served.Kind.Kind}"));
            throw StatusErrors.Invalid(decoded.Kind.GroupKind, decoded.Root.GetMap("metadata")?.GetString("name") ?? "", errors);
        }

        var root = decoded.Of(request.Served.Kind);
        TreatStrictErrors(operation, options.FieldValidation, decoded.Kind, decoded.StrictErrors);
        return root;
    }

    /// <summary>Strict: 400; Warn: a header each; Ignore: nothing (KEP-2885).</summary>
    public static void TreatStrictErrors(OperationContext operation, FieldValidation validation, GroupVersionKind kind, IReadOnlyList<string> strictErrors)
    {
        if (strictErrors.Count == 0)
            return;
        if (validation == FieldValidation.Strict)
            throw StatusErrors.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: strict decoding error: {string.Join(", ", strictErrors)}");
        if (validation == FieldValidation.Warn)
        {
            foreach (var error in strictErrors)
            {
                // One warning for each line of YAML that is wrong (handlers/rest.go parseYAMLWarnings).
                if (!error.StartsWith(YamlErrors, StringComparison.Ordinal))
                {
                    operation.AddWarning(error);
                    continue;
                }

                foreach (var line in error[YamlErrors.Length..].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                    operation.AddWarning(line);
            }
        }
    }

    /// <summary>Fills the namespace in, or refuses another one than the path's (rest/meta.go EnsureObjectNamespaceMatchesRequestNamespace).</summary>
    public void CheckNamespace(ApiRequest request, Map obj)
    {
        var metadata = obj.EditMap("metadata");
        var given = metadata.GetString("namespace") ?? "";
        var expected = request.Resource.Namespaced ? request.Info.Namespace : "";
        if (given == expected)
            return;
        if (given.Length == 0)
            metadata.Set("namespace", expected);
        else if (expected.Length == 0)
            metadata.Remove("namespace");
        else
            throw StatusErrors.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
    }

    /// <summary>Static defaults from the schema, then the kind's own. Leaves the tree in normal form, but for empty lists and
    /// maps, which validation has a right to see.</summary>
    /// <returns>Whether there are any of those.</returns>
    public bool SetDefaults(ServedResource served, Map stored)
    {
        if (served.Schema.Custom is { } custom)
        {
            StructuralDefaulter.Apply(stored, custom);
            NormalForm.Apply(stored, served.Schema);
            return false;
        }

        var schema = served.Store.Cache.Codec.Schema;
        defaulter.Apply(stored, schema);
        served.Store.Strategy.SetDefaults(stored);
        _rounding.Apply(stored, schema);
        return NormalForm.Apply(stored, schema, Empties.Kept);
    }

    /// <summary>What no client may give a new object (rest/meta.go WipeObjectMetaSystemFields).</summary>
    public static void WipeSystemFields(Map obj)
    {
        var metadata = obj.EditMap("metadata");
        foreach (var key in (ReadOnlySpan<string>)["creationTimestamp", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"])
            metadata.Remove(key);
    }

    /// <summary>Records who sets which fields (KEP-555). The trees are at the storage version.</summary>
    /// <param name="operation">Who writes.</param>
    /// <param name="obj">The object as it will be; its managedFields are set.</param>
    /// <param name="old">The object as it is; null when it is new.</param>
    /// <param name="subresource">The subresource written through, or empty.</param>
    /// <param name="hasEmpties">What <see cref="SetDefaults"/> returned: nobody owns what the store will lose.</param>
    public void TrackManagedFields(OperationContext operation, Map obj, Map? old, string subresource, bool hasEmpties = false)
    {
        DropDuplicateOwners(operation, obj);
        if (hasEmpties)
        {
            var given = obj.GetMap("metadata")?["managedFields"] ?? default;
            var normal = obj.DeepClone();
            NormalForm.Apply(normal, operation.Served.Store.Cache.Codec.Schema, Empties.AsPrinted);
            // An empty list of managed fields says something until it has been read.
            if (given.AsSequence is { Count: 0 })
                normal.EditMap("metadata").Set("managedFields", given);
            TrackManagedFields(operation, normal, old, subresource);
            obj.EditMap("metadata").Set("managedFields", normal.GetMap("metadata")?["managedFields"] ?? default);
            return;
        }

        var served = operation.Served;
        var manager = FieldManagers.For(served, subresource);
        if (!served.NeedsConversion && served.GroupVersion == served.Resource.StorageVersion)
        {
            manager.Update(old, obj, operation.FieldManager, Time.GetUtcNow());
            return;
        }

        var versioned = served.FromStorage(obj).Thaw();
        versioned.EditMap("metadata");
        manager.Update(old is null ? null : served.FromStorage(old), versioned, operation.FieldManager, Time.GetUtcNow());
        obj.EditMap("metadata").Set("managedFields", versioned.GetMap("metadata")!["managedFields"]);
    }

    /// <summary>Owners that are named twice count once (handlers/create.go dedupOwnerReferencesAndAddWarning).</summary>
    private static void DropDuplicateOwners(OperationContext operation, Map obj)
    {
        if (obj.GetMap("metadata")?.GetSequence("ownerReferences") is not { Count: > 1 } owners)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var duplicates = new List<string>();
        var kept = new Sequence(owners.Count);
        foreach (var owner in owners)
        {
            // Two entries of one owner that differ are validation's to refuse.
            var uid = owner.AsMap?.GetString("uid") ?? "";
            if (seen.Add(uid) || !kept.Any(other => other == owner))
                kept.Add(owner);
            else
                duplicates.Add(uid);
        }

        if (duplicates.Count == 0)
            return;
        obj.EditMap("metadata").Set("ownerReferences", kept);
        operation.AddWarning($".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {string.Join(", ", duplicates)}");
    }
}
