using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>What plugins are made of: the registry with its caches, who may do what, and the clock.</summary>
internal sealed record AdmissionDependencies(ServedResources Resources, IAuthorizer Authorizer, TimeProvider Time)
{
    public long NotReadyTolerationSeconds { get; init; } = 300;

    public long UnreachableTolerationSeconds { get; init; } = 300;

    /// <summary>The store of a built-in resource.</summary>
    /// <exception cref="InvalidOperationException">The resource is not served.</exception>
    public ResourceStore Store(string group, string resource, string version = "v1") =>
        Resources.Find(new GroupVersionResource(group, version, resource))?.Store
        ?? throw new InvalidOperationException($"{resource}.{group} is not served.");

    /// <summary>The objects of one namespace as the cache has them; everything for an empty namespace.</summary>
    public static IEnumerable<CachedObject> In(ResourceStore store, string @namespace)
    {
        var prefix = @namespace.Length > 0 ? $"{store.Cache.KeyPrefix}{@namespace}/" : store.Cache.KeyPrefix;
        return store.Cache.Snapshot.Range(prefix, prefix);
    }
}
