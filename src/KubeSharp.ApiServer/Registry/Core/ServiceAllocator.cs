using System.Net;
using System.Security.Cryptography;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Cache;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>
/// Gives services their cluster IPs and node ports. What is taken is what the cached services hold, plus what writes in
/// flight have reserved. Source: pkg/registry/core/service/storage/alloc.go, ipallocator, portallocator; v1.36.
/// </summary>
internal sealed class ServiceAllocator(WatchCache services, StoreFeed feed, IPNetwork range, (int From, int To) ports)
{
    private const int Attempts = 1000;

    private readonly StoreFeed _feed = feed;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _reservedIps = new(StringComparer.Ordinal);
    private readonly HashSet<(string Protocol, long Port)> _reservedPorts = [];

    /// <summary>Fills in what the service lacks, and reserves all that is new in it until the write has ended.</summary>
    /// <exception cref="StatusException">422: an address or port that is taken or out of range, or none is left.</exception>
    public IAllocation? Allocate(Map service, Map? old)
    {
        var spec = service.EditMap("spec");
        var oldSpec = old?.GetMap("spec") ?? Map.Empty;
        if (!ServiceStrategy.NeedsClusterIp(spec))
        {
            if (spec.GetString("type") == "ExternalName" && ServiceStrategy.NeedsClusterIp(oldSpec))
            {
                spec.Remove("clusterIP");
                spec.Remove("clusterIPs");
            }

            return null;
        }

        var errors = new FieldErrorList();
        var reservation = new Reservation(this);
        lock (_lock)
        {
            var (takenIps, takenPorts) = Taken(service);
            AllocateIp(spec, oldSpec, takenIps, reservation, errors);
            if (ServiceStrategy.NeedsNodePort(spec))
                AllocatePorts(spec, oldSpec, takenPorts, reservation, errors);
        }

        SetFamilies(spec);
        if (errors.Count == 0)
            return reservation;
        reservation.Release();
        throw StatusErrors.Invalid(new GroupKind("", "Service"), service.GetMap("metadata")?.GetString("name") ?? "", errors);
    }

    /// <summary>Nothing to do: a deleted service leaves the cache, and with it its addresses.</summary>
    public void Release(Map service)
    {
    }

    private void AllocateIp(Map spec, Map oldSpec, HashSet<string> taken, Reservation reservation, FieldErrorList errors)
    {
        var wanted = spec.GetString("clusterIP") ?? "";
        if (wanted == "None")
            return;
        if (wanted.Length > 0)
        {
            if (wanted == oldSpec.GetString("clusterIP"))
                return;
            var path = FieldPath.Root("spec").Child("clusterIPs");
            if (!IPAddress.TryParse(wanted, out var address))
                return;
            if (!range.Contains(address))
            {
                errors.Add(FieldError.Invalid(path, spec["clusterIPs"], $"failed to allocate IP {wanted}: the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {range}"));
                return;
            }

            if (!taken.Add(wanted))
            {
                errors.Add(FieldError.Invalid(path, spec["clusterIPs"], $"failed to allocate IP {wanted}: provided IP is already allocated"));
                return;
            }

            reservation.Add(wanted);
            return;
        }

        for (var i = 0; i < Attempts; i++)
        {
            var candidate = RandomAddress();
            if (!taken.Add(candidate))
                continue;
            reservation.Add(candidate);
            spec.Set("clusterIP", candidate);
            var ips = new Sequence(1);
            ips.Add(candidate);
            spec.Set("clusterIPs", ips);
            return;
        }

        throw StatusErrors.InternalError("failed to allocate a serviceIP: range is full");
    }

