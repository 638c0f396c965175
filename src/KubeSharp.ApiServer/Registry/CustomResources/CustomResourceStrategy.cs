using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.ManagedFields;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.CustomResources;

/// <summary>
/// Custom resources: validated by the schema of the version that the client speaks. CEL rules
/// (x-kubernetes-validations) are not evaluated yet.
/// Source: apiextensions-apiserver/pkg/registry/customresource/{strategy.go,status_strategy.go,validator.go}, v1.36.
/// </summary>
internal sealed class CustomResourceStrategy : RestStrategy
{
    private static readonly string[] StandardFinalizers = ["orphan", "foregroundDeletion", "kubernetes"];
    private static readonly FieldSet OutsideStatus = FieldSet.OfFields(["metadata"], ["spec"]);

    private readonly CustomResourceDefinition _definition;
    private readonly JsonPath?[] _selectable;

    public CustomResourceStrategy(CustomResourceDefinition definition)
    {
        _definition = definition;
        var storage = definition.StorageVersion;
        SelectableFieldNames = [.. storage.SelectableFields.Select(path => path.TrimStart('.'))];
        _selectable = [.. storage.SelectableFields.Select(JsonPath.Parse)];
    }

    public override bool AllowCreateOnUpdate => false;

    public override bool AllowUnconditionalUpdate => false;

    public override IReadOnlyList<string> SelectableFieldNames { get; }

    public override string[] SelectableFields(Map obj)
    {
        if (_selectable.Length == 0)
            return [];
        var values = new string[_selectable.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = _selectable[i]?.First(obj) is { IsNullOrUndefined: false } value ? JsonPath.Print(value) : "";
        return values;
    }

    public override FieldSet ResetFields(string subresource) => subresource switch
    {
        "" when _definition.Versions.Any(version => version.HasStatus) => StatusField,
        "status" => OutsideStatus,
        _ => FieldSet.Empty,
    };

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        if (context.Served.IsTerminating)
            throw StatusErrors.Forbidden(context.Served.Resource.GroupResource, obj.Name(), "create not allowed while custom resource definition is terminating");
        if (VersionOf(context).HasStatus)
            obj.Remove("status");
        obj.EditMap("metadata").Set("generation", 1);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        if (VersionOf(context).HasStatus)
            obj.Set("status", old["status"]);
        if (IsChanged(obj, old))
            IncrementGeneration(obj, old);
    }

    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        var (status, managedFields) = (obj["status"], obj.Sub("metadata")["managedFields"]);
        for (var i = obj.Count - 1; i >= 0; i--)
            obj.Remove(obj.KeyAt(i));
        foreach (var (key, value) in old)
            obj.Set(key, value);
        obj.Set("status", status);
        obj.EditMap("metadata").Set("managedFields", managedFields);
    }

    public override void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        if (_definition.Namespaced)
            MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        else
            MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        var version = VersionOf(context);
        JsonSchemaValidator.Validate(errors, obj, default, version.Schema);
        ScaleValidation.ValidateSpec(errors, obj, version.Scale);
        ScaleValidation.ValidateStatus(errors, obj, version.Scale);
        EmbeddedResourceValidation.Validate(errors, obj, version.Schema, null);
        ListTypeValidation.Validate(errors, obj, version.Schema);
        ValidateRules(errors, version);
    }

    public override void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var version = VersionOf(context);
        JsonSchemaValidator.Validate(errors, obj, old, version.Schema);
        ScaleValidation.ValidateSpec(errors, obj, version.Scale);
        ScaleValidation.ValidateStatus(errors, obj, version.Scale);
        EmbeddedResourceValidation.Validate(errors, obj, version.Schema, null);
        ValidateLists(obj, old, version.Schema, errors);
        ValidateRules(errors, version);
    }

    public override void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var version = VersionOf(context);
        if (obj.TryGetValue("status", out var status) && version.Schema.Properties.TryGetValue("status", out var property))
            JsonSchemaValidator.Validate(errors, status, old["status"], property, MetadataValidation.Status);
        ScaleValidation.ValidateStatus(errors, obj, version.Scale);
        ValidateLists(obj, old, version.Schema, errors);
        ValidateRules(errors, version);
    }

    /// <summary>Of another version, an object loses on its way into the store what the storage version does not know.</summary>
    public override void Canonicalize(Map obj)
    {
        if (_definition.Versions.Count == 1)
            return;
        // Frozen parts are shared with the object as it was.
        var pruned = obj.DeepClone();
        var unknown = new List<string>();
        StructuralPruner.Prune(pruned, _definition.StorageVersion.Schema, unknown);
        if (unknown.Count == 0)
            return;
        for (var i = obj.Count - 1; i >= 0; i--)
            obj.Remove(obj.KeyAt(i));
        foreach (var (key, value) in pruned)
            obj.Set(key, value);
    }

    public override void Warn(OperationContext context, Map obj, Map? old)
    {
        var known = old?.Sub("metadata").List("finalizers") ?? Sequence.Empty;
        foreach (var finalizer in obj.Sub("metadata").List("finalizers").Select(f => f.AsString ?? "").Order(StringComparer.Ordinal))
        {
            if (known.ContainsText(finalizer))
                continue;
            foreach (var problem in NameValidation.IsQualifiedName(finalizer))
                context.AddWarning($"metadata.finalizers: \"{finalizer}\": {problem}");
            if (!finalizer.Contains('/', StringComparison.Ordinal) && !StandardFinalizers.Contains(finalizer))
            {
                var path = finalizer.Contains('.', StringComparison.Ordinal) ? " including a path (/)" : "";
                context.AddWarning($"metadata.finalizers: \"{finalizer}\": prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other finalizer writers");
            }
        }
    }

    private static bool IsChanged(Map obj, Map old)
    {
        foreach (var (key, value) in obj)
        {
            if (key is not ("metadata" or "apiVersion") && value != old[key])
                return true;
        }

        foreach (var (key, _) in old)
        {
            if (key is not ("metadata" or "apiVersion") && !obj.ContainsKey(key))
                return true;
        }

        return false;
    }

    /// <summary>A list that was wrong before may stay wrong.</summary>
    private static void ValidateLists(Map obj, Map old, JsonSchema schema, FieldErrorList errors)
    {
        var found = new FieldErrorList();
        ListTypeValidation.Validate(found, obj, schema);
        if (found.Count == 0)
            return;
        var before = new FieldErrorList();
        ListTypeValidation.Validate(before, old, schema);
        if (before.Count == 0)
            errors.AddRange(found);
    }

    /// <summary>x-kubernetes-validations are evaluated here once there is CEL; until then only their being skipped is told.</summary>
    private static void ValidateRules(FieldErrorList errors, CustomResourceVersion version)
    {
        if (!version.Schema.HasRules)
            return;
        foreach (var error in errors)
        {
            if (error.Type is FieldErrorType.NotSupported or FieldErrorType.Required or FieldErrorType.TooLong or FieldErrorType.TooMany or FieldErrorType.TypeInvalid)
            {
                errors.Add(FieldError.Invalid(null, Value.Null, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"));
                return;
            }
        }
    }

    private CustomResourceVersion VersionOf(OperationContext context)
    {
        var name = context.Served.GroupVersion.Version;
        foreach (var version in _definition.Versions)
        {
            if (version.Name == name)
                return version;
        }

        return _definition.StorageVersion;
    }
}
