using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>
/// Turns schema types into OpenAPI v3 component schemas, with upstream's names and extensions
/// (kube-openapi/pkg/builder3, k8s.io/api zz_generated.openapi.go; v1.36). Collects what it refers to.
/// </summary>
internal sealed class OpenApiSchemas
{
    private const string Prefix = "#/components/schemas/";
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private const string Extensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

    private readonly SortedDictionary<string, Map> _schemas = new(StringComparer.Ordinal);
    private readonly Queue<string> _pending = new();
    private readonly Descriptions _descriptions = Descriptions.Get();

    /// <summary>A reference to a type, which will be among the components.</summary>
    public Map Reference(string name)
    {
        if (_schemas.TryAdd(name, Map.Empty))
            _pending.Enqueue(name);
        return new Map(1) { { "$ref", Prefix + name } };
    }

    /// <summary>All components that were referred to, directly or not.</summary>
    /// <param name="kindsOf">The kinds that a type is, for the group-version-kind extension.</param>
    public Map Build(Func<string, IEnumerable<GroupVersionKind>> kindsOf)
    {
        while (_pending.TryDequeue(out var name))
        {
            var schema = Special(name) ?? Struct(BuiltInSchema.Get(name));
            if (_descriptions.Find(name) is { Length: > 0 } description)
                schema.InsertAt(0, "description", description);
            var kinds = new Sequence();
            foreach (var kind in kindsOf(name))
                kinds.Add(new Map(3) { { "group", kind.Group }, { "kind", kind.Kind }, { "version", kind.Version } });
            if (kinds.Count > 0)
                schema.Set("x-kubernetes-group-version-kind", kinds);
            _schemas[name] = schema;
        }

        var components = new Map(_schemas.Count);
        foreach (var (name, schema) in _schemas)
            components.Append(name, schema);
        return components;
    }

    private static Map? Special(string name) => name switch
    {
        "io.k8s.apimachinery.pkg.api.resource.Quantity" => OneOf("string", "number"),
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => new Map(2) { { "format", "int-or-string" }, { "oneOf", Types("integer", "string") } },
        Meta + "Time" or Meta + "MicroTime" => new Map(2) { { "type", "string" }, { "format", "date-time" } },
        Meta + "Duration" => new Map(1) { { "type", "string" } },
        Meta + "FieldsV1" or "io.k8s.apimachinery.pkg.runtime.RawExtension" => new Map(1) { { "type", "object" } },
        Extensions + "JSON" or Extensions + "JSONSchemaPropsOrBool" or Extensions + "JSONSchemaPropsOrArray" or Extensions + "JSONSchemaPropsOrStringArray" => new Map(0),
        _ => null,
    };

    private Map Struct(SchemaType type)
    {
        var properties = new Map(type.Fields.Count + 2);
        var required = new Sequence();
        if (type.HasTypeMeta)
        {
            foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
                properties.Set(name, Describe(type, name, Scalar("string", "")));
        }

        foreach (var field in type.Fields)
        {
            properties.Set(field.Name, Describe(type, field.Name, Property(field)));
            if (!field.OmitEmpty && !field.OmitZero && !field.Type.IsPointer)
                required.Add(field.Name);
        }

        properties.Sort(string.CompareOrdinal);
        var schema = new Map(4) { { "type", "object" } };
        if (properties.Count > 0)
            schema.Set("properties", properties);
        if (required.Count > 0)
            schema.Set("required", required);
        if (type.IsAtomic)
            schema.Set("x-kubernetes-map-type", "atomic");
        return schema;
    }

    private Map Describe(SchemaType type, string field, Map schema)
    {
        if (_descriptions.Find(type.Name, field) is { Length: > 0 } description)
            schema.InsertAt(0, "description", description);
        return schema;
    }

    private Map Property(SchemaField field)
    {
        var schema = TypeOf(field.Type);
        if (schema.ContainsKey("$ref"))
        {
            // A reference with siblings has to stand in an allOf.
            var all = new Sequence(1);
            all.Add(schema);
            schema = new Map(3) { { "allOf", all } };
        }

        if (!field.Default.IsUndefined)
            schema.Set("default", field.Default);
        if (field.Enum.Count > 0 && field.Type.Kind == TypeKind.String)
        {
            var values = new Sequence(field.Enum.Count);
            foreach (var value in field.Enum)
                values.Add(value);
            schema.Set("enum", values);
        }

        if (field.ListType.Length > 0)
            schema.Set("x-kubernetes-list-type", field.ListType);
        if (field.ListMapKeys.Count > 0)
        {
            var keys = new Sequence(field.ListMapKeys.Count);
            foreach (var key in field.ListMapKeys)
                keys.Add(key);
            schema.Set("x-kubernetes-list-map-keys", keys);
        }

        if (field.IsAtomic)
            schema.Set("x-kubernetes-map-type", "atomic");
        if (field.PatchMergeKey.Length > 0)
            schema.Set("x-kubernetes-patch-merge-key", field.PatchMergeKey);
        if (field.PatchStrategy.Length > 0)
            schema.Set("x-kubernetes-patch-strategy", field.PatchStrategy);
        return schema;
    }

    private Map TypeOf(TypeRef type) => type.Kind switch
    {
        TypeKind.String => Scalar("string", ""),
        TypeKind.Boolean => Scalar("boolean", ""),
        TypeKind.Int32 => Scalar("integer", "int32"),
        TypeKind.Int64 => Scalar("integer", "int64"),
        TypeKind.Float64 => Scalar("number", "double"),
        TypeKind.Bytes => Scalar("string", "byte"),
        TypeKind.Quantity => Reference("io.k8s.apimachinery.pkg.api.resource.Quantity"),
        TypeKind.Time => Reference(Meta + "Time"),
        TypeKind.MicroTime => Reference(Meta + "MicroTime"),
        TypeKind.Duration => Reference(Meta + "Duration"),
        TypeKind.IntOrString => Reference("io.k8s.apimachinery.pkg.util.intstr.IntOrString"),
        TypeKind.RawExtension => Reference("io.k8s.apimachinery.pkg.runtime.RawExtension"),
        TypeKind.FieldsV1 => Reference(Meta + "FieldsV1"),
        TypeKind.Json => Reference(Extensions + "JSON"),
        TypeKind.SchemaOrBool => Reference(Extensions + "JSONSchemaPropsOrBool"),
        TypeKind.SchemaOrArray => Reference(Extensions + "JSONSchemaPropsOrArray"),
        TypeKind.SchemaOrStringArray => Reference(Extensions + "JSONSchemaPropsOrStringArray"),
        TypeKind.StringListMessage => new Map(2) { { "type", "array" }, { "items", Scalar("string", "") } },
        TypeKind.List => new Map(2) { { "type", "array" }, { "items", TypeOf(type.Element!) } },
        TypeKind.Map => new Map(2) { { "type", "object" }, { "additionalProperties", TypeOf(type.Element!) } },
        TypeKind.Struct => Reference(type.Struct!.Name),
        _ => new Map(0),
    };

    private static Map Scalar(string type, string format)
    {
        var schema = new Map(2) { { "type", type } };
        if (format.Length > 0)
            schema.Set("format", format);
        return schema;
    }

    private static Map OneOf(params ReadOnlySpan<string> types) => new(1) { { "oneOf", Types(types) } };

    private static Sequence Types(params ReadOnlySpan<string> types)
    {
        var sequence = new Sequence(types.Length);
        foreach (var type in types)
            sequence.Add(new Map(1) { { "type", type } });
        return sequence;
    }
}