    private void AllocatePorts(Map spec, Map oldSpec, HashSet<(string Protocol, long Port)> taken, Reservation reservation, FieldErrorList errors)
    {
        var own = new HashSet<long>();
        foreach (var port in oldSpec.GetSequence("ports") ?? Sequence.Empty)
            own.Add(port.AsMap?.GetInteger("nodePort") ?? 0);
        var index = -1;
        PodSpecDefaults.Each(spec, "ports", port =>
        {
            index++;
            var protocol = port.GetString("protocol") ?? "TCP";
            var number = port.GetInteger("nodePort") ?? 0;
            if (number != 0)
            {
                if (own.Contains(number))
                    return;
                var path = FieldPath.Root("spec").Child("ports").Index(index).Child("nodePort");
                if (number < ports.From || number > ports.To)
                    errors.Add(FieldError.Invalid(path, number, $"provided port is not in the valid range. The range of valid ports is {ports.From}-{ports.To}"));
                else if (taken.Add((protocol, number)))
                    reservation.Add(protocol, number);
                else
                    errors.Add(FieldError.Invalid(path, number, "provided port is already allocated"));
                return;
            }

            for (var i = 0; i < Attempts; i++)
            {
                var candidate = RandomNumberGenerator.GetInt32(ports.From, ports.To + 1);
                if (!taken.Add((protocol, candidate)))
                    continue;
                reservation.Add(protocol, candidate);
                port.Set("nodePort", candidate);
                return;
            }

            throw StatusErrors.InternalError("failed to allocate a nodePort: range is full");
        });
    }

    /// <summary>One IPv4 or IPv6 family, as the range has it.</summary>
    private void SetFamilies(Map spec)
    {
        if (spec["ipFamilies"].IsNullOrUndefined)
        {
            var families = new Sequence(1);
            families.Add(range.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4");
            spec.Set("ipFamilies", families);
        }

        PodSpecDefaults.Default(spec, "ipFamilyPolicy", "SingleStack");
    }

    private (HashSet<string> Ips, HashSet<(string Protocol, long Port)> Ports) Taken(Map self)
    {
        var uid = self.GetMap("metadata")?.GetString("uid");
        var ips = new HashSet<string>(_reservedIps, StringComparer.Ordinal);
        var nodePorts = new HashSet<(string, long)>(_reservedPorts);
        foreach (var cached in services.Snapshot)
        {
            var tree = cached.Tree();
            if (tree.GetMap("metadata")?.GetString("uid") == uid)
                continue;
            var spec = tree.GetMap("spec") ?? Map.Empty;
            foreach (var ip in spec.GetSequence("clusterIPs") ?? Sequence.Empty)
                ips.Add(ip.AsString ?? "");
            foreach (var port in spec.GetSequence("ports") ?? Sequence.Empty)
            {
                if (port.AsMap is { } map && map.GetInteger("nodePort") is > 0 and var number)
                    nodePorts.Add((map.GetString("protocol") ?? "TCP", number));
            }

            if (spec.GetInteger("healthCheckNodePort") is > 0 and var health)
                nodePorts.Add(("TCP", health));
        }

        return (ips, nodePorts);
    }

    /// <summary>Any address of the range but the network's, the broadcast's and the kubernetes Service's.</summary>
    private string RandomAddress()
    {
        var bytes = range.BaseAddress.GetAddressBytes();
        var hostBits = Math.Min(bytes.Length * 8 - range.PrefixLength, 20);
        var offset = (uint)RandomNumberGenerator.GetInt32(2, (1 << hostBits) - 1);
        for (var i = bytes.Length - 1; offset > 0; i--, offset >>= 8)
            bytes[i] |= (byte)offset;
        return new IPAddress(bytes).ToString();
    }

    private sealed class Reservation(ServiceAllocator allocator) : IAllocation
    {
        private readonly List<string> _ips = [];
        private readonly List<(string, long)> _ports = [];

        public void Add(string ip)
        {
            _ips.Add(ip);
            allocator._reservedIps.Add(ip);
        }

        public void Add(string protocol, long port)
        {
            _ports.Add((protocol, port));
            allocator._reservedPorts.Add((protocol, port));
        }

        // The write is acknowledged before the cache has it: only then may the reservation go.
        public async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            try
            {
                await allocator._feed.WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                Release();
            }
        }

        public ValueTask RollbackAsync()
        {
            Release();
            return ValueTask.CompletedTask;
        }

        public void Release()
        {
            lock (allocator._lock)
            {
                allocator._reservedIps.ExceptWith(_ips);
                allocator._reservedPorts.ExceptWith(_ports);
            }
        }
    }
}
