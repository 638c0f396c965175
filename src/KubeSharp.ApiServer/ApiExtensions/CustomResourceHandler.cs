using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Registry.CustomResources;
using KubeSharp.Storage;

namespace KubeSharp.ApiServer.ApiExtensions;

/// <summary>Serves what definitions define: a custom resource is a resource like any other, whose schema, strategy, columns
/// and names come from its definition (apiextensions-apiserver/pkg/apiserver/customresource_handler.go, v1.36).</summary>
internal sealed class CustomResourceHandler(ServedResources served, IRevisionedStore store, StoreFeed feed, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, string> _prefixes = new(StringComparer.Ordinal);

    /// <summary>Serves a definition as it is now.</summary>
    public async Task ServeAsync(CustomResourceDefinition definition, CancellationToken cancellationToken)
    {
        var prefix = $"{definition.Group}/{definition.Plural}";
        var storage = definition.StorageVersion;
        var resource = ResourceOf(definition, storage, prefix);
        // Where there are several versions, the store keeps what any of them knows, and each takes its own on reading.
        var single = definition.Versions.Count == 1;
        var strategy = new CustomResourceStrategy(definition) { Schema = CustomSchemaTypes.Of(definition.KindOf(storage), single ? storage.Schema : JsonSchema.Anything) };
        // The new cache takes over from an old one, whose watches go on: only the objects' form may differ.
        var cache = await feed.AddAsync(prefix, new ObjectCodec(resource, strategy.Schema, strategy), cancellationToken).ConfigureAwait(false);
        var objects = new ResourceStore(resource, strategy, cache, store, feed, time);
        var versions = new List<ServedResource>();
        foreach (var version in definition.Versions)
        {
            if (!version.Served)
                continue;
            var schema = single ? strategy.Schema : CustomSchemaTypes.Of(definition.KindOf(version), version.Schema);
            versions.Add(new ServedResource(ResourceOf(definition, version, prefix), version.Name, schema, objects, single ? null : new CustomResourceConverter(version.Schema))
            {
                DeprecationWarning = definition.WarningOf(version),
                IsTerminating = definition.IsTerminating,
                Table = new CustomResourceTable(version.Columns),
                Scale = version.Scale,
            });
        }

        _prefixes[definition.Name] = prefix;
        served.SetCustom(definition.Name, versions);
    }

    /// <summary>Stops serving a definition; its watches end.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        served.SetCustom(name, []);
        if (_prefixes.TryRemove(name, out var prefix))
            await feed.RemoveAsync(prefix, cancellationToken).ConfigureAwait(false);
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
