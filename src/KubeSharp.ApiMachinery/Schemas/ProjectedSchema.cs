namespace KubeSharp.ApiMachinery.Schemas;

/// <summary>A kind's schema as far as some reader of stored objects needs it: protobuf decoding skips what a layout does not
/// have, and skipping costs next to nothing. Not for writing.</summary>
public static class ProjectedSchema
{
    /// <summary>The schema with nothing but the fields at these paths (<c>spec.containers.name</c>; lists add no step) and all
    /// that is below them.</summary>
    /// <exception cref="ArgumentException">A path that the schema does not have.</exception>
    public static SchemaType Of(SchemaType type, IEnumerable<string> paths) => Keep(type, Tree.Of(paths));

    /// <summary>The schema without managed fields, which are often the larger half of an object; the schema itself when it has
    /// no object metadata.</summary>
    public static SchemaType WithoutManagedFields(SchemaType type)
    {
        if (type.FindField("metadata") is not { Type: { Kind: TypeKind.Struct, Struct: { } meta } } || meta.FindField("managedFields") is null)
            return type;
        return Of(type, type.Fields.Where(f => f.Name != "metadata").Select(f => f.Name)
            .Concat(meta.Fields.Where(f => f.Name != "managedFields").Select(f => $"metadata.{f.Name}")));
    }

    private static SchemaType Keep(SchemaType type, Tree kept)
    {
        foreach (var name in kept.Children.Keys)
        {
            if (type.FindField(name) is null)
                throw new ArgumentException($"{type.Name} has no field {name}");
        }

        // Fields know their index in their type: these are copies.
        var copies = type.Fields.Where(f => kept.Children.ContainsKey(f.Name)).ToDictionary(f => f, f => Copy(f, kept.Children[f.Name]));
        return new SchemaType(type.Name, [.. copies.Values], Layout(type.Wire, copies)) { HasTypeMeta = type.HasTypeMeta };
    }

    private static WireField[] Layout(WireField[] layout, Dictionary<SchemaField, SchemaField> copies)
    {
        var result = new List<WireField>(layout.Length);
        foreach (var wire in layout)
        {
            if (wire.Inlined is { } inlined)
                result.Add(wire with { Inlined = Layout(inlined, copies) });
            else if (copies.TryGetValue(wire.Field!, out var copy))
                result.Add(wire with { Field = copy });
        }

        return [.. result];
    }

    private static SchemaField Copy(SchemaField field, Tree kept) =>
        new(field.Name, kept.Children.Count == 0 ? field.Type : Keep(field.Type, kept)) { Number = field.Number, OmitEmpty = field.OmitEmpty, OmitZero = field.OmitZero };

    private static TypeRef Keep(TypeRef type, Tree kept)
    {
        switch (type.Kind)
        {
            case TypeKind.List:
                return TypeRef.ListOf(Keep(type.Element!, kept));
            case TypeKind.Struct:
                var projected = Keep(type.Struct!, kept);
                var reference = TypeRef.StructOf(() => projected);
                return type.IsPointer ? reference.AsPointer() : reference;
            default:
                throw new ArgumentException("only structs and lists of structs have fields");
        }
    }

    private sealed class Tree
    {
        public Dictionary<string, Tree> Children { get; } = new(StringComparer.Ordinal);

        public static Tree Of(IEnumerable<string> paths)
        {
            var root = new Tree();
            foreach (var path in paths)
            {
                var at = root;
                foreach (var step in path.Split('.'))
                {
                    if (!at.Children.TryGetValue(step, out var next))
                        at.Children.Add(step, next = new Tree());
                    at = next;
                }
            }

            return root;
        }
    }
}
