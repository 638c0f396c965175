using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>The schema of a custom resource version in the form that built-in kinds have, so that patches, managed fields and
/// selectors need not know the difference (kube-openapi/pkg/schemaconv over apiextensions' published schemas).</summary>
public static class CustomSchemaTypes
{
    private const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    /// <param name="kind">The kind.</param>
    /// <param name="schema">The version's schema.</param>
    public static SchemaType Of(GroupVersionKind kind, JsonSchema schema)
    {
        var fields = new List<SchemaField> { Field("metadata", TypeRef.StructOf(() => BuiltInSchema.FindType(ObjectMeta)!), null) };
        foreach (var (name, property) in schema.Properties)
        {
            if (name is not ("apiVersion" or "kind" or "metadata"))
                fields.Add(Field(name, TypeOf(property), property));
        }

        return new SchemaType($"{kind.Group}.{kind.Version}.{kind.Kind}", fields) { HasTypeMeta = true, PreserveUnknownFields = schema.PreserveUnknownFields, Custom = schema };
    }

    private static SchemaField Field(string name, TypeRef type, JsonSchema? schema) => new(name, type)
    {
        OmitEmpty = true,
        ListType = schema?.Items is null ? "" : schema.ListType,
        ListMapKeys = schema?.ListMapKeys ?? [],
        IsAtomic = schema?.MapType == "atomic",
    };

    /// <summary>Everything is behind a pointer: what is there stays as it is, empty or not.</summary>
    private static TypeRef TypeOf(JsonSchema schema)
    {
        if (schema.IntOrString)
            return TypeRef.Scalar(TypeKind.IntOrString).AsPointer();
        switch (schema.Type)
        {
            case "string":
                return TypeRef.Scalar(TypeKind.String).AsPointer();
            case "boolean":
                return TypeRef.Scalar(TypeKind.Boolean).AsPointer();
            case "integer":
                return TypeRef.Scalar(TypeKind.Int64).AsPointer();
            case "number":
                return TypeRef.Scalar(TypeKind.Float64).AsPointer();
            case "array" when schema.Items is { } items:
                return TypeRef.ListOf(TypeOf(items)).AsPointer();
            case "object" when schema.AdditionalProperties is { } values:
                return TypeRef.MapOf(TypeOf(values)).AsPointer();
            case "object" when schema.Properties.Count > 0:
                var type = new Lazy<SchemaType>(() => new SchemaType("", [.. schema.Properties.Select(p => Field(p.Key, TypeOf(p.Value), p.Value))])
                {
                    IsAtomic = schema.MapType == "atomic",
                    PreserveUnknownFields = schema.PreserveUnknownFields,
                });
                return TypeRef.StructOf(() => type.Value).AsPointer();
            default:
                // Of no declared shape: maps are owned key by key, all else as a whole.
                return TypeRef.Scalar(TypeKind.Any).AsPointer();
        }
    }
}
