using System.Globalization;
using System.Net;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.ServiceAllocation;

/// <summary>
/// Brings the records of what is taken in line with the services: at the start, and from time to time because a replica
/// may have died between the two writes
/// (pkg/registry/core/service/{ipallocator/controller/repairip.go,portallocator/controller/repair.go}, v1.36).
/// </summary>
internal sealed class ServiceRepair(ResourceStore services, ResourceStore addresses, ClusterIpAllocator ips, PortAllocator ports, TimeProvider time)
{
    /// <summary>How often (upstream: three minutes for both).</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(3);

    /// <summary>An address may be older than its service by so much: the address is created first.</summary>
    private static readonly TimeSpan GracePeriod = TimeSpan.FromMinutes(1);

    /// <summary>One round.</summary>
    public async Task RepairAsync(CancellationToken cancellationToken)
    {
        await ports.RepairAsync(cancellationToken).ConfigureAwait(false);
        var owners = new Dictionary<string, (string Namespace, string Name)>(StringComparer.Ordinal);
        foreach (var cached in services.Cache.Snapshot)
        {
            var service = cached.Tree();
            foreach (var text in service.Sub("spec").List("clusterIPs"))
            {
                if (!IPAddress.TryParse(text.AsString, out var address) || !owners.TryAdd(address.ToString(), (service.Sub("metadata").Text("namespace"), service.Name())))
                    continue;
                if (addresses.Peek("", address.ToString()) is null)
                    await ips.TryCreateAsync(service, address, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var cached in addresses.Cache.Snapshot)
        {
            var address = cached.Tree();
            if (IsOurs(address) && !IsOwned(address, owners) && IsOld(address))
                await ips.ReleaseAsync(address.Name(), cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsOurs(Map address) => address.Sub("metadata").Sub("labels").Text(ClusterIpAllocator.ManagedByLabel) == ClusterIpAllocator.ManagedBy;

    private static bool IsOwned(Map address, Dictionary<string, (string Namespace, string Name)> owners)
    {
        var parent = address.Sub("spec").Sub("parentRef");
        return owners.TryGetValue(address.Name(), out var owner) && parent.Text("namespace") == owner.Namespace && parent.Text("name") == owner.Name;
    }

    private bool IsOld(Map address) =>
        DateTimeOffset.TryParse(address.Sub("metadata").Text("creationTimestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created)
        && time.GetUtcNow() - created > GracePeriod;
}
