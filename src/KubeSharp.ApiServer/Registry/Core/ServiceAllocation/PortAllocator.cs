using System.Buffers;
using System.Security.Cryptography;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.Storage;
using KubeSharp.Storage.Encryption;

namespace KubeSharp.ApiServer.Registry.Core.ServiceAllocation;

/// <summary>
/// Node ports: one bit a port, kept in the store where all replicas see it, as the RangeAllocation that upstream keeps
/// under the same key. The lower part of the range is for those who ask for a certain port (KEP-3668).
/// Source: pkg/registry/core/service/{portallocator/allocator.go,allocator/bitmap.go,allocator/storage/storage.go}, v1.36.
/// </summary>
internal sealed class PortAllocator(IRevisionedStore store, ResourceStore services, IValueTransformer transformer, (int From, int To) range) : IDisposable
{
    private const string Key = StoreFeed.Root + "ranges/servicenodeports";

    /// <summary>The name that an encryption configuration's wildcards see.</summary>
    public static readonly GroupResource Resource = new("", "servicenodeportallocations");

    private static readonly ValueContext Place = new(Key, Resource.Resource);

    private const int MaxAttempts = 64;
    private const int MinOffset = 16;
    private const int MaxOffset = 128;
    private const int OffsetStep = 32;
    private const int RoundsBeforeRelease = 3;

    private static readonly GroupVersionKind Kind = new("", "v1", "RangeAllocation");

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly int _size = range.To - range.From + 1;
    private byte[] _taken = new byte[(range.To - range.From + 8) / 8];
    private long _revision;
    private readonly Dictionary<int, int> _leaks = [];

    private int Offset => _size <= MinOffset ? 0 : Math.Clamp(_size / OffsetStep, MinOffset, MaxOffset);

