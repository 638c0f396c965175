using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ControllerManager.Pods;

namespace KubeSharp.ControllerManager.EndpointSlice;

/// <summary>endpointslice-controller: the addresses behind each service with a selector
/// (pkg/controller/endpointslice, k8s.io/endpointslice/reconciler.go, v1.36).</summary>
public sealed class EndpointSliceController : Controller
{
    /// <summary>--max-endpoints-per-slice.</summary>
    private const int MaxEndpoints = 100;

    private const string ManagedBy = "endpointslice-controller.k8s.io";
    private const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    private const string HeadlessLabel = "service.kubernetes.io/headless";
    private const string ServiceLabel = "kubernetes.io/service-name";

    private static readonly GroupVersionResource Services = new("", "v1", "services");
    private static readonly GroupVersionResource PodsResource = new("", "v1", "pods");
    private static readonly GroupVersionResource Slices = new("discovery.k8s.io", "v1", "endpointslices");

    private readonly Lister _services;
    private readonly Lister _pods;
    private readonly Lister _slices;
    private readonly EndpointSliceTracker _tracker = new();

    public EndpointSliceController(ControllerContext context)
        : base("endpointslice-controller", context)
    {
        var services = context.Informers.ForResource(Services);
        var pods = context.Informers.ForResource(PodsResource);
        var slices = context.Informers.ForResource(Slices);
        (_services, _pods, _slices) = (services.Lister, pods.Lister, slices.Lister);
        services.AddHandler(new ResourceEventHandler
        {
            OnAdded = s => Queue.Add(ObjectMetaAccessor.GetKey(s)),
            OnUpdated = (_, s) => Queue.Add(ObjectMetaAccessor.GetKey(s)),
            OnDeleted = s => Queue.Add(ObjectMetaAccessor.GetKey(s)),
        });
        pods.AddHandler(new ResourceEventHandler
        {
            OnAdded = Enqueue,
            OnUpdated = (old, pod) =>
            {
                Enqueue(old);
                Enqueue(pod);
            },
            OnDeleted = Enqueue,
        });
        slices.AddHandler(new ResourceEventHandler { OnAdded = EnqueueChanged, OnUpdated = (_, slice) => EnqueueChanged(slice), OnDeleted = EnqueueDeleted });
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_services.Get(key) is not { } service)
        {
            // A deleted service takes its slices with it by garbage collection.
            _tracker.DeleteService(key);
            return;
        }

        if (ServicePods.Selector(service) is not { } selector)
            return;
        var existing = _slices.ListNamespace(ObjectMetaAccessor.GetNamespace(service))
            .Where(slice => ObjectMetaAccessor.GetLabel(slice, ServiceLabel) == ObjectMetaAccessor.GetName(service) && ObjectMetaAccessor.GetLabel(slice, ManagedByLabel) == ManagedBy && !ObjectMetaAccessor.IsBeingDeleted(slice))
            .OrderBy(ObjectMetaAccessor.GetName, StringComparer.Ordinal)
            .ToList();
        if (_tracker.IsStale(key, existing))
            throw new InvalidOperationException("EndpointSlice informer cache is out of date");
        var wanted = Wanted(service, ServicePods.Select(_pods, service, selector));
        var labels = Labels(service);
        for (var i = 0; i < wanted.Count; i++)
        {
            var (ports, endpoints) = wanted[i];
            if (i >= existing.Count)
            {
                // The garbage collector would delete it at once.
                if (ObjectMetaAccessor.IsBeingDeleted(service))
                    continue;
                _tracker.Update(key, await Context.Client.CreateAsync(new ResourceRequest(Slices, ObjectMetaAccessor.GetNamespace(service)), NewSlice(service, ports, endpoints), cancellationToken).ConfigureAwait(false));
                continue;
            }

            if (labels.DeepEquals(ObjectMetaAccessor.GetLabels(existing[i])!) && existing[i]["endpoints"].AsSequence is { } had && had.DeepEquals(endpoints) && existing[i]["ports"].AsSequence is { } hadPorts && hadPorts.DeepEquals(ports))
                continue;
            var next = existing[i].ShallowClone();
            next.EditMap("metadata").Set("labels", labels);
            next.Set("endpoints", endpoints);
            next.Set("ports", ports);
            _tracker.Update(key, await Context.Client.UpdateAsync(Request(existing[i]), next, cancellationToken).ConfigureAwait(false));
        }

