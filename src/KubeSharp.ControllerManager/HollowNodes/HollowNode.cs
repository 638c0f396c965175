using System.Collections.Concurrent;
using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ControllerManager.HollowNodes;

/// <summary>One node's side of the kubelet's duties: its Node object, its Lease and the addresses of its pods
/// (kubelet/kubelet_node_status.go, kubelet/nodestatus/setters.go, component-helpers/apimachinery/lease).</summary>
internal sealed class HollowNode(int number, HollowNodeOptions options, IApiClient client, TimeProvider time)
{
    private const long LeaseDurationSeconds = 40;
    private const int AddressesPerNode = 254;

    private static readonly GroupVersionResource Nodes = new("", "v1", "nodes");
    private static readonly GroupVersionResource Leases = new("coordination.k8s.io", "v1", "leases");

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _addresses = new(StringComparer.Ordinal);
    private readonly string _started = Rfc3339.Format(time.GetUtcNow())!;
    private Map? _lease;
    private string _uid = "";
    private int _nextAddress;

    public string Name { get; } = $"{options.NamePrefix}-{number.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>172.16.0.1 and on.</summary>
    public string HostIP { get; } = string.Create(CultureInfo.InvariantCulture, $"172.{16 + ((number + 1) >> 16)}.{((number + 1) >> 8) & 255}.{(number + 1) & 255}");

    /// <summary>The generation of each pod, by uid, that its status was last written for.</summary>
    public ConcurrentDictionary<string, long> WrittenGenerations { get; } = new(StringComparer.Ordinal);

    /// <summary>Uids of pods that were deleted for good and are still seen: until the watch tells, or while finalizers hold them.</summary>
    public ConcurrentDictionary<string, bool> DeletedPods { get; } = new(StringComparer.Ordinal);

    /// <summary>Creates the Node object, or takes the one that is there.</summary>
    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        Map node;
        try
        {
            node = await client.CreateAsync(new ResourceRequest(Nodes), NewNode(), cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsAlreadyExists)
        {
            node = await client.GetAsync(new ResourceRequest(Nodes, "", Name), cancellationToken).ConfigureAwait(false);
            await ReportStatusAsync(cancellationToken).ConfigureAwait(false);
        }

        _uid = ObjectMetaAccessor.GetUid(node);
    }

    /// <summary>Says that the node is well, with all that it says of itself.</summary>
    public Task ReportStatusAsync(CancellationToken cancellationToken) => client.PatchAsync(
        new ResourceRequest(Nodes, "", Name, "status"), PatchType.StrategicMerge, new Map { { "status", Status() } }, cancellationToken);

    /// <summary>Renews the Lease that the node lifecycle controller watches; creates it when it is not there.</summary>
    public async Task RenewLeaseAsync(CancellationToken cancellationToken)
    {
        var request = new ResourceRequest(Leases, "kube-node-lease", Name);
        if (_lease is null)
        {
            try
            {
                _lease = await client.GetAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsNotFound)
            {
                _lease = await client.CreateAsync(request with { Name = "" }, NewLease(), cancellationToken).ConfigureAwait(false);
                return;
            }
        }

        var renewed = _lease.ShallowClone();
        renewed.EditMap("spec")["renewTime"] = Rfc3339.FormatMicro(time.GetUtcNow());
        _lease = null;
        _lease = await client.UpdateAsync(request, renewed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The pod's address out of the node's range: the one it has, or a free one.</summary>
    public string AddressFor(Map pod)
    {
        if (pod.GetMap("spec")?.GetBoolean("hostNetwork") == true)
            return HostIP;
        var uid = ObjectMetaAccessor.GetUid(pod);
        var prefix = string.Create(CultureInfo.InvariantCulture, $"10.{64 + (number >> 8)}.{number & 255}.");
        lock (_lock)
        {
            if (_addresses.TryGetValue(uid, out var known))
                return prefix + Text(known);
            if (pod.GetMap("status")?.GetString("podIP") is { } given && given.StartsWith(prefix, StringComparison.Ordinal))
            {
                _addresses[uid] = int.Parse(given.AsSpan(prefix.Length), CultureInfo.InvariantCulture);
                return given;
            }

            var used = _addresses.Values.ToHashSet();
            var free = _nextAddress;
            do
            {
                free = (free % AddressesPerNode) + 1;
            }
            while (used.Contains(free) && used.Count < AddressesPerNode);
            _nextAddress = free;
            _addresses[uid] = free;
            return prefix + Text(free);
        }
    }

    /// <summary>The pod is gone.</summary>
    public void Forget(string uid)
    {
        WrittenGenerations.TryRemove(uid, out _);
        DeletedPods.TryRemove(uid, out _);
        lock (_lock)
            _addresses.Remove(uid);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private Map NewNode()
    {
        var labels = new Map
        {
            { "beta.kubernetes.io/arch", "amd64" },
            { "beta.kubernetes.io/os", "linux" },
            { "kubernetes.io/arch", "amd64" },
            { "kubernetes.io/hostname", Name },
            { "kubernetes.io/os", "linux" },
        };
        foreach (var (key, value) in options.Labels)
            labels[key] = value;
        return new Map
        {
            { "apiVersion", "v1" },
            { "kind", "Node" },
            { "metadata", new Map { { "name", Name }, { "labels", labels } } },
            { "spec", new Map { { "providerID", $"kubesharp-hollow://{Name}" } } },
            { "status", Status() },
        };
    }

    private Map Status()
    {
        var capacity = new Map();
        foreach (var (resource, amount) in options.Capacity)
            capacity[resource] = amount;
        return new Map
        {
            { "capacity", capacity },
            { "allocatable", capacity.ShallowClone() },
            {
                "conditions", new Sequence
                {
                    Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                    Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                    Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                    Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
                }
            },
            {
                "addresses", new Sequence
                {
                    new Map { { "type", "InternalIP" }, { "address", HostIP } },
                    new Map { { "type", "Hostname" }, { "address", Name } },
                }
            },
            { "daemonEndpoints", new Map { { "kubeletEndpoint", new Map { { "Port", 10250 } } } } },
            {
                "nodeInfo", new Map
                {
                    { "machineID", Name }, { "systemUUID", Name }, { "bootID", _started }, { "kernelVersion", "hollow" },
                    { "osImage", "hollow" }, { "containerRuntimeVersion", "hollow://1" }, { "kubeletVersion", options.KubeletVersion },
                    { "kubeProxyVersion", "" }, { "operatingSystem", "linux" }, { "architecture", "amd64" },
                }
            },
        };
    }

    private Map Condition(string type, string status, string reason, string message) => new()
    {
        { "type", type },
        { "status", status },
        { "lastHeartbeatTime", Rfc3339.Format(time.GetUtcNow()) },
        { "lastTransitionTime", _started },
        { "reason", reason },
        { "message", message },
    };

    private Map NewLease() => new()
    {
        { "apiVersion", "coordination.k8s.io/v1" },
        { "kind", "Lease" },
        {
            "metadata", new Map
            {
                { "name", Name },
                { "namespace", "kube-node-lease" },
                { "ownerReferences", new Sequence { new Map { { "apiVersion", "v1" }, { "kind", "Node" }, { "name", Name }, { "uid", _uid } } } },
            }
        },
        {
            "spec", new Map
            {
                { "holderIdentity", Name },
                { "leaseDurationSeconds", LeaseDurationSeconds },
                { "renewTime", Rfc3339.FormatMicro(time.GetUtcNow()) },
            }
        },
    };
}
