using KubeSharp.ApiMachinery.Documents;
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

    /// <summary>Set once the store of services exists, because allocation looks at all services.</summary>
    public ServiceAllocator? Allocator { get; set; }

    public override void SetDefaults(Map obj) => Sub(obj, "spec", ApplyToSpec);

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        PatchAllocatedValues(obj, old);
    }

    public override ValueTask<IAllocation?> BeginWriteAsync(OperationContext context, Map obj, Map? old, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Allocator?.Allocate(obj, old));

    public override ValueTask AfterDeleteAsync(OperationContext context, Map obj, CancellationToken cancellationToken)
    {
        Allocator?.Release(obj);
        return ValueTask.CompletedTask;
    }

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
        if (type is "NodePort" or "LoadBalancer")
            Default(spec, "externalTrafficPolicy", "Cluster");
        if (type is "ClusterIP" or "NodePort" or "LoadBalancer")
            Default(spec, "internalTrafficPolicy", "Cluster", keepEmpty: true);
        if (type == "LoadBalancer")
            Default(spec, "allocateLoadBalancerNodePorts", true);
        if (spec.GetString("clusterIP") is { Length: > 0 } ip && spec.GetSequence("clusterIPs") is not { Count: > 0 })
            spec.EditSequence("clusterIPs").Add(ip);
    }

    /// <summary>An update that leaves allocated values out keeps them (patchAllocatedValues).</summary>
    private static void PatchAllocatedValues(Map obj, Map old)
    {
        var spec = obj.EditMap("spec");
        var oldSpec = old.GetMap("spec") ?? Map.Empty;
        if (NeedsClusterIp(spec) && NeedsClusterIp(oldSpec))
        {
            if (string.IsNullOrEmpty(spec.GetString("clusterIP")))
                spec.Set("clusterIP", oldSpec["clusterIP"]);
            if (spec.GetSequence("clusterIPs") is not { Count: > 0 })
                spec.Set("clusterIPs", oldSpec["clusterIPs"]);
            foreach (var field in (ReadOnlySpan<string>)["ipFamilies", "ipFamilyPolicy"])
            {
                if (spec[field].IsNullOrUndefined)
                    spec.Set(field, oldSpec[field]);
            }
        }

        if (!NeedsNodePort(spec) || !NeedsNodePort(oldSpec))
            return;
        Each(spec, "ports", port =>
        {
            if ((port.GetInteger("nodePort") ?? 0) != 0)
                return;
            foreach (var oldPort in oldSpec.GetSequence("ports") ?? Sequence.Empty)
            {
                if (oldPort.AsMap is { } candidate && candidate.GetInteger("port") == port.GetInteger("port") && candidate.GetString("protocol") == port.GetString("protocol"))
                    port.Set("nodePort", candidate["nodePort"]);
            }
        });
    }

    internal static bool NeedsClusterIp(Map spec) => spec.GetString("type") is "ClusterIP" or "NodePort" or "LoadBalancer";

    internal static bool NeedsNodePort(Map spec) =>
        spec.GetString("type") == "NodePort" || (spec.GetString("type") == "LoadBalancer" && spec.GetBoolean("allocateLoadBalancerNodePorts") != false);
}
