using System.Net;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Encryption;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Core.ServiceAllocation;
using KubeSharp.ComponentBase.Client;
using KubeSharp.Storage;

namespace KubeSharp.ApiServer.Bootstrap;

/// <summary>Joins the strategy of services with the allocators of addresses and ports, and repairs their records at the start
/// (start-service-ip-repair-controllers in pkg/registry/core/rest/storage_core.go, v1.36).</summary>
internal static class ServiceAllocationHooks
{
    public static void Register(PostStartHooks hooks, ApiServerOptions options, ServedResources resources, IRevisionedStore store, EncryptionAtRest encryption, IApiClient client, TimeProvider time)
    {
        if (resources.Find(new GroupVersionResource("", "v1", "services"))?.Store is not { Strategy: ServiceStrategy strategy } services
            || resources.Find(new GroupVersionResource("networking.k8s.io", "v1", "ipaddresses"))?.Store is not { } addresses
            || resources.Find(new GroupVersionResource("networking.k8s.io", "v1", "servicecidrs"))?.Store is not { } cidrs)
        {
            return;
        }

        IPNetwork[] configured = [.. options.ServiceClusterIpRange.Split(',').Select(IPNetwork.Parse)];
        var ips = new ClusterIpAllocator(configured, cidrs, addresses, client);
        var ports = new PortAllocator(store, services, encryption.TransformerFor(PortAllocator.Resource), options.ServiceNodePortRange);
        strategy.Allocators = new ServiceAllocators(ips, ports);
        var repair = new ServiceRepair(services, addresses, ips, ports, time);
        hooks.Add("start-service-ip-repair-controllers", repair.RepairAsync);
        hooks.AddPeriodic("start-service-ip-repair-controllers", ServiceRepair.Interval, repair.RepairAsync);
    }
}
