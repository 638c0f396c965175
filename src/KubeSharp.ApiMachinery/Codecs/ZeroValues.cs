using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>Go's zero values as JSON prints them, and what omitempty and omitzero leave out (encoding/json isEmptyValue).</summary>
public static class ZeroValues
{
    /// <summary>What Go prints for a field that was never set; undefined when it prints nothing.</summary>
    public static Value WhenAbsent(SchemaField field)
    {
        var type = field.Type;
        if (type.IsPointer)
            return field.OmitEmpty || field.OmitZero ? default : Value.Null;
        if (field.OmitZero)
            return default;
        switch (type.Kind)
        {
            // A struct is never empty, so omitempty does not drop it.
            case TypeKind.Struct:
                return TypedJsonReader.Empty(type.Struct!);
            case TypeKind.Time or TypeKind.MicroTime or TypeKind.RawExtension or TypeKind.FieldsV1 or TypeKind.Json:
                return Value.Null;
            case TypeKind.Duration:
                return "0s";
            case TypeKind.Quantity:
                return "0";
            case TypeKind.IntOrString:
                return 0;
            default:
                return field.OmitEmpty ? default : Of(type);
        }
    }

    /// <summary>The zero of a type.</summary>
    public static Value Of(TypeRef type) => type.Kind switch
    {
        TypeKind.String => "",
        TypeKind.Boolean => false,
        TypeKind.Int32 or TypeKind.Int64 or TypeKind.IntOrString => 0,
        TypeKind.Float64 => 0,
        TypeKind.Quantity => "0",
        TypeKind.Duration => "0s",
        TypeKind.Struct => TypedJsonReader.Empty(type.Struct!),
        _ => Value.Null,
    };

    /// <summary>Whether omitempty leaves the value out.</summary>
    public static bool IsEmpty(Value value, TypeRef type) => type.Kind switch
    {
        TypeKind.String or TypeKind.Bytes => value.AsString is { Length: 0 },
        TypeKind.Boolean => value.AsBoolean == false,
        TypeKind.Int32 or TypeKind.Int64 => value.AsInteger == 0,
        TypeKind.Float64 => value.AsDouble == 0,
        TypeKind.List or TypeKind.StringListMessage => value.AsSequence is { Count: 0 },
        TypeKind.Map => value.AsMap is { Count: 0 },
        _ => false,
    };

    /// <summary>Whether omitzero leaves the value out.</summary>
    public static bool IsZero(Value value, TypeRef type) => type.Kind switch
    {
        TypeKind.Struct => value.AsMap is { } map && map.DeepEquals(TypedJsonReader.Empty(type.Struct!)),
        TypeKind.Time or TypeKind.MicroTime => value.IsNull,
        _ => IsEmpty(value, type),
    };
}
