using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>Counts services, their node ports and load balancers (pkg/quota/v1/evaluator/core/services.go, v1.36).</summary>
public sealed class ServiceEvaluator() : QuotaEvaluator(new("", "services"))
{
    public override bool Handles(QuotaWrite write) => write.Subresource.Length == 0;

    public override IReadOnlyList<string> MatchingResources(IEnumerable<string> names) =>
        [.. names.Where(name => name == CountName || name is "services" or "services.nodeports" or "services.loadbalancers")];

    public override ResourceList Usage(Map obj)
    {
        var spec = new Service(obj).Spec;
        var isBalancer = spec.Type == "LoadBalancer";
        long nodePorts = 0;
        if (spec.Type == "NodePort" || (isBalancer && spec.AllocateLoadBalancerNodePorts != false))
        {
            nodePorts = spec.Ports.Count;
        }
        else if (isBalancer)
        {
            // None are allocated: those that are asked for by number count.
            foreach (var port in spec.Ports)
                nodePorts += port.NodePort != 0 ? 1 : 0;
        }

        return new ResourceList
        {
            { CountName, Quantity.FromInt64(1) },
            { "services", Quantity.FromInt64(1) },
            { "services.loadbalancers", Quantity.FromInt64(isBalancer ? 1 : 0) },
            { "services.nodeports", Quantity.FromInt64(nodePorts) },
        };
    }

    public override bool Frees(Map old, Map obj) => CountedType(old) != CountedType(obj);

    private static string CountedType(Map service) => new Service(service).Spec.Type switch { "NodePort" => "NodePort", "LoadBalancer" => "LoadBalancer", _ => "" };
}
