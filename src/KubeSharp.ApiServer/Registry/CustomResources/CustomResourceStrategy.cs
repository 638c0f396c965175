using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
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
    private readonly SimpleJsonPath?[] _selectable;

    public CustomResourceStrategy(CustomResourceDefinition definition)
    {
        _definition = definition;
        var storage = definition.StorageVersion;
        SelectableFieldNames = [.. storage.SelectableFields.Select(path => path.TrimStart('.'))];
        _selectable = [.. storage.SelectableFields.Select(SimpleJsonPath.Parse)];
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
            values[i] = _selectable[i]?.Find(obj) is { IsNullOrUndefined: false } value ? value.ToString() : "";
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
        JsonSchemaValidator.Validate(errors, obj, default, VersionOf(context).Schema);
        ValidateScale(context, obj, errors, spec: true);
        ListKeys.Validate(errors, obj, VersionOf(context).Schema, null);
    }

    public override void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var schema = VersionOf(context).Schema;
        JsonSchemaValidator.Validate(errors, obj, old, schema);
        ValidateScale(context, obj, errors, spec: true);
        ValidateLists(obj, old, schema, errors);
    }

    public override void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var schema = VersionOf(context).Schema;
        if (obj.TryGetValue("status", out var status) && schema.Properties.TryGetValue("status", out var property))
            JsonSchemaValidator.Validate(errors, status, old["status"], property, new FieldPath("status"));
        ValidateScale(context, obj, errors, spec: false);
        ValidateLists(obj, old, schema, errors);
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

    private static void ValidateLists(Map obj, Map old, JsonSchema schema, FieldErrorList errors)
    {
        var before = new FieldErrorList();
        ListKeys.Validate(before, old, schema, null);
        if (before.Count == 0)
            ListKeys.Validate(errors, obj, schema, null);
    }

    private void ValidateScale(OperationContext context, Map obj, FieldErrorList errors, bool spec)
    {
        if (VersionOf(context).Scale is not { } scale)
            return;
        if (spec)
            ValidateReplicas(errors, scale.SpecReplicas, obj);
        ValidateReplicas(errors, scale.StatusReplicas, obj);
    }

    private static void ValidateReplicas(FieldErrorList errors, SimpleJsonPath path, Map obj)
    {
        var field = new FieldPath("." + string.Join('.', path.Fields));
        if (path.Find(obj).AsInteger is not { } replicas)
            return;
        if (replicas < 0)
            errors.Add(FieldError.Invalid(field, replicas, "should be a non-negative integer"));
        else if (replicas > int.MaxValue)
            errors.Add(FieldError.Invalid(field, replicas, $"should be less than or equal to {int.MaxValue}"));
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
