using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>Ports of the node that the pod takes must be free (plugins/nodeports/node_ports.go).</summary>
internal sealed class NodePorts : IPreFilterPlugin, IFilterPlugin
{
    private static readonly Status Rejected = new(
        Code.Unschedulable, "NodePorts", "node(s) didn't have free ports for the requested pod ports");

    public string Name => "NodePorts";

    public ClusterEvent EventsToRegister => ClusterEvent.NodeAdd | ClusterEvent.AssignedPodDelete;

    public Status PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        return pod.HostPorts.Length == 0 ? Status.Skip : Status.Success;
    }

    public Status Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        foreach (var wanted in pod.HostPorts)
        {
            foreach (var used in node.UsedPorts)
            {
                if (wanted.ConflictsWith(used))
                    return Rejected;
            }
        }

        return Status.Success;
    }
}
