using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>Go's names of types in decoding errors: <c>[]v1.Container</c>, <c>int32</c>, <c>map[string]string</c>.</summary>
internal static class GoTypeName
{
    public static string Of(SchemaType type)
    {
        var parts = type.Name.Split('.');
        return $"{parts[^2]}.{parts[^1]}";
    }

    public static string Of(TypeRef type) => type.GoName ?? type.Kind switch
    {
        TypeKind.String => "string",
        TypeKind.Boolean => "bool",
        TypeKind.Int32 => "int32",
        TypeKind.Int64 => "int64",
        TypeKind.Float64 => "float64",
        TypeKind.Bytes => "[]uint8",
        TypeKind.Quantity => "resource.Quantity",
        TypeKind.Time => "v1.Time",
        TypeKind.MicroTime => "v1.MicroTime",
        TypeKind.Duration => "v1.Duration",
        TypeKind.IntOrString => "intstr.IntOrString",
        TypeKind.StringListMessage => "[]string",
        TypeKind.Struct => Of(type.Struct!),
        TypeKind.List => "[]" + (type.Element!.IsPointer ? "*" : "") + Of(type.Element!),
        TypeKind.Map => $"map[{type.GoKeyName}]{Of(type.Element!)}",
        _ => "interface {}",
    };
}
