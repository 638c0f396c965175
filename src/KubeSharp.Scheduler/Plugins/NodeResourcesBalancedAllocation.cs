using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>Nodes whose CPU and memory become used more evenly are better (plugins/noderesources/balanced_allocation.go).</summary>
internal sealed class NodeResourcesBalancedAllocation : IPreScorePlugin, IScorePlugin
{
    public string Name => "NodeResourcesBalancedAllocation";

    /// <summary>A pod that requests nothing leaves every node as balanced as it was.</summary>
    public Status PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Snapshot snapshot) =>
        pod.Requests.MilliCpu == 0 && pod.Requests.Memory == 0 ? Status.Skip : Status.Success;

    /// <summary>75 when nothing changes, towards 100 where the pod evens the node out, towards 50 where it does the opposite.</summary>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        var cpu = node.Allocatable.MilliCpu;
        var memory = node.Allocatable.Memory;
        var with = Balance(node.Requested.MilliCpu + pod.Requests.MilliCpu, cpu, node.Requested.Memory + pod.Requests.Memory, memory);
        var without = Balance(node.Requested.MilliCpu, cpu, node.Requested.Memory, memory);
        return (IScorePlugin.MaxNodeScore / 2) + (((IScorePlugin.MaxNodeScore / 2) + with - without) / 2);
    }

    // With two resources the standard deviation is half their distance; with one it is zero.
    private static long Balance(long cpu, long allCpu, long memory, long allMemory)
    {
        if (allCpu == 0 || allMemory == 0)
            return IScorePlugin.MaxNodeScore;
        var deviation = Math.Abs((Math.Min((double)cpu / allCpu, 1) - Math.Min((double)memory / allMemory, 1)) / 2);
        return (long)((1 - deviation) * IScorePlugin.MaxNodeScore);
    }
}
