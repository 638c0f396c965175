using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>How a value merges.</summary>
internal enum MergeShape : byte
{
    /// <summary>Owned as a whole.</summary>
    Leaf,

    /// <summary>A struct or map whose fields are owned one by one.</summary>
    Map,

    /// <summary>A list whose items are told apart by key fields.</summary>
    Associative,

    /// <summary>A list of distinct scalars.</summary>
    Set,
}

/// <summary>What server-side apply needs to know of a type: a schema field's list and map types applied to its type
/// (kube-openapi/pkg/schemaconv/smd.go). The default value is of no known type: maps merge, all else is a leaf.</summary>
internal readonly struct MergeType
{
    private readonly TypeRef? _type;
    private readonly SchemaField? _field;
    private readonly SchemaType? _struct;

    private MergeType(TypeRef? type, SchemaField? field, SchemaType? structType)
    {
        _type = type;
        _field = field;
        _struct = structType;
    }

    public static MergeType Of(SchemaType type) => new(null, null, type);

    public SchemaType? Struct => _struct ?? (_type?.Kind == TypeKind.Struct ? _type.Struct : null);

    public TypeRef? Type => _type;

    public IReadOnlyList<string> Keys => _field?.ListMapKeys ?? [];

    /// <summary>Whether values are of no declared type.</summary>
    public bool IsDeduced => _struct is null && _type?.Kind is null or TypeKind.Json or TypeKind.SchemaOrBool or TypeKind.SchemaOrArray
        or TypeKind.SchemaOrStringArray or TypeKind.FieldsV1 or TypeKind.Any;

    public MergeShape ShapeOf(Value value)
    {
        if (_struct is not null)
            return _struct.IsAtomic ? MergeShape.Leaf : MergeShape.Map;
        if (IsDeduced)
            return value.AsMap is not null ? MergeShape.Map : MergeShape.Leaf;
        switch (_type!.Kind)
        {
            case TypeKind.Struct:
                return _field?.IsAtomic == true || (_type.Struct!.IsAtomic && _field?.IsGranular != true) ? MergeShape.Leaf : MergeShape.Map;
            case TypeKind.Map:
                return _field?.IsAtomic == true ? MergeShape.Leaf : MergeShape.Map;
            case TypeKind.List:
                return _field?.ListType switch
                {
                    "map" => MergeShape.Associative,
                    "set" => MergeShape.Set,
                    _ => MergeShape.Leaf,
                };
            default:
                return MergeShape.Leaf;
        }
    }

    /// <summary>Whether the schema declares a field of this name (entries of maps are not declared).</summary>
    public bool HasField(string name) => Struct is { } type && (type.FindField(name) is not null || IsTypeMeta(type, name));

    public MergeType Field(string name)
    {
        if (Struct is { } type)
            return type.FindField(name) is { } field ? new MergeType(field.Type, field, null) : IsTypeMeta(type, name) ? new MergeType(TypeRef.Scalar(TypeKind.String), null, null) : default;
        return _type?.Kind == TypeKind.Map ? Element : default;
    }

    public MergeType Element => _type?.Element is { } element ? new MergeType(element, null, null) : default;

    public MergeType Below(PathElement element) => element.Kind == PathElementKind.Field ? Field(element.Name) : Element;

    /// <summary>What tells an item of an associative list or set apart.</summary>
    /// <exception cref="FieldTypeException">The item has none of the key fields, or is of the wrong type.</exception>
    public PathElement ItemElement(Value item)
    {
        if (_field?.ListType == "set")
        {
            return item.Kind switch
            {
                ValueKind.Map => throw new FieldTypeException("associative list without keys has an element that's a map type"),
                ValueKind.Sequence => throw new FieldTypeException("not supported: associative list with lists as elements"),
                ValueKind.Null or ValueKind.Undefined => throw new FieldTypeException("associative list without keys has an element that's an explicit null"),
                _ => PathElement.OfValue(item),
            };
        }

        if (item.IsNullOrUndefined)
            throw new FieldTypeException("associative list with keys may not have a null element");
        if (item.AsMap is not { } map)
            throw new FieldTypeException("associative list with keys may not have non-map elements");
        var keys = Keys;
        var found = new List<(string, Value)>(keys.Count);
        foreach (var key in keys)
        {
            if (map.TryGetValue(key, out var value))
                found.Add((key, value));
            else if (_type!.Element!.Struct?.FindField(key) is { } field && DefaultOf(field) is { IsNullOrUndefined: false } known)
                found.Add((key, known));
        }

        if (found.Count == 0)
        {
            var names = string.Join(' ', keys.Select(Text.GoText.Quote));
            throw new FieldTypeException($"associative list with keys has an element that omits all key fields [{names}] (and doesn't have default values for any key fields)");
        }

        return PathElement.Key([.. found]);
    }

    /// <summary>A field that is always there has its zero for a default in upstream's OpenAPI.</summary>
    private static Value DefaultOf(SchemaField field) => field.Default.IsUndefined ? Codecs.ZeroValues.WhenAbsent(field) : field.Default;

    private static bool IsTypeMeta(SchemaType type, string name) => type.HasTypeMeta && name is "apiVersion" or "kind";
}

/// <summary>A value does not fit its schema; <see cref="Path"/> grows as the error comes up (typed/helpers.go ValidationErrors).</summary>
internal sealed class FieldTypeException(string message, string path = "") : Exception(message)
{
    public string Path { get; } = path;

    public FieldTypeException Under(PathElement element) => new(base.Message, element + Path);

    public override string Message => Path.Length == 0 ? base.Message : $"{Path}: {base.Message}";
}
