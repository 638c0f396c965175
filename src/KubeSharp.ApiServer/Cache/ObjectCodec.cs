using System.Buffers;
using System.Runtime.CompilerServices;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;
using KubeSharp.Storage;
using KubeSharp.Storage.Encryption;

namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// How one stored resource turns into bytes and back: upstream's protobuf envelope around the message of the storage
/// version, JSON for custom resources. Older versions in the store are read too, as upstream reads them. Between those bytes
/// and the store stands <see cref="Transformer"/> and nothing else: caches hold what it has opened.
/// </summary>
public sealed class ObjectCodec(ApiResource resource, SchemaType schema, RestStrategy strategy)
{
    private readonly ConditionalWeakTable<IReadOnlyList<string>, SchemaType> _projections = [];
    private readonly Lazy<SchemaType> _withoutManagedFields = new(() => ProjectedSchema.WithoutManagedFields(schema));
    private readonly string _resourceName = resource.GroupResource.ToString();

    public ApiResource Resource { get; } = resource;

    public SchemaType Schema { get; } = schema;

    public RestStrategy Strategy { get; } = strategy;

    /// <summary>Reads other versions of the kind; set for kinds whose versions differ in shape.</summary>
    public Func<GroupVersionKind, IVersionConverter?>? ConverterFor { get; init; }

    /// <summary>Seals what is stored and opens what is read.</summary>
    public IValueTransformer Transformer { get; init; } = IdentityTransformer.Instance;

    public string[] SelectableFields(Map tree) => Strategy.SelectableFields(tree);

    /// <summary>The bytes for the store: no resource version, no self link (storage/api_object_versioner.go PrepareObjectForStorage).</summary>
    public ReadOnlyMemory<byte> Encode(Map tree)
    {
        var versioned = tree.GetMap("metadata")?.ContainsKey("resourceVersion") == true;
        if (versioned)
        {
            tree = tree.ShallowClone();
            var metadata = tree.GetMap("metadata")!.ShallowClone();
            metadata.Remove("resourceVersion");
            tree.Set("metadata", metadata);
        }

        var buffer = new ArrayBufferWriter<byte>(1024);
        if (Schema.Custom is not null)
        {
            JsonEncoder.Encode(tree, buffer);
            return buffer.WrittenSpan.ToArray();
        }

        ProtobufEnvelope.Encode(tree, Schema, Resource.StorageKind, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>What is to be stored under a key for the bytes of <see cref="Encode"/>.</summary>
    /// <exception cref="StatusException">500 without a reason: it cannot be sealed now.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> SealAsync(string key, ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        try
        {
            return await Transformer.ToStorageAsync(plain, Place(key), cancellationToken).ConfigureAwait(false);
        }
        catch (TransformException exception)
        {
            throw StatusErrors.Unknown(exception.Message);
        }
    }

    /// <summary>The object of what the store holds under a key (storage/etcd3/store.go Get).</summary>
    /// <exception cref="StatusException">500: it cannot be opened or decoded.</exception>
    public async ValueTask<CachedObject> OpenAsync(KeyValue item, CancellationToken cancellationToken)
    {
        var (cached, broken) = await TryOpenAsync(item, cancellationToken).ConfigureAwait(false);
        return cached ?? throw broken!.Error();
    }

    /// <summary>As <see cref="OpenAsync"/>; what stands in the way is returned.</summary>
    public async ValueTask<(CachedObject? Object, UndecodableObject? Broken)> TryOpenAsync(KeyValue item, CancellationToken cancellationToken)
    {
        try
        {
            var value = await Transformer.FromStorageAsync(item.Value, Place(item.Key), cancellationToken).ConfigureAwait(false);
            return (CachedObject.FromStore(this, item.Key, value.Data, item.ModRevision), null);
        }
        catch (TransformException exception)
        {
            return (null, UndecodableObject.Sealed(item, exception.Message, exception.IsTransient));
        }
        catch (StatusException exception)
        {
            return (null, new UndecodableObject(item.Key, item.ModRevision, exception.Status, exception.Status, false));
        }
    }

    /// <summary>Whether what the store holds should be written anew even if the object does not change.</summary>
    /// <exception cref="StatusException">500: it cannot be opened.</exception>
    public async ValueTask<bool> IsStaleAsync(KeyValue item, CancellationToken cancellationToken)
    {
        try
        {
            return (await Transformer.FromStorageAsync(item.Value, Place(item.Key), cancellationToken).ConfigureAwait(false)).Stale;
        }
        catch (TransformException exception)
        {
            throw StatusErrors.Unknown(exception.Message);
        }
    }

    private ValueContext Place(string key) => new(key, _resourceName);

    /// <summary>The tree of stored bytes, at the storage version, not frozen.</summary>
    /// <exception cref="StatusException">500: the bytes cannot be read.</exception>
    public Map Decode(ReadOnlyMemory<byte> stored)
    {
        if (Schema.Custom is { } custom)
        {
            // Pruned and defaulted anew: the schema may have changed since the object was written.
            var decoded = CustomResourceDecoder.DecodeStored(stored.Span, custom) ?? throw StatusErrors.InternalError("the stored object is damaged");
            StructuralDefaulter.Apply(decoded, custom);
            decoded.Set("apiVersion", Resource.StorageVersion.ToString());
            return decoded;
        }

        if (!ProtobufEnvelope.TryUnwrap(stored.Span, out var kind, out var message))
            throw StatusErrors.InternalError("the stored object is neither protobuf nor JSON that this server can read");
        if (kind == Resource.StorageKind)
        {
            var tree = ProtobufDecoder.Decode(message, Schema, kind).Root ?? throw StatusErrors.InternalError("the stored object is damaged");
            Strategy.CompleteDecoded(tree);
            return tree;
        }

        var schema = BuiltInSchema.Find(kind) ?? throw StatusErrors.InternalError($"no kind \"{kind.Kind}\" is registered for version \"{kind.GroupVersion}\"");
        var older = ProtobufDecoder.Decode(message, schema, kind).Root ?? throw StatusErrors.InternalError("the stored object is damaged");
        var current = ConverterFor?.Invoke(kind)?.ToStorage(older) ?? older;
        current.Set("apiVersion", Resource.StorageVersion.ToString());
        Strategy.CompleteDecoded(current);
        return current;
    }

    /// <summary>As <see cref="Decode"/>, with the named fields (null: all but managed fields) and maybe more; not for writing.</summary>
    public Map DecodeForReading(ReadOnlyMemory<byte> stored, IReadOnlyList<string>? paths)
    {
        if (Schema.Custom is not null || !ProtobufEnvelope.TryUnwrap(stored.Span, out var kind, out var message) || kind != Resource.StorageKind)
            return Decode(stored);
        var layout = paths is null ? _withoutManagedFields.Value : _projections.GetValue(paths, p => ProjectedSchema.Of(Schema, p));
        return ProtobufDecoder.Decode(message, layout, kind).Root ?? throw StatusErrors.InternalError("the stored object is damaged");
    }

    /// <summary>UTF-8 JSON of a tree without its kind and apiVersion.</summary>
    public static byte[] EncodeJsonBody(Map tree)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        JsonEncoder.EncodeWithoutTypeMeta(tree, buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
