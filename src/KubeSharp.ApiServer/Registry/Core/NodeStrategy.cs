using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Nodes (pkg/registry/core/node/strategy.go, v1.36).</summary>
internal sealed class NodeStrategy : FactsStrategy
{
    public NodeStrategy()
        : base(new KindFacts
        {
            Fields = [new SelectableField("spec.unschedulable", "false")],
            Validate = NodeValidation.Validate,
            ValidateUpdate = NodeValidation.ValidateUpdate,
            ValidateStatusUpdate = NodeValidation.ValidateStatusUpdate,
            Warn = NodeValidation.Warn,
        })
    {
    }

    /// <summary>Allocatable is capacity unless the kubelet says otherwise (SetDefaults_NodeStatus). The one CIDR and the list of
    /// them say the same, where the one goes before the list (pkg/apis/core/v1/conversion.go).</summary>
    public override void SetDefaults(Map obj)
    {
        if (obj.GetMap("spec") is { } spec && (spec.Has("podCIDR") || spec.Has("podCIDRs")))
            AlignCidrs(obj.EditMap("spec"));
        if (obj.GetMap("status") is { } status && status.GetMap("allocatable") is not { Count: > 0 } && status.GetMap("capacity") is { Count: > 0 } capacity)
            obj.EditMap("status").Set("allocatable", capacity);
    }

    private static void AlignCidrs(Map spec)
    {
        if (spec.Text("podCIDR") is { Length: > 0 } cidr && (spec.List("podCIDRs").Count == 0 || spec.List("podCIDRs").TextAt(0) != cidr))
            spec.Set("podCIDRs", new Sequence(1) { cidr });
        if (spec.List("podCIDRs") is { Count: > 0 } cidrs && cidrs.TextAt(0).Length > 0)
            spec.Set("podCIDR", cidrs.TextAt(0));
        else
            spec.Remove("podCIDR");
    }

    /// <summary>Nodes are created by kubelets together with their status.</summary>
    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        if (obj.GetMap("spec") is { } spec && spec.ContainsKey("configSource"))
            obj.EditMap("spec").Remove("configSource");
        if (obj.GetMap("status") is { } status && status.ContainsKey("config"))
            obj.EditMap("status").Remove("config");
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        // The configuration by config map is gone; what still has one keeps it.
        if (obj.GetMap("spec")?["configSource"].AsMap is not null && old.GetMap("spec")?["configSource"].AsMap is null)
            obj.EditMap("spec").Remove("configSource");
    }

    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        obj.Set("spec", old["spec"]);
        if (obj.GetMap("status") is { } status && status.Has("config") && !old.Sub("status").Has("config"))
            obj.EditMap("status").Remove("config");
    }
}
