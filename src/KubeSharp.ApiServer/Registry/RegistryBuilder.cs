using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Encryption;
using KubeSharp.ApiServer.Options;

namespace KubeSharp.ApiServer.Registry;

/// <summary>Makes the stores and the served resources out of the table of built-in resources and the runtime config.</summary>
internal static class RegistryBuilder
{
    public static ServedResources Build(ApiServerOptions options, StorageBackends backends, EncryptionAtRest encryption, Defaulter defaulter, TimeProvider time)
    {
        var strategies = new StrategyTable(options);
        var stores = new Dictionary<string, ResourceStore>(StringComparer.Ordinal);
        var served = new List<ServedResource>();
        foreach (var resource in BuiltInResources.All)
        {
            var backing = resource.Virtual ? null : StoreOf(resource, options, strategies, stores, backends, encryption, defaulter, time);
            foreach (var version in resource.Versions)
            {
                if (!RuntimeConfig.IsServed(options.RuntimeConfig, new GroupVersion(resource.Group, version)))
                    continue;
                var kind = new GroupVersionKind(resource.Group, version, resource.Kind);
                var schema = BuiltInSchema.Find(kind) ?? throw new InvalidOperationException($"The schema has no {kind}.");
                served.Add(new ServedResource(resource, version, schema, backing, VersionConverters.Find(kind, resource.StorageKind)));
            }
        }

        return new ServedResources(served);
    }

    /// <summary>Resources that share a storage prefix (events of two groups) share the store.</summary>
    private static ResourceStore StoreOf(
        ApiResource resource, ApiServerOptions options, StrategyTable strategies, Dictionary<string, ResourceStore> stores, StorageBackends backends,
        EncryptionAtRest encryption, Defaulter defaulter, TimeProvider time)
    {
        if (stores.TryGetValue(resource.StoragePrefix, out var existing))
            return existing;
        var strategy = strategies.For(resource);
        var schema = BuiltInSchema.Find(resource.StorageKind) ?? throw new InvalidOperationException($"The schema has no {resource.StorageKind}.");
        strategy.Schema = schema;
        var codec = new ObjectCodec(resource, schema, strategy)
        {
            ConverterFor = kind => OlderVersions.OlderVersions.Find(kind, resource.StorageKind),
            SetDefaults = tree =>
            {
                defaulter.Apply(tree, schema);
                strategy.SetDefaults(tree);
            },
            StorageMediaType = options.Etcd.StorageMediaType.Length > 0 ? options.Etcd.StorageMediaType : ObjectCodec.ProtobufMediaType,
            Transformer = encryption.TransformerFor(resource.GroupResource),
        };
        var (store, feed, leases) = backends.For(resource.GroupResource);
        var cache = feed.Add(resource.StoragePrefix, codec);
        return stores[resource.StoragePrefix] = new ResourceStore(resource, strategy, cache, store, feed, time, leases);
    }
}
