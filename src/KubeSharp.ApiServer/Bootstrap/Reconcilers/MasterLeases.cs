using System.Buffers;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.Storage;
using KubeSharp.Storage.Encryption;

namespace KubeSharp.ApiServer.Bootstrap.Reconcilers;

/// <summary>
/// Which API servers live: a key for each, below a lease that ends soon after its server does. The value is an Endpoints object
/// with the server's address, as kube-apiserver writes and reads it.
/// Source: storageLeases in pkg/controlplane/reconcilers/lease.go, v1.36.
/// </summary>
/// <param name="store">Where the keys are.</param>
/// <param name="transformer">Of <see cref="Resource"/>.</param>
/// <param name="timeToLive">Whole seconds (upstream's DefaultEndpointReconcilerTTL: 15).</param>
internal sealed class MasterLeases(IRevisionedStore store, IValueTransformer transformer, TimeSpan timeToLive)
{
    public const string Prefix = "/registry/masterleases/";

    /// <summary>What encryption configurations call the keys.</summary>
    public static readonly GroupResource Resource = new("", "apiServerIPInfo");

    private const int MaxAttempts = 5;

    private static readonly GroupVersionKind Kind = new("", "v1", "Endpoints");

    /// <summary>The addresses of all servers that live, in the order of their keys.</summary>
    /// <exception cref="StoreUnavailableException">They cannot be read.</exception>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        var range = await store.RangeAsync(RangeRequest.Prefix(Prefix), cancellationToken).ConfigureAwait(false);
        var addresses = new List<string>(range.Items.Count);
        foreach (var item in range.Items)
        {
            if (await DecodeAsync(item, cancellationToken).ConfigureAwait(false) is { } found && found.List("subsets") is [var subset, ..]
                && subset.AsMap.List("addresses") is [var address, ..] && address.AsMap.Text("ip") is { Length: > 0 } ip)
            {
                addresses.Add(ip);
            }
        }

        return addresses;
    }

    /// <summary>Says that a server lives, from now for the time to live.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be written.</exception>
    public async ValueTask UpdateAsync(string address, CancellationToken cancellationToken)
    {
        var key = Prefix + address;
        for (var attempt = 1; ; attempt++)
        {
            var found = (await store.GetAsync(key, 0, cancellationToken).ConfigureAwait(false)).KeyValue;
            var generation = found is null ? 0 : (await DecodeAsync(found, cancellationToken).ConfigureAwait(false))?.Sub("metadata").Number("generation") ?? 0;
            var lease = await store.GrantLeaseAsync(timeToLive, cancellationToken).ConfigureAwait(false);
            var value = await transformer.ToStorageAsync(Encode(address, generation + 1), Place(key), cancellationToken).ConfigureAwait(false);
            var result = await store.PutAsync(key, found?.ModRevision ?? 0, value, lease, null, cancellationToken).ConfigureAwait(false);
            if (result.Succeeded)
                return;
            if (attempt == MaxAttempts)
                throw new StoreUnavailableException($"{key} is changed by somebody else all the time", nothingChanged: true);
        }
    }

    /// <summary>Says that a server lives no longer; false when nobody knew that it did.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be written.</exception>
    public async ValueTask<bool> RemoveAsync(string address, CancellationToken cancellationToken)
    {
        var expected = (await store.GetAsync(Prefix + address, 0, cancellationToken).ConfigureAwait(false)).KeyValue;
        for (var attempt = 1; expected is not null && attempt <= MaxAttempts; attempt++)
        {
            var result = await store.DeleteAsync(Prefix + address, expected.ModRevision, cancellationToken).ConfigureAwait(false);
            if (result.Succeeded)
                return true;
            expected = result.Current;
        }

        return false;
    }

    private static ReadOnlyMemory<byte> Encode(string address, long generation)
    {
        var addresses = new Sequence(1);
        addresses.Add(new Map { { "ip", address } });
        var subsets = new Sequence(1);
        subsets.Add(new Map { { "addresses", addresses } });
        var buffer = new ArrayBufferWriter<byte>(128);
        ProtobufEnvelope.Encode(new Map { { "metadata", new Map { { "generation", generation } } }, { "subsets", subsets } }, BuiltInSchema.Find(Kind)!, Kind, buffer);
        return buffer.WrittenMemory;
    }

    private async ValueTask<Map?> DecodeAsync(KeyValue item, CancellationToken cancellationToken)
    {
        var value = await transformer.FromStorageAsync(item.Value, Place(item.Key), cancellationToken).ConfigureAwait(false);
        return Decode(value.Data.Span);
    }

    // What is no Endpoints object tells of no server.
    private static Map? Decode(ReadOnlySpan<byte> stored) =>
        ProtobufEnvelope.TryUnwrap(stored, out var kind, out var message) && kind == Kind ? ProtobufDecoder.Decode(message, BuiltInSchema.Find(Kind)!, Kind).Root : null;

    private static ValueContext Place(string key) => new(key, Resource.Resource);
}
