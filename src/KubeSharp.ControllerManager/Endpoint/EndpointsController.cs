using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ControllerManager.EndpointSlice;
using KubeSharp.ControllerManager.Pods;

namespace KubeSharp.ControllerManager.Endpoint;

/// <summary>endpoints-controller: the older form of the addresses behind a service
/// (pkg/controller/endpoint/endpoints_controller.go, v1.36).</summary>
public sealed class EndpointsController : Controller
{
    private static readonly GroupVersionResource Services = new("", "v1", "services");
    private static readonly GroupVersionResource PodsResource = new("", "v1", "pods");
    private static readonly GroupVersionResource EndpointsResource = new("", "v1", "endpoints");

    private const string HeadlessLabel = "service.kubernetes.io/headless";

    private readonly Lister _services;
    private readonly Lister _pods;
    private readonly Lister _endpoints;

    public EndpointsController(ControllerContext context)
        : base("endpoints-controller", context)
    {
        var services = context.Informers.ForResource(Services);
        var pods = context.Informers.ForResource(PodsResource);
        var endpoints = context.Informers.ForResource(EndpointsResource);
        (_services, _pods, _endpoints) = (services.Lister, pods.Lister, endpoints.Lister);
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
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectMetaAccessor.SplitKey(key);
        var request = new ResourceRequest(EndpointsResource, ns, name);
        if (_services.Get(key) is not { } service)
        {
            try
            {
                await Context.Client.DeleteAsync(request, null, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsNotFound)
            {
                // There were none.
            }

            return;
        }

        if (ServicePods.Selector(service) is not { } selector)
            return;
        var publish = service.GetMap("spec")?.GetBoolean("publishNotReadyAddresses") == true;
        var subsets = Subsets(service, publish, ServicePods.Select(_pods, service, selector).Where(pod => publish || !ObjectMetaAccessor.IsBeingDeleted(pod)).ToList());
        var labels = Labels(service);
        if (_endpoints.Get(key) is not { } existing)
        {
            var created = new Map
            {
                { "kind", "Endpoints" },
                { "apiVersion", "v1" },
                { "metadata", new Map { { "name", name }, { "namespace", ns }, { "labels", labels } } },
                { "subsets", subsets },
            };
            await Context.Client.CreateAsync(request with { Name = "" }, created, cancellationToken).ConfigureAwait(false);
            return;
        }

        if ((existing.GetSequence("subsets") ?? Sequence.Empty).DeepEquals(subsets) && LabelsHold(existing, labels))
            return;
        var next = existing.ShallowClone();
        next.EditMap("metadata").Set("labels", labels);
        next.Set("subsets", subsets);
        await Context.Client.UpdateAsync(request, next, cancellationToken).ConfigureAwait(false);
    }

    // Whether it is headless is written, and then not looked at again (labelsCorrectForEndpoints).
    private static bool LabelsHold(Map existing, Map wanted)
    {
        var (a, b) = ((ObjectMetaAccessor.GetLabels(existing) ?? Map.Empty).DeepClone(), wanted.DeepClone());
        a.Remove(HeadlessLabel);
        b.Remove(HeadlessLabel);
        return a.DeepEquals(b);
    }

    private static Sequence Subsets(Map service, bool publish, List<Map> pods)
    {
        var subsets = new Sequence();
        foreach (var (ports, members) in ServicePods.GroupByPorts(service, pods, withAppProtocol: true))
        {
            // Without a port there is nothing to connect to; names alone are for headless services without ports.
            if (ports.Count == 0 && !(service.GetMap("spec")?.GetString("clusterIP") == "None" && service.GetMap("spec")?.GetSequence("ports") is not { Count: > 0 }))
                continue;
            var subset = new Map();
            AddAddresses(service, subset, "addresses", members.Where(pod => publish || PodState.IsReady(pod)));
            AddAddresses(service, subset, "notReadyAddresses", members.Where(pod => !publish && !PodState.IsReady(pod)));
            foreach (var port in ports)
            {
                // core/v1 leaves an empty name out.
                if (port.AsMap!["name"].AsString is { Length: 0 })
                    port.AsMap.Remove("name");
            }

            if (ports.Count > 0)
                subset.Set("ports", ports);
            subsets.Add(subset);
        }

        return subsets;
    }

    private static void AddAddresses(Map service, Map subset, string field, IEnumerable<Map> pods)
    {
        var addresses = new Sequence();
        foreach (var pod in pods)
        {
            var address = new Map { { "ip", ServicePods.Address(pod) } };
            if (pod.GetMap("spec")?.GetString("nodeName") is { Length: > 0 } node)
                address.Set("nodeName", node);
            if (ServicePods.Hostname(service, pod) is { } hostname)
                address.Set("hostname", hostname);
            address.Set("targetRef", ServicePods.TargetRef(pod));
            addresses.Add(address);
        }

        if (addresses.Count > 0)
            subset.Set(field, addresses);
    }

    private static Map Labels(Map service)
    {
        var labels = ObjectMetaAccessor.GetLabels(service)?.DeepClone() ?? new Map();
        labels.Remove(HeadlessLabel);
        if (ServicePods.IsHeadless(service))
            labels.Set(HeadlessLabel, "");
        labels.Set("endpoints.kubernetes.io/managed-by", "endpoint-controller");
        return labels;
    }

    private void Enqueue(Map pod)
    {
        foreach (var key in ServicePods.ServicesOf(_services, pod))
            Queue.Add(key);
    }
}
