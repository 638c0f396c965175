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
    public const string ProtobufMediaType = "application/vnd.kubernetes.protobuf";

    private readonly ConditionalWeakTable<IReadOnlyList<string>, SchemaType> _projections = [];
    private readonly Lazy<SchemaType> _withoutManagedFields = new(() => ProjectedSchema.WithoutManagedFields(schema));
    private readonly string _resourceName = resource.GroupResource.ToString();

    public ApiResource Resource { get; } = resource;

    public SchemaType Schema { get; } = schema;

    public RestStrategy Strategy { get; } = strategy;

    /// <summary>What turns another version of the kind into the storage version, where the two differ in shape.</summary>
    public Func<GroupVersionKind, Func<Map, Map>?>? ConverterFor { get; init; }

    /// <summary>Defaults, as every decoded object gets them.</summary>
    public Action<Map>? SetDefaults { get; init; }

    /// <summary>How built-in objects are stored (<c>--storage-media-type</c>). Caches hold protobuf in any case.</summary>
    public string StorageMediaType { get; init; } = ProtobufMediaType;

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
            return await Transformer.ToStorageAsync(InStorageMediaType(plain), Place(key), cancellationToken).ConfigureAwait(false);
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

    /// <summary>Whether what the store holds should be written anew even if the object does not change: it is sealed with an old key,
    /// or is not what would be written now.</summary>
    /// <exception cref="StatusException">500: it cannot be opened.</exception>
    public async ValueTask<bool> IsStaleAsync(KeyValue item, CachedObject cached, CancellationToken cancellationToken)
    {
        try
        {
            var value = await Transformer.FromStorageAsync(item.Value, Place(item.Key), cancellationToken).ConfigureAwait(false);
            return value.Stale || (Schema.Custom is null && !value.Data.Span.SequenceEqual(InStorageMediaType(cached.Stored).Span));
        }
        catch (TransformException exception)
        {
            throw StatusErrors.Unknown(exception.Message);
        }
    }

    private ReadOnlyMemory<byte> InStorageMediaType(ReadOnlyMemory<byte> plain)
    {
        if (StorageMediaType == ProtobufMediaType || Schema.Custom is not null)
            return plain;
        var buffer = new ArrayBufferWriter<byte>(plain.Length * 2);
        if (StorageMediaType == "application/yaml")
        {
            YamlCodec.Encode(Decode(plain), buffer);
            return buffer.WrittenMemory;
        }

        JsonEncoder.Encode(Decode(plain), buffer);
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private ValueContext Place(string key) => new(key, _resourceName);

    /// <summary>The tree of the bytes that <see cref="Encode"/> makes, at the storage version, not frozen.</summary>
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

        if (!ProtobufEnvelope.TryUnwrap(stored.Span, out var kind, out var message) || kind != Resource.StorageKind)
            throw StatusErrors.InternalError("the stored object is damaged");
        var tree = ProtobufDecoder.Decode(message, Schema, kind).Root ?? throw StatusErrors.InternalError("the stored object is damaged");
        Strategy.CompleteDecoded(tree);
        return tree;
    }

    /// <summary>The tree of bytes that any API server may have written, and the bytes that this one would write for it, which are the
    /// same ones when it did.</summary>
    /// <exception cref="StatusException">500: the bytes cannot be read.</exception>
    public (Map Tree, ReadOnlyMemory<byte> Stored) DecodeForeign(ReadOnlyMemory<byte> stored)
    {
        if (Schema.Custom is not null)
            return (Decode(stored), stored);
        var tree = StoredObjectReader.Read(stored.Span, out var kind);
        if (kind != Resource.StorageKind)
        {
            tree = ConverterFor?.Invoke(kind)?.Invoke(tree) ?? tree;
            tree.Set("kind", Resource.StorageKind.Kind);
            tree.Set("apiVersion", Resource.StorageVersion.ToString());
        }

        Strategy.CompleteDecoded(tree);
        SetDefaults?.Invoke(tree);
        NormalForm.Apply(tree, Schema);
        var canonical = Encode(tree);
        return (tree, canonical.Span.SequenceEqual(stored.Span) ? stored : canonical);
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
