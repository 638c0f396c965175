namespace KubeSharp.Hack.Schema;

/// <summary>A Go type expression as the sources write it.</summary>
internal abstract record GoType
{
    internal sealed record Named(string Package, string Name) : GoType;

    internal sealed record Pointer(GoType Element) : GoType;

    internal sealed record List(GoType Element) : GoType;

    internal sealed record Map(GoType Key, GoType Value) : GoType;
}

/// <summary>One field of a Go struct with what its tags and markers say.</summary>
internal sealed record GoField(string GoName, GoType Type, bool Embedded, string JsonName, bool OmitEmpty, bool OmitZero, bool Inline, string Protobuf, string PatchStrategy, string PatchMergeKey, IReadOnlyList<string> Markers)
{
    /// <summary>The comment above the field, a line each, as go/ast has it.</summary>
    public IReadOnlyList<string> Doc { get; init; } = [];
}

/// <summary>One Go type declaration: a struct with fields, or a name for another type.</summary>
internal sealed record GoDeclaration(string Package, string Name, IReadOnlyList<GoField>? Fields, GoType? Underlying, IReadOnlyList<string> Markers)
{
    /// <summary>True for <c>type X = Y</c>, which is no type of its own.</summary>
    public bool IsAlias { get; init; }

    /// <summary>The comment above the declaration, a line each, as go/ast has it.</summary>
    public IReadOnlyList<string> Doc { get; init; } = [];
}

/// <summary>One Go package: its import path, declarations, and the string constants by type.</summary>
internal sealed class GoPackage(string path)
{
    public string Path { get; } = path;

    public Dictionary<string, GoDeclaration> Declarations { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, List<string>> Constants { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> NamedConstants { get; } = new(StringComparer.Ordinal);

    /// <summary>The name and comment of a string constant by its type and value; of several the longest comment.</summary>
    public Dictionary<(string Type, string Value), (string Name, string Comment)> ConstantDocs { get; } = [];

    public string GroupName { get; set; } = "";

    /// <summary>Constants that are made of those of another package: type, name, that package and name, comment.</summary>
    public List<(string Type, string Name, string Package, string Constant, string Comment)> ForeignConstants { get; } = [];

    public void AddConstant(string type, string name, string value, string comment)
    {
        NamedConstants[name] = value;
        if (!Constants.TryGetValue(type, out var values))
            Constants[type] = values = [];
        if (!values.Contains(value))
            values.Add(value);
        AddConstantDoc(type, value, name, comment);
    }

    /// <summary>Adds the constants of other packages, once all are read.</summary>
    public void Resolve(IReadOnlyDictionary<string, GoPackage> packages)
    {
        foreach (var (type, name, package, constant, comment) in ForeignConstants)
        {
            if (packages.TryGetValue(package, out var other) && other.NamedConstants.TryGetValue(constant, out var value))
                AddConstant(type, name, value, comment);
        }
    }

    /// <summary>Keeps the longest comment of the constants that have one value (generators/enum.go).</summary>
    private void AddConstantDoc(string type, string value, string name, string comment)
    {
        if (ConstantDocs.TryGetValue((type, value), out var known)
            && (known.Comment.Length > comment.Length || (known.Comment.Length == comment.Length && string.CompareOrdinal(known.Comment, comment) <= 0)))
            return;
        ConstantDocs[(type, value)] = (name, comment);
    }
}
