namespace KubeSharp.ApiMachinery.Schemas;

/// <summary>
/// A struct: its fields in Go's order as JSON sees them, and its layout as protobuf sees it (where structs that JSON
/// inlines are messages of their own). Immutable; safe for all threads.
/// </summary>
public sealed class SchemaType
{
    private readonly SchemaField[] _fields;
    private readonly SchemaField?[] _byHash;
    private readonly int _mask;

    /// <param name="name">The OpenAPI name, <c>io.k8s.api.core.v1.PodSpec</c>.</param>
    /// <param name="fields">The fields, inlined ones included, in Go's order.</param>
    /// <param name="wire">The protobuf layout, or null when it is the fields themselves.</param>
    public SchemaType(string name, IReadOnlyList<SchemaField> fields, IReadOnlyList<WireField>? wire = null)
    {
        Name = name;
        _fields = [.. fields];
        for (var i = 0; i < _fields.Length; i++)
            _fields[i].Index = i;
        Wire = [.. (wire ?? [.. fields.Where(f => f.Number > 0).Select(f => new WireField(f.Number, f, null))]).OrderBy(w => w.Number)];
        var size = 4;
        while (size < _fields.Length * 2)
            size *= 2;
        _mask = size - 1;
        _byHash = new SchemaField?[size];
        foreach (var field in _fields)
        {
            var at = Hash(field.Utf8Name) & _mask;
            while (_byHash[at] is not null)
                at = (at + 1) & _mask;
            _byHash[at] = field;
        }
    }

    public string Name { get; }

    /// <summary>True for structs that are owned as a whole in server-side apply.</summary>
    public bool IsAtomic { get; init; }

    /// <summary>True for structs of which one field is set, beside the discriminator.</summary>
    public bool IsUnion { get; init; }

    /// <summary>True when fields that the schema does not know are kept (custom resources).</summary>
    public bool PreserveUnknownFields { get; init; }

    /// <summary>The schema of a custom resource's version, which decides instead of the fields on decoding and defaults; null
    /// for built-in types.</summary>
    public CustomResources.JsonSchema? Custom { get; init; }

    /// <summary>True for kinds: the document carries kind and apiVersion.</summary>
    public bool HasTypeMeta { get; init; }

    /// <summary>The Go name of the type without its package, for error texts.</summary>
    public string ShortName => Name[(Name.LastIndexOf('.') + 1)..];

    public ReadOnlySpan<SchemaField> FieldSpan => _fields;

    public IReadOnlyList<SchemaField> Fields => _fields;

    /// <summary>The protobuf layout by ascending number.</summary>
    public WireField[] Wire { get; }

    public SchemaField? FindField(ReadOnlySpan<byte> utf8Name)
    {
        for (var at = Hash(utf8Name) & _mask; _byHash[at] is { } field; at = (at + 1) & _mask)
        {
            if (utf8Name.SequenceEqual(field.Utf8Name))
                return field;
        }

        return null;
    }

    public SchemaField? FindField(string name)
    {
        foreach (var field in _fields)
        {
            if (ReferenceEquals(field.Name, name) || field.Name == name)
                return field;
        }

        return null;
    }

    private static int Hash(ReadOnlySpan<byte> name) =>
        name.Length == 0 ? 0 : name.Length * 31 + name[0] * 7 + name[^1] * 131 + name[name.Length / 2] * 17;
}

/// <summary>One entry of a protobuf layout: a field, or a nested message whose fields JSON inlines.</summary>
public sealed record WireField(int Number, SchemaField? Field, WireField[]? Inlined);
