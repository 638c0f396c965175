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

    /// <summary>Allocatable is capacity unless the kubelet says otherwise (SetDefaults_NodeStatus); the one range of a node and the first
    /// of its ranges are the same, and the one counts (Convert_v1_NodeSpec_To_core_NodeSpec in pkg/apis/core/v1/conversion.go).</summary>
    public override void SetDefaults(Map obj)
    {
        var (one, all) = (obj.Sub("spec").Text("podCIDR"), obj.Sub("spec").List("podCIDRs"));
        if (one.Length > 0 && (all.Count == 0 || all[0].AsString != one))
        {
            var only = new Sequence(1);
            only.Add(one);
            obj.EditMap("spec").Set("podCIDRs", only);
        }
        else if (one.Length == 0 && all.Count > 0)
        {
            obj.EditMap("spec").Set("podCIDR", all[0]);
        }

        if (obj.GetMap("status") is { } status && status.GetMap("allocatable") is not { Count: > 0 } && status.GetMap("capacity") is { Count: > 0 } capacity)
            obj.EditMap("status").Set("allocatable", capacity);
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

    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old) => obj.Set("spec", old["spec"]);
}
