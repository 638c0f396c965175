using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Core.ServiceAllocation;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Services: defaults, and the allocation of cluster IPs and node ports
/// (pkg/registry/core/service/{strategy.go,storage/storage.go,storage/alloc.go}, v1.36).</summary>
internal sealed class ServiceStrategy : FactsStrategy
{
    public ServiceStrategy()
        : base(new KindFacts
        {
            AllowCreateOnUpdate = true,
            ReturnDeletedObject = true,
            Fields = [new SelectableField("spec.clusterIP"), new SelectableField("spec.type")],
            Validate = ServiceValidation.Validate,
            ValidateUpdate = ServiceValidation.ValidateUpdate,
            ValidateStatusUpdate = ServiceValidation.ValidateStatusUpdate,
            Warn = ServiceWarnings.Warn,
        })
    {
    }

    /// <summary>Set once the stores exist, because allocation looks at several.</summary>
    public ServiceAllocators? Allocators { get; set; }

    public override void SetDefaults(Map obj)
    {
        Sub(obj, "spec", ApplyToSpec);
        if (obj.Sub("spec").Text("type") == "LoadBalancer" && obj.Sub("status").Sub("loadBalancer").List("ingress").Count > 0)
            Each(obj.EditMap("status").EditMap("loadBalancer"), "ingress", ingress => DefaultIpMode(ingress));
    }

    private static void DefaultIpMode(Map ingress)
    {
        if (ingress.Text("ip").Length > 0)
            Default(ingress, "ipMode", "VIP");
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        ServiceTypeChange.DropDependentFields(obj, old);
    }

    public override async ValueTask<IAllocation?> BeginWriteAsync(OperationContext context, Map obj, Map? old, CancellationToken cancellationToken)
    {
        if (old is not null)
            ServiceTypeChange.KeepAllocatedValues(obj, old);
        ServiceTypeChange.NormalizeClusterIps(obj, old);
        return Allocators is null ? null : await Allocators.AllocateAsync(obj, old, context.DryRun, cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask AfterDeleteAsync(OperationContext context, Map obj, CancellationToken cancellationToken) =>
        Allocators?.ReleaseAsync(obj, cancellationToken) ?? ValueTask.CompletedTask;

    /// <summary>pkg/apis/core/v1/defaults.go SetDefaults_Service.</summary>
    private static void ApplyToSpec(Map spec)
    {
        Default(spec, "sessionAffinity", "None");
        if (spec.GetString("sessionAffinity") == "None")
            spec.Remove("sessionAffinityConfig");
        else
            Default(spec.EditMap("sessionAffinityConfig").EditMap("clientIP"), "timeoutSeconds", 10800);
        Default(spec, "type", "ClusterIP");
        Each(spec, "ports", port =>
        {
            Default(port, "protocol", "TCP");
            if (port["targetPort"].IsNullOrUndefined || port["targetPort"].AsInteger == 0 || port["targetPort"].AsString is { Length: 0 })
                port.Set("targetPort", port["port"]);
        });
        var type = spec.GetString("type");
        if (ServiceTypeChange.IsExternallyAccessible(spec))
            Default(spec, "externalTrafficPolicy", "Cluster");
        if (type is "ClusterIP" or "NodePort" or "LoadBalancer")
            Default(spec, "internalTrafficPolicy", "Cluster", keepEmpty: true);
        if (type == "LoadBalancer")
            Default(spec, "allocateLoadBalancerNodePorts", true);
    }

    internal static bool NeedsClusterIp(Map spec) => spec.Text("type") != "ExternalName";

    internal static bool IsNodePortType(Map spec) => spec.Text("type") is "NodePort" or "LoadBalancer";

    internal static bool NeedsNodePort(Map spec) =>
        spec.Text("type") == "NodePort" || (spec.Text("type") == "LoadBalancer" && spec.GetBoolean("allocateLoadBalancerNodePorts") != false);

    internal static bool NeedsHealthCheckNodePort(Map spec) => spec.Text("type") == "LoadBalancer" && spec.Text("externalTrafficPolicy") == "Local";
}
