using System.Net;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ApiServer.Bootstrap.Reconcilers;

/// <summary>
/// The endpoints of the kubernetes Service: one for each API server that holds a lease, whichever of them is asked.
/// Source: leaseEndpointReconciler and EndpointsAdapter in pkg/controlplane/reconcilers/{lease,endpointsadapter}.go, v1.36.
/// </summary>
internal sealed class LeaseEndpointReconciler(IApiClient client, MasterLeases leases) : IDisposable
{
    private const string Service = "kubernetes";
    private const string Namespace = "default";
    private const string SkipMirror = "endpointslice.kubernetes.io/skip-mirror";

    private static readonly GroupVersionResource Endpoints = new("", "v1", "endpoints");
    private static readonly GroupVersionResource EndpointSlices = new("discovery.k8s.io", "v1", "endpointslices");

    /// <summary>One round at a time: one that still runs must not bring back what the last one took away.</summary>
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile bool _stopped;

    /// <summary>Renews the lease of this server, and brings the endpoints in line with all leases.</summary>
    /// <exception cref="Storage.StoreUnavailableException">The leases cannot be written or read.</exception>
    /// <exception cref="StatusException">The endpoints cannot be written; a conflict with another server passes.</exception>
    public async Task ReconcileAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        if (_stopped)
            return;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_stopped)
                return;
            // First of all: if the rest fails, another server adds this one.
            await leases.UpdateAsync(address.ToString(), cancellationToken).ConfigureAwait(false);
            await ReconcileAsync(port, reconcilePorts: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>No round after the one that runs changes anything; <see cref="RemoveAsync"/> does.</summary>
    public void StopReconciling() => _stopped = true;

    /// <summary>Takes this server out of the endpoints. A server that had no lease leaves them as they are, and gets false.</summary>
    public async Task<bool> RemoveAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!await leases.RemoveAsync(address.ToString(), cancellationToken).ConfigureAwait(false))
                return false;
            await ReconcileAsync(port, reconcilePorts: true, cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task ReconcileAsync(int port, bool reconcilePorts, CancellationToken cancellationToken)
    {
        var found = await FindAsync(Endpoints, cancellationToken).ConfigureAwait(false);
        if (found is null && _stopped)
            return;
        var addresses = await leases.ListAsync(cancellationToken).ConfigureAwait(false);
        // This server has just renewed its own: no lease at all is a fault somewhere, and no reason to cut off everybody.
        if (!_stopped && addresses.Count == 0)
            throw StatusErrors.InternalError("no API server IP addresses were listed in storage, refusing to erase all endpoints for the kubernetes Service");
        var next = found?.DeepClone() ?? new Map { { "metadata", new Map { { "name", Service }, { "namespace", Namespace } } } };
        if (!Correct(next, addresses, port, reconcilePorts))
        {
            next = found is null
                ? await client.CreateAsync(new ResourceRequest(Endpoints, Namespace), next, cancellationToken).ConfigureAwait(false)
                : await client.UpdateAsync(new ResourceRequest(Endpoints, Namespace, Service), next, cancellationToken).ConfigureAwait(false);
        }

        await EnsureSliceAsync(next, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the endpoints what they should be; true when they were (checkEndpointSubsetFormatWithLease).</summary>
    private static bool Correct(Map endpoints, IReadOnlyList<string> addresses, int port, bool reconcilePorts)
    {
        var correct = true;
        if (endpoints.GetMap("metadata")!.GetMap("labels")?.GetString(SkipMirror) != "true")
        {
            endpoints.EditMap("metadata").EditMap("labels").Set(SkipMirror, "true");
            correct = false;
        }

        var wellFormed = endpoints.List("subsets").Count == 1;
        var subset = wellFormed ? endpoints.List("subsets")[0].AsMap! : new Map();
        var sameAddresses = wellFormed && subset.List("addresses").Count == addresses.Count
            && subset.List("addresses").Select(a => a.AsMap.Text("ip")).ToHashSet(StringComparer.Ordinal).SetEquals(addresses);
        var samePorts = wellFormed && (!reconcilePorts || SamePorts(subset.List("ports"), port));
        if (correct && wellFormed && sameAddresses && samePorts)
            return true;

        var subsets = new Sequence(1);
        if (addresses.Count > 0)
        {
            var list = new Sequence(addresses.Count);
            foreach (var address in addresses.Order(StringComparer.Ordinal))
                list.Add(new Map { { "ip", address } });
            subsets.Add(new Map { { "addresses", list }, { "ports", samePorts && wellFormed ? subset["ports"] : Ports(port) } });
        }

        endpoints.Set("subsets", subsets);
        return false;
    }

    private static Sequence Ports(int port)
    {
        var ports = new Sequence(1);
        ports.Add(new Map { { "name", "https" }, { "port", port }, { "protocol", "TCP" } });
        return ports;
    }

    private static bool SamePorts(Sequence ports, int port) =>
        ports is [var only] && only.AsMap.Text("name") == "https" && only.AsMap.Number("port") == port && only.AsMap.Text("protocol") == "TCP";

    private async Task EnsureSliceAsync(Map endpoints, CancellationToken cancellationToken)
    {
        var wanted = SliceOf(endpoints);
        var found = await FindAsync(EndpointSlices, cancellationToken).ConfigureAwait(false);
        // The address type of a slice cannot be changed.
        if (found is not null && found.Text("addressType") != wanted.Text("addressType"))
        {
            await client.DeleteAsync(new ResourceRequest(EndpointSlices, Namespace, Service), null, cancellationToken).ConfigureAwait(false);
            found = null;
        }

        if (found is null)
        {
            try
            {
                await client.CreateAsync(new ResourceRequest(EndpointSlices, Namespace), wanted, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsAlreadyExists)
            {
                // Another server was faster.
            }
        }
        else if (!Same(found, wanted, "endpoints") || !Same(found, wanted, "ports") || !found.Sub("metadata").Sub("labels").DeepEquals(wanted.Sub("metadata").Sub("labels")))
        {
            await client.UpdateAsync(new ResourceRequest(EndpointSlices, Namespace, Service), wanted, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool Same(Map found, Map wanted, string field) =>
        (found.GetSequence(field) ?? Sequence.Empty).DeepEquals(wanted.GetSequence(field) ?? Sequence.Empty);

    private static Map SliceOf(Map endpoints)
    {
        var subset = endpoints.List("subsets") is [var first, ..] ? first.AsMap! : Map.Empty;
        var addresses = subset.List("addresses").Select(a => a.AsMap.Text("ip")).ToList();
        var isIpv6 = addresses.Count > 0 && addresses.TrueForAll(a => a.Contains(':', StringComparison.Ordinal));
        var list = new Sequence(addresses.Count);
        foreach (var address in addresses.Where(a => a.Contains(':', StringComparison.Ordinal) == isIpv6))
        {
            var one = new Sequence(1);
            one.Add(address);
            list.Add(new Map { { "addresses", one }, { "conditions", new Map { { "ready", true } } } });
        }

        var slice = new Map
        {
            { "metadata", new Map { { "name", Service }, { "namespace", Namespace }, { "labels", new Map { { "kubernetes.io/service-name", Service } } } } },
            { "addressType", isIpv6 ? "IPv6" : "IPv4" },
            { "endpoints", list },
        };
        if (subset.GetSequence("ports") is { } ports)
            slice.Set("ports", ports.DeepClone());
        return slice;
    }

    private async Task<Map?> FindAsync(GroupVersionResource resource, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(new ResourceRequest(resource, Namespace, Service), cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }
}
