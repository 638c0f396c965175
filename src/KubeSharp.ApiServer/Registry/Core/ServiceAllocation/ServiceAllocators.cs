using System.Net;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.ServiceAllocation;

/// <summary>Gives services their cluster IPs and node ports, and takes them back
/// (pkg/registry/core/service/storage/alloc.go, v1.36).</summary>
internal sealed class ServiceAllocators(ClusterIpAllocator ips, PortAllocator ports)
{
    private static readonly FieldPath ClusterIps = MetadataValidation.Spec.Child("clusterIPs");
    private static readonly FieldPath Ports = MetadataValidation.Spec.Child("ports");

    /// <summary>Fills in what a service lacks. The result must be committed or rolled back.</summary>
    /// <param name="service">The service to be written; changed.</param>
    /// <param name="old">The service as it is; null when it is new.</param>
    /// <param name="dryRun">Whether nothing may be taken.</param>
    /// <param name="cancellationToken">Ends the wait; what was taken is given back.</param>
    /// <exception cref="StatusException">422: an address or port that is taken or out of range; 500: none is left.</exception>
    public async ValueTask<IAllocation> AllocateAsync(Map service, Map? old, bool dryRun, CancellationToken cancellationToken)
    {
        IpFamilyFields.Initialize(service, old, ips.Families);
        var transaction = new Transaction(ips, new PortAllocationOperation(ports, dryRun), dryRun);
        try
        {
            await AllocateIpsAsync(service, old, transaction, cancellationToken).ConfigureAwait(false);
            var operation = transaction.Ports;
            if (old is null)
                await InitializePortsAsync(service, operation, cancellationToken).ConfigureAwait(false);
            else
                await UpdatePortsAsync(service, old, operation, cancellationToken).ConfigureAwait(false);
            await UpdateHealthCheckPortAsync(service, old?.Sub("spec"), operation, cancellationToken).ConfigureAwait(false);
            return transaction;
        }
        catch
        {
            await transaction.RollbackAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives back all that a deleted service held.</summary>
    public async ValueTask ReleaseAsync(Map service, CancellationToken cancellationToken)
    {
        var spec = service.Sub("spec");
        if (HasClusterIps(spec))
        {
            foreach (var ip in ServiceAddressValidation.Texts(spec.List("clusterIPs")))
                await ips.ReleaseAsync(ip, cancellationToken).ConfigureAwait(false);
        }

        foreach (var port in NodePorts(spec))
            await ports.ReleaseAsync(port, cancellationToken).ConfigureAwait(false);
        if (ServiceStrategy.NeedsHealthCheckNodePort(spec))
            await ports.ReleaseAsync(spec.Number("healthCheckNodePort"), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask AllocateIpsAsync(Map service, Map? old, Transaction transaction, CancellationToken cancellationToken)
    {
        var spec = service.EditMap("spec");
        var oldSpec = old?.Sub("spec");
        if (oldSpec is null || (oldSpec.Text("type") == "ExternalName" && spec.Text("type") != "ExternalName"))
        {
            if (HasClusterIps(spec))
                await AllocateFromAsync(service, spec, 0, transaction, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (IpFamilyFields.IsUnchangedPreferDualStack(spec, oldSpec) || !HasClusterIps(oldSpec))
            return;
        var oldIps = oldSpec.List("clusterIPs");
        if (spec.Text("type") == "ExternalName")
        {
            transaction.ReleasedIps.AddRange(ServiceAddressValidation.Texts(oldIps));
            return;
        }

        var (families, oldFamilies) = (spec.List("ipFamilies").Count, oldSpec.List("ipFamilies").Count);
        if (oldFamilies == 1 && families == 2)
            await AllocateFromAsync(service, spec, 1, transaction, cancellationToken).ConfigureAwait(false);
        else if (oldFamilies == 2 && families == 1 && oldIps.Count > 1)
            transaction.ReleasedIps.Add(oldIps.TextAt(1));
    }

    /// <summary>Takes one address for each family from <paramref name="first"/> on, the named one where there is one.</summary>
    private async ValueTask AllocateFromAsync(Map service, Map spec, int first, Transaction transaction, CancellationToken cancellationToken)
    {
        var families = spec.List("ipFamilies");
        var asked = (Value)spec.List("clusterIPs").DeepClone();
        for (var i = first; i < families.Count; i++)
        {
            var wanted = i < spec.List("clusterIPs").Count ? spec.List("clusterIPs").TextAt(i) : "";
            IPAddress? address = null;
            try
            {
                if (wanted.Length == 0)
                    address = await ips.AllocateNextAsync(service, families.TextAt(i), transaction.DryRun, cancellationToken).ConfigureAwait(false);
                else
                    await ips.AllocateAsync(service, address = IPAddress.Parse(wanted), transaction.DryRun, cancellationToken).ConfigureAwait(false);
            }
            catch (AllocationException exception)
            {
                if (exception.IsFull)
                    throw StatusErrors.InternalError($"failed to allocate a serviceIP for Service \"{service.Name()}\": {exception.Message}");
                throw Invalid(service, ClusterIps, asked, $"failed to allocate IP {wanted}: {exception.Message}");
            }

            transaction.AllocatedIps.Add(address.ToString());
            if (wanted.Length > 0)
                continue;
            spec.EditSequence("clusterIPs").Add(address.ToString());
            if (i == 0)
                spec.Set("clusterIP", address.ToString());
        }
    }

    private static async ValueTask InitializePortsAsync(Map service, PortAllocationOperation operation, CancellationToken cancellationToken)
    {
        var spec = service.EditMap("spec");
        if (!ServiceStrategy.IsNodePortType(spec) || spec.List("ports").Count == 0)
            return;
        // Ports of the same number (for two protocols) share a node port.
        var byPort = new Dictionary<long, long>();
        var list = spec.EditSequence("ports");
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].AsMap is null)
                continue;
            var port = list.EditMap(i);
            var (number, nodePort) = (port.Number("port"), port.Number("nodePort"));
            if (nodePort == 0 && !ServiceStrategy.NeedsNodePort(spec))
                continue;
            var known = byPort.GetValueOrDefault(number);
            if (known == nodePort && known != 0)
                continue;
            if (known != 0 && nodePort == 0)
            {
                port.Set("nodePort", known);
                continue;
            }

            var wanted = known != 0 ? nodePort : RequestedNodePort(list, number);
            if (wanted != 0)
                await AllocateAsync(service, i, wanted, operation, cancellationToken).ConfigureAwait(false);
            else
                wanted = await AllocateNextAsync(operation, cancellationToken).ConfigureAwait(false);
            port.Set("nodePort", wanted);
            byPort.TryAdd(number, wanted);
        }
    }

    private static async ValueTask UpdatePortsAsync(Map service, Map old, PortAllocationOperation operation, CancellationToken cancellationToken)
    {
        var (spec, oldPorts) = (service.EditMap("spec"), NodePorts(old.Sub("spec")));
        if (!ServiceStrategy.IsNodePortType(spec))
        {
            if (ServiceStrategy.IsNodePortType(old.Sub("spec")))
                oldPorts.ForEach(operation.ReleaseDeferred);
            return;
        }

        var allocated = new HashSet<long>();
        var seen = new HashSet<(string Protocol, long Port)>();
        var list = spec.EditSequence("ports");
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].AsMap is null)
                continue;
            var port = list.EditMap(i);
            var nodePort = port.Number("nodePort");
            if (nodePort == 0 && !ServiceStrategy.NeedsNodePort(spec))
                continue;
            if (nodePort == 0)
            {
                nodePort = await AllocateNextAsync(operation, cancellationToken).ConfigureAwait(false);
                port.Set("nodePort", nodePort);
            }
            else if (!oldPorts.Contains(nodePort) && allocated.Add(nodePort))
            {
                await AllocateAsync(service, i, nodePort, operation, cancellationToken).ConfigureAwait(false);
            }

            if (!seen.Add((port.Text("protocol"), nodePort)))
                throw StatusErrors.InternalError($"duplicate nodePort: {{{port.Text("protocol")} {nodePort}}}");
        }

        var kept = NodePorts(spec);
        foreach (var port in oldPorts)
        {
            if (!kept.Contains(port))
                operation.ReleaseDeferred(port);
        }
    }

