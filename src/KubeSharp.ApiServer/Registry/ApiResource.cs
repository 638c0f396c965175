using System.Security.Cryptography;
using System.Text;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Registry;

public enum Scope
{
    Cluster,
    Namespaced,
}

/// <summary>The verb lists that discovery documents show, in upstream's order.</summary>
public static class ApiVerbs
{
    public static readonly IReadOnlyList<string> All = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    public static readonly IReadOnlyList<string> AllButDeleteCollection = ["create", "delete", "get", "list", "patch", "update", "watch"];
    public static readonly IReadOnlyList<string> Create = ["create"];
    public static readonly IReadOnlyList<string> CreateGet = ["create", "get"];
    public static readonly IReadOnlyList<string> Get = ["get"];
    public static readonly IReadOnlyList<string> GetList = ["get", "list"];
    public static readonly IReadOnlyList<string> GetPatchUpdate = ["get", "patch", "update"];
    public static readonly IReadOnlyList<string> Update = ["update"];
    public static readonly IReadOnlyList<string> Proxy = ["create", "delete", "get", "patch", "update"];
}

/// <summary>A subresource: what discovery says of it. <paramref name="GroupVersion"/> is that of its kind where it
/// is not the resource's own (scale, eviction, token).</summary>
public sealed record Subresource(string Name, string Kind, IReadOnlyList<string> Verbs, GroupVersion? GroupVersion = null)
{
    /// <summary><c>status</c> of the resource's own kind; an empty kind stands for it.</summary>
    public static readonly Subresource Status = new("status", "", ApiVerbs.GetPatchUpdate);

    public static readonly Subresource Scale = new("scale", "Scale", ApiVerbs.GetPatchUpdate, new GroupVersion("autoscaling", "v1"));
}

/// <summary>
/// One resource of the API as a row of facts: names, scope, served versions by priority, where it is stored.
/// Behaviour is the <see cref="RestStrategy"/> that <see cref="StrategyTable"/> has for it.
/// </summary>
/// <param name="Group">The API group, empty for core.</param>
/// <param name="Resource">The plural, as in paths.</param>
/// <param name="Kind">The kind of one object; its list is <c>KindList</c>.</param>
/// <param name="Scope">Whether objects live in namespaces.</param>
/// <param name="Versions">All versions that v1.36 can serve, the preferred first.</param>
public sealed record ApiResource(string Group, string Resource, string Kind, Scope Scope, IReadOnlyList<string> Versions)
{
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public IReadOnlyList<string> Verbs { get; init; } = ApiVerbs.All;

    public IReadOnlyList<Subresource> Subresources { get; init; } = [];

    /// <summary>True for reviews and bindings: requests that are answered and never stored.</summary>
    public bool Virtual { get; init; }

    /// <summary>The path below <c>/registry/</c> without slashes at its ends (upstream's etcd layout).</summary>
    public string StoragePrefix
    {
        get => field ?? Resource;
        init;
    }

    /// <summary>The group version that objects are stored as (pkg/kubeapiserver/default_storage_factory_builder.go, v1.36).</summary>
    public GroupVersion StorageVersion
    {
        get => field == default ? new GroupVersion(Group, Versions[0]) : field;
        init;
    }

    /// <summary>The version that the storage version hash is made of, where clients see another than what is stored:
    /// upstream keeps CRDs as v1beta1 (cmd/kube-apiserver/app/server, apiextensions). Differs: ours are kept as v1.</summary>
    public string? HashedVersion { get; init; }

    public bool Namespaced => Scope == Scope.Namespaced;

    public GroupResource GroupResource => new(Group, Resource);

    public GroupKind GroupKind => new(Group, Kind);

    public string ListKind
    {
        get => field ?? Kind + "List";
        init;
    }

    /// <summary>The lower-case kind, upstream's singular name for all built-in resources.</summary>
    public string Singular
    {
        get => field ?? Kind.ToLowerInvariant();
        init;
    }

    public GroupVersionKind StorageKind => StorageVersion.WithKind(Kind);

    public Subresource? FindSubresource(string name)
    {
        foreach (var subresource in Subresources)
        {
            if (subresource.Name == name)
                return subresource;
        }

        return null;
    }

    /// <summary>The hash of discovery documents by which clients see that the storage version changed:
    /// base64 of the first 8 bytes of SHA-256 over <c>group/version/kind</c>
    /// (apiserver/pkg/endpoints/discovery/storageversionhash.go).</summary>
    public string StorageVersionHash
    {
        get
        {
            var storage = StorageKind;
            var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{storage.Group}/{HashedVersion ?? storage.Version}/{storage.Kind}"));
            return Convert.ToBase64String(digest, 0, 8);
        }
    }
}
