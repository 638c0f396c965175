using System.Net;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ApiServer.Registry.Core.ServiceAllocation;

/// <summary>
/// Cluster IPs. An address is taken by creating the IPAddress object of its name, so the store decides between replicas.
/// The ranges are the configured ones and those of ready ServiceCIDRs.
/// Source: pkg/registry/core/service/ipallocator/{cidrallocator.go,ipallocator.go}, KEP-1880, v1.36.
/// </summary>
internal sealed class ClusterIpAllocator(IReadOnlyList<IPNetwork> configured, ResourceStore serviceCidrs, ResourceStore addresses, IApiClient client)
{
    public const string FamilyLabel = "ipaddress.kubernetes.io/ip-family";
    public const string ManagedByLabel = "ipaddress.kubernetes.io/managed-by";
    public const string ManagedBy = "ipallocator.k8s.io";

    private static readonly GroupVersionResource Addresses = new("networking.k8s.io", "v1", "ipaddresses");

    private readonly AddressRange[] _configured = [.. configured.Select(network => new AddressRange(network))];

    /// <summary>The families of the configured ranges; the first is what services get that ask for none.</summary>
    public IReadOnlyList<string> Families { get; } = [.. configured.Select(network => FamilyOf(network.BaseAddress)).Distinct()];

    public static string FamilyOf(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";

    /// <summary>Takes a certain address for a service; a dry run only looks whether it lies in a range.</summary>
    /// <exception cref="AllocationException">Out of range, or taken.</exception>
    public async ValueTask AllocateAsync(Map service, IPAddress address, bool dryRun, CancellationToken cancellationToken)
    {
        var ranges = Ranges(FamilyOf(address));
        if (!ranges.Any(range => range.Contains(address)))
        {
            throw new AllocationException(dryRun && ranges.Count > 0
                ? $"the provided IP ({address}) is not in the valid range. The range of valid IPs is {ranges[0]}"
                : "the provided network does not match the current range");
        }

        if (!dryRun && !await TryCreateAsync(service, address, cancellationToken).ConfigureAwait(false))
            throw new AllocationException("provided IP is already allocated");
    }

    /// <summary>Takes any free address of a family; a dry run gets the network's own address, which nobody has.</summary>
    /// <exception cref="AllocationException">The ranges are full.</exception>
    public async ValueTask<IPAddress> AllocateNextAsync(Map service, string family, bool dryRun, CancellationToken cancellationToken)
    {
        foreach (var range in Ranges(family))
        {
            if (dryRun)
                return range.Network;
            foreach (var candidate in range.Candidates())
            {
                if (addresses.Peek("", candidate.ToString()) is null && await TryCreateAsync(service, candidate, cancellationToken).ConfigureAwait(false))
                    return candidate;
            }
        }

        throw AllocationException.Full();
    }

    /// <summary>Gives an address back; one that nobody has is no error.</summary>
    public async ValueTask ReleaseAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync(new ResourceRequest(Addresses, "", address), null, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // It was not taken.
        }
    }

    /// <summary>Creates the address's object for a service; false when it exists.</summary>
    public async ValueTask<bool> TryCreateAsync(Map service, IPAddress address, CancellationToken cancellationToken)
    {
        var metadata = service.Sub("metadata");
        var obj = new Map
        {
            { "apiVersion", "networking.k8s.io/v1" },
            { "kind", "IPAddress" },
            { "metadata", new Map { { "name", address.ToString() }, { "labels", new Map { { FamilyLabel, FamilyOf(address) }, { ManagedByLabel, ManagedBy } } } } },
            { "spec", new Map { { "parentRef", new Map { { "resource", "services" }, { "namespace", metadata.Text("namespace") }, { "name", metadata.Text("name") } } } } },
        };
        try
        {
            await client.CreateAsync(new ResourceRequest(Addresses), obj, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (StatusException exception) when (exception.Status.Reason == StatusReason.AlreadyExists)
        {
            return false;
        }
    }

    private List<AddressRange> Ranges(string family)
    {
        var wantIpv4 = family == "IPv4";
        var ranges = new List<AddressRange>();
        foreach (var range in _configured)
        {
            if (range.IsIpv4 == wantIpv4)
                ranges.Add(range);
        }

        foreach (var cached in serviceCidrs.Cache.Snapshot)
        {
            var cidr = cached.Tree();
            if (cidr.Name() == "kubernetes" || cidr.Sub("metadata").Has("deletionTimestamp") || !IsReady(cidr))
                continue;
            foreach (var text in cidr.Sub("spec").List("cidrs"))
            {
                if (IPNetwork.TryParse(text.AsString, out var network) && FamilyOf(network.BaseAddress) == family)
                    ranges.Add(new AddressRange(network));
            }
        }

        return ranges;
    }

    private static bool IsReady(Map cidr)
    {
        foreach (var condition in cidr.Sub("status").List("conditions"))
        {
            if (condition.AsMap.Text("type") == "Ready")
                return condition.AsMap.Text("status") == "True";
        }

        return false;
    }
}