    private static async ValueTask UpdateHealthCheckPortAsync(Map service, Map? oldSpec, PortAllocationOperation operation, CancellationToken cancellationToken)
    {
        var spec = service.EditMap("spec");
        var (needed, needs) = (oldSpec is not null && ServiceStrategy.NeedsHealthCheckNodePort(oldSpec), ServiceStrategy.NeedsHealthCheckNodePort(spec));
        if (needed && !needs)
        {
            operation.ReleaseDeferred(oldSpec.Number("healthCheckNodePort"));
            return;
        }

        if (needed || !needs)
            return;
        var wanted = spec.Number("healthCheckNodePort");
        try
        {
            if (wanted != 0)
                await operation.AllocateAsync(wanted, cancellationToken).ConfigureAwait(false);
            else
                spec.Set("healthCheckNodePort", await operation.AllocateNextAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (AllocationException exception)
        {
            throw StatusErrors.InternalError($"failed to allocate {(wanted != 0 ? "requested" : "a")} HealthCheck NodePort {wanted}: {exception.Message}");
        }
    }

    private static async ValueTask AllocateAsync(Map service, int index, long nodePort, PortAllocationOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            await operation.AllocateAsync(nodePort, cancellationToken).ConfigureAwait(false);
        }
        catch (AllocationException exception)
        {
            throw Invalid(service, Ports.Index(index).Child("nodePort"), nodePort, exception.Message);
        }
    }

    private static async ValueTask<long> AllocateNextAsync(PortAllocationOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            return await operation.AllocateNextAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (AllocationException exception)
        {
            throw StatusErrors.InternalError($"failed to allocate a nodePort: {exception.Message}");
        }
    }

    private static bool HasClusterIps(Map spec) => spec.Text("type") != "ExternalName" && !(spec.List("clusterIPs") is { Count: > 0 } ips && ips.TextAt(0) == "None");

    private static List<long> NodePorts(Map spec)
    {
        var found = new List<long>();
        foreach (var port in spec.List("ports"))
        {
            if (port.AsMap.Number("nodePort") is not 0 and var number)
                found.Add(number);
        }

        return found;
    }

    private static long RequestedNodePort(Sequence ports, long number)
    {
        foreach (var port in ports)
        {
            if (port.AsMap.Number("port") == number && port.AsMap.Number("nodePort") is not 0 and var nodePort)
                return nodePort;
        }

        return 0;
    }

    private static StatusException Invalid(Map service, FieldPath path, Value value, string detail)
    {
        var errors = new FieldErrorList();
        errors.Invalid(path, value, detail);
        return StatusErrors.Invalid(new GroupKind("", "Service"), service.Name(), errors);
    }

    /// <summary>What a write has taken and will give back.</summary>
    private sealed class Transaction(ClusterIpAllocator ips, PortAllocationOperation ports, bool dryRun) : IAllocation
    {
        public List<string> AllocatedIps { get; } = [];

        public List<string> ReleasedIps { get; } = [];

        public PortAllocationOperation Ports { get; } = ports;

        public bool DryRun { get; } = dryRun;

        public async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            await Ports.CommitAsync(cancellationToken).ConfigureAwait(false);
            await ReleaseAsync(ReleasedIps, cancellationToken).ConfigureAwait(false);
        }

        public async ValueTask RollbackAsync()
        {
            await Ports.RollbackAsync().ConfigureAwait(false);
            await ReleaseAsync(AllocatedIps, CancellationToken.None).ConfigureAwait(false);
        }

        private async ValueTask ReleaseAsync(List<string> released, CancellationToken cancellationToken)
        {
            if (DryRun)
                return;
            foreach (var ip in released)
                await ips.ReleaseAsync(ip, cancellationToken).ConfigureAwait(false);
        }
    }
}
