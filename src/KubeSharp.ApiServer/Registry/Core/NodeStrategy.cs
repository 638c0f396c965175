using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Nodes (pkg/registry/core/node/strategy.go, v1.36).</summary>
internal sealed class NodeStrategy : FactsStrategy
{
    public NodeStrategy()
        : base(new KindFacts { Fields = [new SelectableField("spec.unschedulable", "false")] })
    {
    }

    /// <summary>Allocatable is capacity unless the kubelet says otherwise (SetDefaults_NodeStatus).</summary>
    public override void SetDefaults(Map obj)
    {
        if (obj.GetMap("status") is { } status && status.GetMap("allocatable") is not { Count: > 0 } && status.GetMap("capacity") is { Count: > 0 } capacity)
            obj.EditMap("status").Set("allocatable", capacity);
    }

    /// <summary>Nodes are created by kubelets together with their status.</summary>
    public override void PrepareForCreate(OperationContext context, Map obj)
    {
    }

    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old) => obj.Set("spec", old["spec"]);
}
