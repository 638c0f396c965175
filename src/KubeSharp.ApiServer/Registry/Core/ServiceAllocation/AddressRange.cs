using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace KubeSharp.ApiServer.Registry.Core.ServiceAllocation;

/// <summary>
/// The addresses of one range that services may have: all but the network's own and, for IPv4, the broadcast address. The
/// lower part is kept for those who ask for a certain address (KEP-3070).
/// Source: pkg/registry/core/service/ipallocator/{ipallocator.go,bitmap.go}, v1.36.
/// </summary>
internal sealed class AddressRange
{
    private const int MinOffset = 16;
    private const int MaxOffset = 256;
    private const int OffsetStep = 16;

    private readonly IPNetwork _network;
    private readonly UInt128 _first;
    private readonly UInt128 _last;
    private readonly UInt128 _offset;

    public AddressRange(IPNetwork network)
    {
        _network = network;
        var hostBits = HostBits(network);
        var size = hostBits >= 127 ? UInt128.MaxValue : UInt128.One << hostBits;
        var start = ToNumber(network.BaseAddress);
        _first = start + 1;
        _last = start + size - 1 - (IsIpv4 ? 1u : 0u);
        _offset = size <= MinOffset ? 0 : UInt128.Clamp(size / OffsetStep, MinOffset, MaxOffset);
    }

    public bool IsIpv4 => _network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>What a dry run gets instead of an address of its own.</summary>
    public IPAddress Network => _network.BaseAddress;

    public bool Contains(IPAddress address) =>
        address.AddressFamily == _network.BaseAddress.AddressFamily && ToNumber(address) is var number && number >= _first && number <= _last;

    /// <summary>Every address once: from a random one of the upper part on, then the lower part in the same way.</summary>
    public IEnumerable<IPAddress> Candidates()
    {
        if (_last < _first)
            yield break;
        foreach (var number in From(_first + _offset, _last))
            yield return ToAddress(number);
        if (_offset == 0)
            yield break;
        foreach (var number in From(_first, UInt128.Min(_first + _offset - 1, _last)))
            yield return ToAddress(number);
    }

    public override string ToString() => _network.ToString();

    private static IEnumerable<UInt128> From(UInt128 first, UInt128 last)
    {
        if (last < first)
            yield break;
        var count = last - first + 1;
        var start = (UInt128)(BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) % (ulong)UInt128.Min(count, ulong.MaxValue));
        for (UInt128 i = 0; i < count; i++)
            yield return first + (start + i) % count;
    }

    private static int HostBits(IPNetwork network) => network.BaseAddress.GetAddressBytes().Length * 8 - network.PrefixLength;

    private static UInt128 ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return written == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private IPAddress ToAddress(UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(IsIpv4 ? bytes[12..] : bytes);
    }
}