    /// <summary>Takes a certain port.</summary>
    /// <exception cref="AllocationException">Out of range, or taken.</exception>
    public async ValueTask AllocateAsync(long port, CancellationToken cancellationToken)
    {
        if (port < range.From || port > range.To)
            throw new AllocationException($"provided port is not in the valid range. The range of valid ports is {range.From}-{range.To}");
        await ChangeAsync(() =>
        {
            var bit = (int)port - range.From;
            if (IsTaken(bit))
                throw new AllocationException("provided port is already allocated");
            Set(bit, true);
            return bit;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes any free port, of the upper part while there is one.</summary>
    /// <exception cref="AllocationException">The range is full.</exception>
    public async ValueTask<int> AllocateNextAsync(CancellationToken cancellationToken) =>
        range.From + await ChangeAsync(() =>
        {
            var bit = FindFree(Offset, _size);
            if (bit < 0)
                bit = FindFree(0, Offset);
            if (bit < 0)
                throw AllocationException.Full();
            Set(bit, true);
            return bit;
        }, cancellationToken).ConfigureAwait(false);

    /// <summary>Gives a port back; one that is free or out of range is no error.</summary>
    public async ValueTask ReleaseAsync(long port, CancellationToken cancellationToken)
    {
        if (port < range.From || port > range.To)
            return;
        await ChangeAsync(() =>
        {
            var bit = (int)port - range.From;
            Set(bit, false);
            return bit;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a port is taken, as far as this replica knows.</summary>
    public bool Has(long port) => port >= range.From && port <= range.To && IsTaken((int)port - range.From);

    /// <summary>Takes the ports of all services, and gives back what belonged to none for some rounds: a write in flight has
    /// its port before its service is there (portallocator/controller/repair.go).</summary>
    public ValueTask<int> RepairAsync(CancellationToken cancellationToken) =>
        ChangeAsync(() =>
        {
            var before = (byte[])_taken.Clone();
            TakeThoseOfServices();
            for (var bit = 0; bit < _size; bit++)
            {
                if ((before[bit / 8] & 1 << bit % 8) == 0 || IsTaken(bit))
                {
                    _leaks.Remove(bit);
                    continue;
                }

                var rounds = _leaks[bit] = _leaks.GetValueOrDefault(bit) + 1;
                Set(bit, rounds < RoundsBeforeRelease);
            }

            return 0;
        }, cancellationToken);

    public void Dispose() => _gate.Dispose();

    /// <summary>Changes the bits and stores them; when another replica was faster its bits are read and the change made anew.</summary>
    private async ValueTask<int> ChangeAsync(Func<int> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                if (_revision == 0)
                    await LoadAsync(cancellationToken).ConfigureAwait(false);
                var before = (byte[])_taken.Clone();
                try
                {
                    var bit = change();
                    if (_revision != 0 && before.AsSpan().SequenceEqual(_taken))
                        return bit;
                    var value = await transformer.ToStorageAsync(Encode(), Place, cancellationToken).ConfigureAwait(false);
                    var result = await store.PutAsync(Key, _revision, value, 0, null, cancellationToken).ConfigureAwait(false);
                    if (result.Succeeded)
                    {
                        _revision = result.Revision;
                        return bit;
                    }

                    _revision = 0;
                }
                catch (TransformException exception)
                {
                    _taken = before;
                    throw StatusErrors.Unknown(exception.Message);
                }
                catch
                {
                    // Whether the bits were stored is not known (or they were not to be): the store is asked next time.
                    _taken = before;
                    _revision = 0;
                    throw;
                }
            }

            throw StatusErrors.InternalError("cannot allocate resources of type servicenodeportallocations at this time");
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        var found = await store.GetAsync(Key, 0, cancellationToken).ConfigureAwait(false);
        if (found.KeyValue is { } stored)
        {
            var value = await transformer.FromStorageAsync(stored.Value, Place, cancellationToken).ConfigureAwait(false);
            if (TryDecode(value.Data.Span))
            {
                _revision = stored.ModRevision;
                return;
            }
        }

        // Nothing is stored, or another range: what the services hold is taken.
        TakeThoseOfServices();
        _revision = found.KeyValue?.ModRevision ?? 0;
    }

    private void TakeThoseOfServices()
    {
        Array.Clear(_taken);
        foreach (var cached in services.Cache.Snapshot)
        {
            var spec = cached.Tree().Sub("spec");
            Take(spec.Number("healthCheckNodePort"));
            foreach (var port in spec.List("ports"))
                Take(port.AsMap.Number("nodePort"));
        }
    }

    private void Take(long port)
    {
        if (port >= range.From && port <= range.To)
            Set((int)port - range.From, true);
    }

    /// <summary>Bits as a big-endian number without leading zeros, which is how upstream's big.Int prints them.</summary>
    private byte[] Encode()
    {
        var length = _taken.Length;
        while (length > 0 && _taken[length - 1] == 0)
            length--;
        var data = _taken.AsSpan(0, length).ToArray();
        Array.Reverse(data);
        var tree = new Map { { "metadata", new Map(0) }, { "range", $"{range.From}-{range.To}" }, { "data", Convert.ToBase64String(data) } };
        var buffer = new ArrayBufferWriter<byte>(512);
        ProtobufEnvelope.Encode(tree, BuiltInSchema.Find(Kind)!, Kind, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private bool TryDecode(ReadOnlySpan<byte> stored)
    {
        if (!ProtobufEnvelope.TryUnwrap(stored, out var kind, out var message) || kind != Kind || ProtobufDecoder.Decode(message, BuiltInSchema.Find(Kind)!, Kind).Root is not { } tree)
            return false;
        if (tree.Text("range") != $"{range.From}-{range.To}")
            return false;
        var data = Convert.FromBase64String(tree.Text("data"));
        if (data.Length > _taken.Length)
            return false;
        Array.Reverse(data);
        Array.Clear(_taken);
        data.CopyTo(_taken, 0);
        return true;
    }

    /// <summary>A free bit of [from, to), looked for from a random place on; -1 when there is none.</summary>
    private int FindFree(int from, int to)
    {
        var count = to - from;
        if (count <= 0)
            return -1;
        var start = RandomNumberGenerator.GetInt32(count);
        for (var i = 0; i < count; i++)
        {
            var bit = from + (start + i) % count;
            if (!IsTaken(bit))
                return bit;
        }

        return -1;
    }

    private bool IsTaken(int bit) => (_taken[bit / 8] & 1 << bit % 8) != 0;

    private void Set(int bit, bool taken)
    {
        if (taken)
            _taken[bit / 8] |= (byte)(1 << bit % 8);
        else
            _taken[bit / 8] &= (byte)~(1 << bit % 8);
    }
}
