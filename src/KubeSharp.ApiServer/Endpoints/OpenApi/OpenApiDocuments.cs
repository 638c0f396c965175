using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>A document as it is kept: compressed, with the size and hash that clients see.</summary>
internal sealed record OpenApiDocument(string Hash, byte[] Gzip, int Length);

/// <summary>How a document is encoded.</summary>
internal enum OpenApiEncoding
{
    Json,
    Protobuf,
}

/// <summary>
/// The OpenAPI documents: which there are, and their bytes. A document is made when it is first asked for and then kept
/// compressed. Its hash is made of what it depends on (this build and what is served), so that the index of all hashes
/// costs no document. Differs: upstream's hash is that of the JSON.
/// </summary>
internal sealed class OpenApiDocuments(ServedResources served, IReadOnlyList<IOpenApiContributor> contributors, OpenApiFeatures features)
{
    /// <summary>The name of the version 2 document; those of version 3 are paths.</summary>
    private const string V2 = "";

    private static readonly string Build = $"{typeof(OpenApiDocuments).Module.ModuleVersionId}/{typeof(BuiltInSchema).Module.ModuleVersionId}";

    private readonly ConcurrentDictionary<(string Name, OpenApiEncoding Encoding), Lazy<OpenApiDocument>> _documents = new();

    private readonly Lazy<IReadOnlyList<GroupVersion>> _groupVersions = new(() => [.. served.BuiltIn.Select(r => r.GroupVersion).Distinct()]);

