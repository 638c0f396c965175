using System.Collections.Frozen;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>The kinds that a definition is registered as (apiserver/pkg/endpoints/openapi/openapi.go, DefinitionNamer; v1.36).</summary>
internal static class TypeKinds
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private static readonly GroupVersion Core = new("", "v1");

    /// <summary>The kinds of a definition, sorted by group and version.</summary>
    /// <param name="name">The definition's name.</param>
    /// <param name="groupVersion">When given, the kinds that every group has are those of this one and the core's only
    /// (apiserver/pkg/server/routes/openapi.go, filterScopedGVKs).</param>
    public static IReadOnlyList<GroupVersionKind> Of(string name, GroupVersion? groupVersion)
    {
        if (!name.StartsWith(Meta, StringComparison.Ordinal))
            return ByType.Value.GetValueOrDefault(name) ?? [];
        var kind = name[Meta.Length..];
        return kind switch
        {
            "WatchEvent" or "DeleteOptions" when groupVersion is { } only => only == Core ? [Core.WithKind(kind)] : [Core.WithKind(kind), only.WithKind(kind)],
            "WatchEvent" or "DeleteOptions" => [.. Registered.Value.Select(v => v.WithKind(kind))],
            "Status" or "APIVersions" or "APIGroupList" or "APIGroup" or "APIResourceList" => [Core.WithKind(kind)],
            _ => [],
        };
    }

    // Every group version of the API, also those that are only registered for their conversions; discovery is none.
    private static readonly Lazy<GroupVersion[]> Registered = new(() => [.. BuiltInSchema.Kinds.Select(k => k.GroupVersion)
        .Where(v => v.Group is not ("meta.k8s.io" or "apidiscovery.k8s.io"))
        .Append(new GroupVersion("apiextensions.k8s.io", "v1beta1"))
        .Append(new GroupVersion("apiregistration.k8s.io", "v1beta1"))
        .Distinct().OrderBy(v => v.Group, StringComparer.Ordinal).ThenBy(v => v.Version, StringComparer.Ordinal)]);

    private static readonly Lazy<FrozenDictionary<string, GroupVersionKind[]>> ByType = new(() => BuiltInSchema.Kinds
        .GroupBy(k => BuiltInSchema.Find(k)!.Name)
        .ToFrozenDictionary(g => g.Key, g => g.OrderBy(k => k.Group, StringComparer.Ordinal).ThenBy(k => k.Version, StringComparer.Ordinal).ToArray(), StringComparer.Ordinal));
}
