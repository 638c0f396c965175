using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>Cordoned nodes take only pods that tolerate their taint (plugins/nodeunschedulable/node_unschedulable.go).</summary>
internal sealed class NodeUnschedulable : IFilterPlugin
{
    private static readonly TaintInfo Taint = new("node.kubernetes.io/unschedulable", "", TaintInfo.NoSchedule);

    private static readonly Status Rejected = new(
        Code.UnschedulableAndUnresolvable, "NodeUnschedulable", "node(s) were unschedulable");

    public string Name => "NodeUnschedulable";

    public ClusterEvent EventsToRegister => ClusterEvent.NodeAdd | ClusterEvent.NodeUpdateTaint;

    public Status Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        !node.Unschedulable || TaintToleration.Tolerates(pod.Tolerations, Taint) ? Status.Success : Rejected;
}