    /// <summary>The names of the version 3 documents (<c>api/v1</c>, <c>apis/apps</c>, <c>apis/apps/v1</c>), sorted.</summary>
    public IReadOnlyCollection<string> Names
    {
        get
        {
            var names = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var (name, _) in DiscoveryPaths.Roots(Groups()))
                names.Add(name);
            foreach (var groupVersion in _groupVersions.Value)
                names.Add(NameOf(groupVersion));
            foreach (var contribution in Contributions())
                names.Add(NameOf(contribution.GroupVersion));
            return names;
        }
    }

    /// <summary>The hash of a version 3 document, or null when there is no such document.</summary>
    public string? HashOf(string name)
    {
        if (Find(name) is not { } parts)
            return null;
        var text = new StringBuilder(Build).Append('\n').Append(features).Append('\n').Append(name);
        foreach (var resource in parts.Resources)
            text.Append('\n').Append(resource.Resource);
        foreach (var contribution in parts.Contributions)
            text.Append('\n').Append(contribution.Fingerprint);
        return Hash(text);
    }

    /// <summary>A version 3 document by its name and hash.</summary>
    public OpenApiDocument Get(string name, string hash, OpenApiEncoding encoding) => Kept(name, hash, encoding, BuildV3);

    /// <summary>The version 2 document, which has everything.</summary>
    public OpenApiDocument GetV2(OpenApiEncoding encoding)
    {
        var text = new StringBuilder(Build).Append('\n').Append(features);
        foreach (var resource in served.BuiltIn)
            text.Append('\n').Append(resource.GroupVersion).Append('/').Append(resource.Resource.Resource);
        foreach (var contribution in Contributions())
            text.Append('\n').Append(contribution.Fingerprint);
        return Kept(V2, Hash(text), encoding, (_, form) => BuildV2(form));
    }

    private OpenApiDocument Kept(string name, string hash, OpenApiEncoding encoding, Func<string, OpenApiEncoding, Action<Stream>> build)
    {
        var key = (name, encoding);
        if (_documents.TryGetValue(key, out var kept) && kept.Value.Hash == hash)
            return kept.Value;
        var made = new Lazy<OpenApiDocument>(() => Compress(hash, build(name, encoding)));
        return _documents.AddOrUpdate(key, made, (_, old) => old.Value.Hash == hash ? old : made).Value;
    }

    private Action<Stream> BuildV3(string name, OpenApiEncoding encoding)
    {
        var parts = Find(name)!;
        var format = OpenApiFormat.Of(OpenApiVersion.V3, encoding);
        var builder = new OpenApiBuilder(OpenApiVersion.V3, features, format.NewPaths(), format.NewDefinitions());
        if (parts.GroupVersion is not { } groupVersion)
            builder.Add(parts.Root!);
        else if (parts.Contributions.Count == 0)
            builder.Add(groupVersion, parts.Resources);
        foreach (var contribution in parts.Contributions)
            builder.Add(contribution);
        // Those of custom resources keep all kinds of meta types.
        builder.AddDefinitions(parts.Contributions.Count == 0 ? parts.GroupVersion : null);
        return output => format.Write(builder, output);
    }

    private Action<Stream> BuildV2(OpenApiEncoding encoding)
    {
        var format = OpenApiFormat.Of(OpenApiVersion.V2, encoding);
        var builder = new OpenApiBuilder(OpenApiVersion.V2, features, format.NewPaths(), format.NewDefinitions());
        foreach (var (_, path) in DiscoveryPaths.Roots(Groups()))
            builder.Add(path);
        foreach (var groupVersion in _groupVersions.Value)
            builder.Add(groupVersion, Resources(groupVersion));
        foreach (var contribution in Contributions())
            builder.Add(contribution);
        builder.AddDefinitions(null);
        return output => format.Write(builder, output);
    }

    private static OpenApiDocument Compress(string hash, Action<Stream> write)
    {
        using var compressed = new MemoryStream(64 * 1024);
        using var counter = new CountingStream(new GZipStream(compressed, CompressionLevel.Optimal));
        write(counter);
        counter.Dispose();
        return new OpenApiDocument(hash, compressed.ToArray(), counter.Count);
    }

    private Parts? Find(string name)
    {
        foreach (var groupVersion in _groupVersions.Value)
        {
            if (NameOf(groupVersion) == name)
                return new Parts(groupVersion, null, Resources(groupVersion), []);
        }

        var contributions = Contributions().Where(c => NameOf(c.GroupVersion) == name).ToList();
        if (contributions.Count > 0)
            return new Parts(contributions[0].GroupVersion, null, [], contributions);
        foreach (var (document, path) in DiscoveryPaths.Roots(Groups()))
        {
            if (document == name)
                return new Parts(null, path, [], []);
        }

        return null;
    }

    private IEnumerable<OpenApiContribution> Contributions() => contributors.SelectMany(c => c.Contributions);

    private IEnumerable<string> Groups() => _groupVersions.Value.Concat(Contributions().Select(c => c.GroupVersion)).Select(v => v.Group).Where(g => g.Length > 0).Distinct();

    private List<OpenApiResource> Resources(GroupVersion groupVersion) => [.. served.BuiltIn.Where(r => r.GroupVersion == groupVersion).Select(Describe)];

    private static OpenApiResource Describe(ServedResource served)
    {
        var resource = served.Resource;
        var list = resource.Verbs.Contains("list") ? BuiltInSchema.Find(served.GroupVersion.WithKind(resource.ListKind))!.Name : "";
        return new OpenApiResource(served.GroupVersion, resource.Resource, resource.Kind, resource.Namespaced, served.Schema.Name, list)
        {
            Verbs = resource.Verbs,
            Subresources = resource.Subresources,
            // The registry of namespaces wraps its store, which hides what its DELETE answers.
            DeleteReturnsObject = served.IsStored && served.Store.Strategy.ReturnDeletedObject && resource.GroupResource != new GroupResource("", "namespaces"),
        };
    }

    private static string NameOf(GroupVersion groupVersion) => ResourcePaths.Root(groupVersion).Trim('/');

    private static string Hash(StringBuilder text) => Convert.ToHexString(SHA512.HashData(Encoding.UTF8.GetBytes(text.ToString())));

    /// <summary>What a version 3 document is made of: a group version's resources or contributions, or one discovery path.</summary>
    private sealed record Parts(GroupVersion? GroupVersion, OpenApiPath? Root, IReadOnlyList<OpenApiResource> Resources, IReadOnlyList<OpenApiContribution> Contributions);
}
