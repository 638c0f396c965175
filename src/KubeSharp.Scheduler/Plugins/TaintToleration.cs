using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>Pods stay away from nodes with taints that they do not tolerate (plugins/tainttoleration/taint_toleration.go).
/// The text is that of v1.36; older versions named the taint.</summary>
internal sealed class TaintToleration : IFilterPlugin, IPreScorePlugin, IScorePlugin
{
    private const string StateKey = "PreScoreTaintToleration";

    private static readonly Status Rejected = new(
        Code.UnschedulableAndUnresolvable, "TaintToleration", "node(s) had untolerated taint(s)");

    public string Name => "TaintToleration";

    public ClusterEvent EventsToRegister => ClusterEvent.NodeAdd | ClusterEvent.NodeUpdateTaint;

    public static bool Tolerates(TolerationInfo[] tolerations, in TaintInfo taint)
    {
        foreach (var toleration in tolerations)
        {
            if (toleration.Tolerates(taint))
                return true;
        }

        return false;
    }

    public Status Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        foreach (var taint in node.Taints)
        {
            if (taint.Effect is TaintInfo.NoSchedule or TaintInfo.NoExecute && !Tolerates(pod.Tolerations, taint))
                return Rejected;
        }

        return Status.Success;
    }

    public Status PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Snapshot snapshot)
    {
        // An empty effect tolerates all effects.
        state.Write(StateKey, Array.FindAll(pod.Tolerations, toleration => toleration.Effect is "" or TaintInfo.PreferNoSchedule));
        return Status.Success;
    }

    /// <summary>The number of taints that the pod would rather not have.</summary>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        if (node.Taints.Length == 0)
            return 0;
        var tolerations = state.Read<TolerationInfo[]>(StateKey) ?? pod.Tolerations;
        var count = 0;
        foreach (var taint in node.Taints)
        {
            if (taint.Effect == TaintInfo.PreferNoSchedule && !Tolerates(tolerations, taint))
                count++;
        }

        return count;
    }

    public void NormalizeScore(Span<long> scores) => DefaultNormalizeScore.Apply(scores, true);
}
