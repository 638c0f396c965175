using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Encryption;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Registry.CustomResources;
using KubeSharp.Storage;

namespace KubeSharp.ApiServer.ApiExtensions;

/// <summary>Serves what definitions define: a custom resource is a resource like any other, whose schema, strategy, columns
/// and names come from its definition (apiextensions-apiserver/pkg/apiserver/customresource_handler.go, v1.36).</summary>
internal sealed class CustomResourceHandler(ServedResources served, IRevisionedStore store, StoreFeed feed, EncryptionAtRest encryption, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (string Prefix, ResourceStore Objects)> _served = new(StringComparer.Ordinal);

    /// <summary>Serves a definition as it is now.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="sameSpec">Whether its spec is the one served: then its objects stay where they are, and their watches go on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task ServeAsync(CustomResourceDefinition definition, bool sameSpec, CancellationToken cancellationToken)
    {
        var prefix = $"{definition.Group}/{definition.Plural}";
        var storage = definition.StorageVersion;
        var resource = ResourceOf(definition, storage, prefix);
        // Where there are several versions, the store keeps what any of them knows, and each takes its own on reading.
        var single = definition.Versions.Count == 1;
        var strategy = new CustomResourceStrategy(definition) { Schema = CustomSchemaTypes.Of(definition.KindOf(storage), single ? storage.Schema : JsonSchema.Anything) };
        var before = _served.TryGetValue(definition.Name, out var known) ? known.Objects : null;
        var objects = sameSpec ? before : null;
        if (objects is null)
        {
            // What is cached was read by the schema before.
            var cache = await feed.AddAsync(prefix, new ObjectCodec(resource, strategy.Schema, strategy) { Transformer = encryption.TransformerFor(resource.GroupResource) }, cancellationToken).ConfigureAwait(false);
            objects = new ResourceStore(resource, strategy, cache, store, feed, time);
        }

        var versions = new List<ServedResource>();
        foreach (var version in definition.Versions)
        {
            if (!version.Served)
                continue;
            var schema = single ? objects.Strategy.Schema! : CustomSchemaTypes.Of(definition.KindOf(version), version.Schema);
            versions.Add(new ServedResource(ResourceOf(definition, version, prefix), version.Name, schema, objects, single ? null : new CustomResourceConverter(version.Schema))
            {
                DeprecationWarning = definition.WarningOf(version),
                IsTerminating = definition.IsTerminating,
                Table = new CustomResourceTable(version.Columns),
                Scale = version.Scale,
            });
        }

        _served[definition.Name] = (prefix, objects);
        served.SetCustom(definition.Name, versions);
        if (!ReferenceEquals(before, objects))
            before?.Cache.EndWatches();
    }

    /// <summary>Stops serving a definition; its watches end.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        served.SetCustom(name, []);
        if (_served.TryRemove(name, out var known))
            await feed.RemoveAsync(known.Prefix, cancellationToken).ConfigureAwait(false);
    }

    private static ApiResource ResourceOf(CustomResourceDefinition definition, CustomResourceVersion version, string prefix)
    {
        var subresources = new List<Subresource>();
        if (version.HasStatus)
            subresources.Add(Subresource.Status);
        if (version.Scale is not null)
            subresources.Add(Subresource.Scale);
        return new ApiResource(definition.Group, definition.Plural, definition.Kind, definition.Namespaced ? Scope.Namespaced : Scope.Cluster, [.. definition.Versions.Select(v => v.Name)])
        {
            ShortNames = definition.ShortNames,
            Categories = definition.Categories,
            Singular = definition.Singular,
            ListKind = definition.ListKind,
            Subresources = subresources,
            StoragePrefix = prefix,
            StorageVersion = new GroupVersion(definition.Group, definition.StorageVersion.Name),
            Verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
        };
    }
}
