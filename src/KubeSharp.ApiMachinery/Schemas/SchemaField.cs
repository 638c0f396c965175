using System.Text;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Schemas;

/// <summary>One field of a struct: how it is named, encoded, merged and defaulted.</summary>
public sealed class SchemaField
{
    public SchemaField(string name, TypeRef type)
    {
        Name = string.Intern(name);
        Type = type;
        GoPath = name;
        Utf8Name = Encoding.UTF8.GetBytes(name);
    }

    /// <summary>The JSON name, interned: documents decoded by schema hold this very string as key.</summary>
    public string Name { get; }

    public byte[] Utf8Name { get; }

    /// <summary>The name in Go's decoding errors: behind those of the structs that embed it (<c>IngressRuleValue.http</c>).</summary>
    public string GoPath { get; init; }

    public TypeRef Type { get; }

    /// <summary>The protobuf field number, 0 when it has none.</summary>
    public int Number { get; init; }

    /// <summary>The position among the fields of its type, in Go's order.</summary>
    public int Index { get; internal set; }

    /// <summary>Go's omitempty: zero scalars, empty lists and maps, and nil are left out.</summary>
    public bool OmitEmpty { get; init; }

    /// <summary>Go's omitzero: zero structs are left out too.</summary>
    public bool OmitZero { get; init; }

    /// <summary>patchStrategy: <c>merge</c>, <c>replace</c>, <c>retainKeys</c>, comma separated, or empty.</summary>
    public string PatchStrategy { get; init; } = "";

    /// <summary>patchMergeKey of a list that merges, or empty.</summary>
    public string PatchMergeKey { get; init; } = "";

    /// <summary>listType for server-side apply: <c>atomic</c>, <c>set</c>, <c>map</c>, or empty (atomic).</summary>
    public string ListType { get; init; } = "";

    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>True when a map or struct is owned as a whole (mapType or structType atomic).</summary>
    public bool IsAtomic { get; init; }

    /// <summary>A struct that is atomic elsewhere is owned field by field here (<c>+structType=granular</c>).</summary>
    public bool IsGranular { get; init; }

    /// <summary>The values of an enum, or empty.</summary>
    public IReadOnlyList<string> Enum { get; init; } = [];

    /// <summary>The default of an absent field, or undefined.</summary>
    public Value Default { get; init; }
}
