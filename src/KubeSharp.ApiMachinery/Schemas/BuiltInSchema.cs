using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace KubeSharp.ApiMachinery.Schemas;

/// <summary>
/// The types of Kubernetes v1.36, from the facts file beside this class. The file is indexed once; a type is built when
/// it is first asked for.
/// </summary>
public static class BuiltInSchema
{
    private static readonly Lazy<FactsIndex> Index = new(FactsIndex.Load);
    private static readonly ConcurrentDictionary<string, SchemaType> Types = new(StringComparer.Ordinal);

    /// <summary>Every kind, lists included.</summary>
    public static IReadOnlyCollection<GroupVersionKind> Kinds => Index.Value.Kinds.Keys;

    /// <summary>The type of a kind, or null. The kinds of meta/v1 that every group has (DeleteOptions, ListOptions,
    /// WatchEvent ...) are found under every group version.</summary>
    public static SchemaType? Find(GroupVersionKind kind)
    {
        if (Index.Value.Kinds.TryGetValue(kind, out var name))
            return FindType(name);
        return FactsIndex.IsMetaKind(kind.Kind) && Index.Value.GroupVersions.Contains(kind.GroupVersion)
            ? FindType("io.k8s.apimachinery.pkg.apis.meta.v1." + kind.Kind)
            : null;
    }

    /// <summary>The type with an OpenAPI name (<c>io.k8s.api.core.v1.PodSpec</c>), or null.</summary>
    public static SchemaType? FindType(string name)
    {
        if (Types.TryGetValue(name, out var type))
            return type;
        return Index.Value.Structs.TryGetValue(name, out var position) ? Types.GetOrAdd(name, Index.Value.Read(name, position)) : null;
    }

    /// <summary>The type with an OpenAPI name, which must exist.</summary>
    public static SchemaType Get(string name) => FindType(name) ?? throw new ArgumentException($"There is no type {name}.", nameof(name));

    /// <summary>Whether any kind of this group and version is known.</summary>
    public static bool IsKnown(GroupVersion groupVersion) => Index.Value.GroupVersions.Contains(groupVersion);

    /// <summary>The names of all structs.</summary>
    public static IEnumerable<string> TypeNames => Index.Value.Structs.Keys;
}
