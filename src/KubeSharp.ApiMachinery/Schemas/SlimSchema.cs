using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Schemas;

/// <summary>A kind's schema without managed fields, for readers of stored objects that look at everything else: managed fields
/// are often the larger half of an object, and protobuf decoding skips what a layout does not have.</summary>
public static class SlimSchema
{
    private const string Metadata = "metadata";
    private const string ManagedFields = "managedFields";

    /// <summary>The slim schema; the schema itself when it has no object metadata.</summary>
    public static SchemaType Of(SchemaType type)
    {
        if (type.FindField(Metadata) is not { Type: { Kind: TypeKind.Struct, Struct: { } meta } } field || meta.FindField(ManagedFields) is null)
            return type;
        var slimMeta = new SchemaType(meta.Name, meta.Fields, [.. meta.Wire.Where(wire => wire.Field?.Name != ManagedFields)]);
        var slimField = new SchemaField(Metadata, TypeRef.StructOf(() => slimMeta)) { Number = field.Number, OmitEmpty = field.OmitEmpty, OmitZero = field.OmitZero };
        return new SchemaType(
            type.Name,
            [.. type.Fields.Select(f => ReferenceEquals(f, field) ? slimField : f)],
            [.. type.Wire.Select(wire => ReferenceEquals(wire.Field, field) ? new WireField(wire.Number, slimField, null) : wire)])
        {
            HasTypeMeta = type.HasTypeMeta,
        };
    }
}