        for (var i = wanted.Count; i < existing.Count; i++)
            await DeleteAsync(key, existing[i], cancellationToken).ConfigureAwait(false);
    }

    private async Task DeleteAsync(string key, Map slice, CancellationToken cancellationToken)
    {
        _tracker.ExpectDeletion(key, slice);
        try
        {
            await Context.Client.DeleteAsync(Request(slice), null, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // Somebody was faster.
        }
    }

    /// <summary>The slices that there should be; one without endpoints where there are none.</summary>
    private static List<(Sequence Ports, Sequence Endpoints)> Wanted(Map service, List<Map> pods)
    {
        var wanted = new List<(Sequence Ports, Sequence Endpoints)>();
        foreach (var (ports, members) in ServicePods.GroupByPorts(service, pods, withAppProtocol: true))
        {
            foreach (var chunk in members.Chunk(MaxEndpoints))
            {
                var endpoints = new Sequence(chunk.Length);
                foreach (var pod in chunk)
                    endpoints.Add(Endpoint(service, pod));
                wanted.Add((ports, endpoints));
            }
        }

        if (wanted.Count == 0)
            wanted.Add((new Sequence(0), new Sequence(0)));
        return wanted;
    }

    private static Map Endpoint(Map service, Map pod)
    {
        var terminating = ObjectMetaAccessor.IsBeingDeleted(pod);
        var serving = PodState.IsReady(pod);
        var ready = service.GetMap("spec")?.GetBoolean("publishNotReadyAddresses") == true || (serving && !terminating);
        var addresses = new Sequence(1);
        addresses.Add(ServicePods.Address(pod));
        var endpoint = new Map
        {
            { "addresses", addresses },
            { "conditions", new Map { { "ready", ready }, { "serving", serving }, { "terminating", terminating } } },
            { "targetRef", ServicePods.TargetRef(pod) },
        };
        if (pod.GetMap("spec")?.GetString("nodeName") is { Length: > 0 } node)
            endpoint.Set("nodeName", node);
        if (ServicePods.Hostname(service, pod) is { } hostname)
            endpoint.Set("hostname", hostname);
        return endpoint;
    }

    private static Map NewSlice(Map service, Sequence ports, Sequence endpoints)
    {
        var owners = new Sequence(1);
        owners.Add(ObjectMetaAccessor.NewControllerRef(service, "v1", "Service"));
        return new Map
        {
            { "kind", "EndpointSlice" },
            { "apiVersion", "discovery.k8s.io/v1" },
            {
                "metadata", new Map
                {
                    { "generateName", $"{ObjectMetaAccessor.GetName(service)}-" }, { "namespace", ObjectMetaAccessor.GetNamespace(service) },
                    { "labels", Labels(service) }, { "ownerReferences", owners },
                }
            },
            { "addressType", "IPv4" },
            { "endpoints", endpoints },
            { "ports", ports },
        };
    }

    /// <summary>The service's labels, those that mean something here apart.</summary>
    private static Map Labels(Map service)
    {
        var labels = ObjectMetaAccessor.GetLabels(service)?.DeepClone() ?? new Map();
        labels.Remove(HeadlessLabel);
        labels.Set(ServiceLabel, ObjectMetaAccessor.GetName(service));
        labels.Set(ManagedByLabel, ManagedBy);
        if (ServicePods.IsHeadless(service))
            labels.Set(HeadlessLabel, "");
        return labels;
    }

    private static ResourceRequest Request(Map slice) => new(Slices, ObjectMetaAccessor.GetNamespace(slice), ObjectMetaAccessor.GetName(slice));

    private void Enqueue(Map pod)
    {
        foreach (var key in ServicePods.ServicesOf(_services, pod))
            Queue.Add(key);
    }

    private void EnqueueChanged(Map slice)
    {
        if (OwnerOf(slice) is { } service && _tracker.ShouldSync(service, slice))
            Queue.Add(service);
    }

    private void EnqueueDeleted(Map slice)
    {
        if (OwnerOf(slice) is { } service && !_tracker.HandleDeletion(service, slice))
            Queue.Add(service);
    }

    private static string? OwnerOf(Map slice) =>
        ObjectMetaAccessor.GetLabel(slice, ManagedByLabel) == ManagedBy && ObjectMetaAccessor.GetLabel(slice, ServiceLabel) is { } service
            ? $"{ObjectMetaAccessor.GetNamespace(slice)}/{service}"
            : null;
}
