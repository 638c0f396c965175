using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>A pod that names its node fits there only (plugins/nodename/node_name.go).</summary>
internal sealed class NodeName : IFilterPlugin
{
    private static readonly Status Rejected = new(
        Code.UnschedulableAndUnresolvable, "NodeName", "node(s) didn't match the requested node name");

    public string Name => "NodeName";

    public ClusterEvent EventsToRegister => ClusterEvent.NodeAdd;

    public Status Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        pod.NodeName.Length == 0 || pod.NodeName == node.Name ? Status.Success : Rejected;
}
