namespace KubeSharp.ApiMachinery.Schemas;

/// <summary>What a field holds. The scalars behave in JSON and protobuf as their Go types do.</summary>
public enum TypeKind : byte
{
    String,
    Boolean,
    Int32,
    Int64,
    Float64,

    /// <summary>[]byte: base64 text in documents and JSON, raw in protobuf.</summary>
    Bytes,

    /// <summary>resource.Quantity: canonical text.</summary>
    Quantity,

    /// <summary>meta/v1 Time: RFC 3339 text in UTC with seconds.</summary>
    Time,

    /// <summary>meta/v1 MicroTime: as Time with six digits of a second.</summary>
    MicroTime,

    /// <summary>meta/v1 Duration: Go's text (<c>1m0s</c>), nanoseconds in protobuf.</summary>
    Duration,

    /// <summary>intstr.IntOrString: an integer or a string.</summary>
    IntOrString,

    /// <summary>runtime.RawExtension: any JSON object, kept as it is.</summary>
    RawExtension,

    /// <summary>meta/v1 FieldsV1: a set of field paths as JSON.</summary>
    FieldsV1,

    /// <summary>apiextensions JSON: any JSON value.</summary>
    Json,

    /// <summary>apiextensions JSONSchemaPropsOrBool.</summary>
    SchemaOrBool,

    /// <summary>apiextensions JSONSchemaPropsOrArray.</summary>
    SchemaOrArray,

    /// <summary>apiextensions JSONSchemaPropsOrStringArray.</summary>
    SchemaOrStringArray,

    /// <summary>A list of strings that is a message of its own in protobuf (ExtraValue, Verbs).</summary>
    StringListMessage,

    /// <summary>An interface: anything (cells of a Table).</summary>
    Any,

    Struct,
    List,
    Map,
}

/// <summary>The type of a field, list item or map value.</summary>
public sealed class TypeRef
{
    private readonly Func<SchemaType>? _resolve;
    private SchemaType? _struct;

    private TypeRef(TypeKind kind, TypeRef? element, Func<SchemaType>? resolve)
    {
        Kind = kind;
        Element = element;
        _resolve = resolve;
    }

    public TypeKind Kind { get; }

    /// <summary>The type of items (list) or values (map); null otherwise.</summary>
    public TypeRef? Element { get; }

    /// <summary>True when Go holds it behind a pointer: then absent and zero are different things.</summary>
    public bool IsPointer { get; private init; }

    /// <summary>The Go name of a named type that is no struct (<c>v1.Protocol</c>, <c>v1.ResourceList</c>), or null.</summary>
    public string? GoName { get; init; }

    /// <summary>The Go name of a map's key type.</summary>
    public string GoKeyName { get; init; } = "string";

    /// <summary>The struct here, or below lists and maps; null for anything else.</summary>
    public SchemaType? Struct => Kind == TypeKind.Struct ? _struct ??= _resolve!() : Element?.Struct;

    public static TypeRef Scalar(TypeKind kind, string? goName = null) => new(kind, null, null) { GoName = goName };

    public static TypeRef ListOf(TypeRef element, string? goName = null) => new(TypeKind.List, element, null) { GoName = goName };

    public static TypeRef MapOf(TypeRef value, string? goName = null, string goKeyName = "string") =>
        new(TypeKind.Map, value, null) { GoName = goName, GoKeyName = goKeyName };

    /// <summary>A struct that is looked up when it is first needed, because schemas refer to each other in circles.</summary>
    public static TypeRef StructOf(Func<SchemaType> resolve) => new(TypeKind.Struct, null, resolve);

    public TypeRef AsPointer() => new(Kind, Element, _resolve) { IsPointer = true, GoName = GoName, GoKeyName = GoKeyName };
}
