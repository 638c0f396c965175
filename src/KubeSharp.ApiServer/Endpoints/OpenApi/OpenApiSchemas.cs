using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>
/// Turns schema types into definitions (version 2) or component schemas (version 3), with upstream's names and extensions
/// (kube-openapi/pkg/{generators,builder,builder3}; v1.36). Knows what was referred to and is still to be written.
/// </summary>
internal sealed class OpenApiSchemas(OpenApiVersion version, OpenApiFeatures features, Descriptions descriptions)
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private const string Extensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Queue<string> _pending = new();
    private readonly string _prefix = version == OpenApiVersion.V2 ? "#/definitions/" : "#/components/schemas/";

    /// <summary>A reference to a type, which is then among the definitions.</summary>
    public Map Reference(string name)
    {
        Require(name);
        return new Map(1) { { "$ref", _prefix + name } };
    }

    /// <summary>Adds a type to the definitions.</summary>
    public void Require(string name)
    {
        if (_names.Add(name))
            _pending.Enqueue(name);
    }

    /// <summary>Marks a definition as written by somebody else; false when it is there already.</summary>
    public bool Provide(string name) => _names.Add(name);

    /// <summary>Writes <c>string</c> as a type, anything else as a reference.</summary>
    public Map Answer(string type) => type == "string" ? Scalar("string", "") : Reference(type);

    /// <summary>The next definition that was referred to and is not written yet; null when there is none.</summary>
    /// <param name="name">The definition's name.</param>
    /// <param name="groupVersion">The group version whose document this is, by which the kinds of meta types are
    /// narrowed; null for all.</param>
    public Map? Next(GroupVersion? groupVersion, out string name)
    {
        if (!_pending.TryDequeue(out name!))
            return null;
        var schema = Special(name) ?? Struct(BuiltInSchema.Get(name));
        if (Text(name) is { } description)
            schema.InsertAt(0, "description", description);
        var kinds = new Sequence();
        foreach (var kind in TypeKinds.Of(name, groupVersion))
            kinds.Add(new Map(3) { { "group", kind.Group }, { "kind", kind.Kind }, { "version", kind.Version } });
        if (kinds.Count > 0)
            schema.Set("x-kubernetes-group-version-kind", kinds);
        return schema;
    }

    private Map? Special(string name) => name switch
    {
        "io.k8s.apimachinery.pkg.api.resource.Quantity" => version == OpenApiVersion.V2 ? Scalar("string", "") : new Map(1) { { "oneOf", Types("string", "number") } },
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => version == OpenApiVersion.V2
            ? Scalar("string", "int-or-string")
            : new Map(2) { { "format", "int-or-string" }, { "oneOf", Types("integer", "string") } },
        Meta + "Time" or Meta + "MicroTime" => Scalar("string", "date-time"),
        Meta + "Duration" => Scalar("string", ""),
        Meta + "FieldsV1" or "io.k8s.apimachinery.pkg.runtime.RawExtension" => Scalar("object", ""),
        Extensions + "JSON" or Extensions + "JSONSchemaPropsOrBool" or Extensions + "JSONSchemaPropsOrArray" or Extensions + "JSONSchemaPropsOrStringArray" => new Map(1),
        _ => null,
    };

    private Map Struct(SchemaType type)
    {
        var properties = new Map(type.Fields.Count + 2);
        var required = new Sequence();
        if (type.HasTypeMeta)
        {
            foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
                properties.Set(name, Described(type, name, Scalar("string", "")));
        }

        foreach (var field in type.Fields)
        {
            properties.Set(field.Name, Property(type, field));
            if (field.IsRequired)
                required.Add(field.Name);
        }

        properties.Sort(string.CompareOrdinal);
        var schema = Scalar("object", "");
        if (properties.Count > 0)
            schema.Set("properties", properties);
        if (required.Count > 0)
            schema.Set("required", required);
        if (type.IsAtomic)
            schema.Set("x-kubernetes-map-type", "atomic");
        if (type.IsUnion)
            schema.Set("x-kubernetes-unions", Union(type));
        return schema;
    }

    private Map Property(SchemaType owner, SchemaField field)
    {
        var schema = TypeOf(field.Type, field.Enum);
        var described = Described(owner, field.Name, schema);
        if (version == OpenApiVersion.V3 && DefaultOf(field) is { IsUndefined: false } value)
            described.Set("default", value);
        if (field.ListType.Length > 0)
            described.Set("x-kubernetes-list-type", field.ListType);
        if (field.ListMapKeys.Count > 0)
            described.Set("x-kubernetes-list-map-keys", Strings(field.ListMapKeys));
        if (field.MapType.Length > 0)
            described.Set("x-kubernetes-map-type", field.MapType);
        if (field.PatchMergeKey.Length > 0)
            described.Set("x-kubernetes-patch-merge-key", field.PatchMergeKey);
        if (field.PatchStrategy.Length > 0)
            described.Set("x-kubernetes-patch-strategy", field.PatchStrategy);
        if (version == OpenApiVersion.V3 && described.Count > 1 && described["$ref"] is { IsUndefined: false } reference)
        {
            // In version 3 a reference with siblings has to stand in an allOf.
            described.Remove("$ref");
            described.Set("allOf", new Sequence(1) { new Map(1) { { "$ref", reference } } });
        }

        return described;
    }

    /// <summary>The default that the field states, or the zero that Go gives to what is neither a pointer nor left out
    /// (generators/openapi.go, mustEnforceDefault).</summary>
    private static Value DefaultOf(SchemaField field)
    {
        if (!field.Default.IsUndefined)
            return field.Default;
        if (field.Type.IsPointer)
            return default;
        return field.Type.Kind switch
        {
            TypeKind.Struct => new Map(0),
            TypeKind.String when !field.OmitEmpty => "",
            TypeKind.Boolean when !field.OmitEmpty => false,
            TypeKind.Int32 or TypeKind.Int64 or TypeKind.Float64 when !field.OmitEmpty => 0,
            _ => default,
        };
    }

    private static Sequence Union(SchemaType type)
    {
        var union = new Map(2);
        var members = new Map(type.Fields.Count);
        foreach (var field in type.Fields)
        {
            if (field.IsUnionDiscriminator)
                union.Set("discriminator", field.Name);
            else
                members.Set(field.Name, char.ToUpperInvariant(field.Name[0]) + field.Name[1..]);
        }

        union.Set("fields-to-discriminateBy", members);
        return new Sequence(1) { union };
    }

    private Map Described(SchemaType type, string field, Map schema)
    {
        if (Text(type.Name, field) is { } description)
            schema.InsertAt(0, "description", description);
        return schema;
    }

    private string? Text(string type, string field = "")
    {
        var description = descriptions.Find(type, field);
        return features.Enums || description is null ? description : Descriptions.WithoutEnum(description);
    }

    private Map TypeOf(TypeRef type, IReadOnlyList<string> values) => type.Kind switch
    {
        TypeKind.String => WithEnum(Scalar("string", ""), values),
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
        TypeKind.List => new Map(2) { { "type", "array" }, { "items", TypeOf(type.Element!, values) } },
        TypeKind.Map => new Map(2) { { "type", "object" }, { "additionalProperties", TypeOf(type.Element!, values) } },
        TypeKind.Struct => Reference(type.Struct!.Name),
        _ => new Map(0),
    };

    private Map WithEnum(Map schema, IReadOnlyList<string> values)
    {
        if (features.Enums && values.Count > 0)
            schema.Set("enum", Strings(values));
        return schema;
    }

    private static Map Scalar(string type, string format)
    {
        var schema = new Map(3) { { "type", type } };
        if (format.Length > 0)
            schema.Set("format", format);
        return schema;
    }

    private static Sequence Strings(IReadOnlyList<string> values)
    {
        var sequence = new Sequence(values.Count);
        foreach (var value in values)
            sequence.Add(value);
        return sequence;
    }

    private static Sequence Types(params ReadOnlySpan<string> types)
    {
        var sequence = new Sequence(types.Length);
        foreach (var type in types)
            sequence.Add(new Map(1) { { "type", type } });
        return sequence;
    }
}
