using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Patches;

/// <summary>What strategic merge needs to know of the type at one place (apimachinery/pkg/util/strategicpatch/meta.go over
/// third_party/forked/golang/json/fields.go).</summary>
internal readonly struct PatchSchema
{
    private readonly TypeRef? _type;
    private readonly SchemaType? _root;

    private PatchSchema(TypeRef? type, SchemaType? root)
    {
        _type = type;
        _root = root;
    }

    /// <summary>The Go name, for messages.</summary>
    public string Name => Struct?.ShortName ?? "";

    private SchemaType? Struct => _root ?? (_type?.Kind == TypeKind.Struct ? _type.Struct : null);

    public static PatchSchema Of(SchemaType type) => new(null, type);

    /// <summary>The type and merge rules of a map or struct below; <paramref name="strategy"/> is without retainKeys.</summary>
    /// <exception cref="PatchException">The type has no such field.</exception>
    public PatchSchema ForStruct(string key, out string strategy, out string mergeKey)
    {
        (strategy, mergeKey) = ("", "");
        if (_type?.Kind == TypeKind.Map)
            return new PatchSchema(_type.Element, null);
        if (Struct is not { } type)
            throw new PatchException("merging an object in json but data type is not struct", PatchFailure.Unclassified);
        var field = type.FindField(key)
            ?? throw new PatchException($"unable to find api field in struct {type.ShortName} for the json field {GoText.Quote(key)}", PatchFailure.Unclassified);
        strategy = field.PatchStrategy.Split(',').FirstOrDefault(part => part.Length > 0 && part != "retainKeys") ?? "";
        mergeKey = field.PatchMergeKey;
        return new PatchSchema(field.Type, null);
    }

    /// <summary>The item type and merge rules of a list below.</summary>
    public PatchSchema ForSlice(string key, out string strategy, out string mergeKey)
    {
        var list = ForStruct(key, out strategy, out mergeKey);
        if (list._type?.Kind == TypeKind.List)
            return new PatchSchema(list._type.Element, null);
        if (list._type is { IsPointer: true })
            return list;
        throw new PatchException("expected slice or array type, but got: struct", PatchFailure.Unclassified);
    }
}
