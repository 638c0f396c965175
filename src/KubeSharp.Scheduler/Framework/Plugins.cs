namespace KubeSharp.Scheduler.Framework;

/// <summary>Something that takes part in scheduling. The interfaces below are upstream's extension points
/// (k8s.io/kube-scheduler/framework/interface.go); a plugin implements those that it needs.</summary>
internal interface IPlugin
{
    string Name { get; }

    /// <summary>Changes in the cluster that can make a pod fit that this plugin rejected.</summary>
    ClusterEvent EventsToRegister => ClusterEvent.None;
}

internal interface IQueueSortPlugin : IPlugin
{
    /// <summary>The order of pods that wait; negative when the left one goes first.</summary>
    int Compare(QueuedPodInfo left, QueuedPodInfo right);
}

internal interface IPreEnqueuePlugin : IPlugin
{
    /// <summary>Whether a pod may be tried at all. Must be quick.</summary>
    Status PreEnqueue(PodInfo pod);
}

internal interface IPreFilterPlugin : IPlugin
{
    /// <summary>Looks at the pod once before all nodes. With <paramref name="nodeNames"/> only those nodes are tried.</summary>
    Status PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames);
}

internal interface IFilterPlugin : IPlugin
{
    /// <summary>Whether the pod can be on the node. Called for every node: must not allocate for common answers.</summary>
    Status Filter(CycleState state, PodInfo pod, NodeInfo node);
}

internal interface IPostFilterPlugin : IPlugin
{
    /// <summary>No node fits: try to make room. A success names the node that pods were taken from.</summary>
    ValueTask<(Status Status, string NominatedNodeName)> PostFilterAsync(
        CycleState state, PodInfo pod, Snapshot snapshot, CancellationToken cancellationToken);
}

internal interface IPreScorePlugin : IPlugin
{
    Status PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Snapshot snapshot);
}

internal interface IScorePlugin : IPlugin
{
    const long MaxNodeScore = 100;

    /// <summary>Higher is better. Called for every node that fits.</summary>
    long Score(CycleState state, PodInfo pod, NodeInfo node);

    /// <summary>Brings all scores of one pod between 0 and <see cref="MaxNodeScore"/>.</summary>
    void NormalizeScore(Span<long> scores)
    {
    }
}

internal interface IReservePlugin : IPlugin
{
    Status Reserve(CycleState state, PodInfo pod, string nodeName);

    /// <summary>Takes back what Reserve did; also called when it was not, and must not fail.</summary>
    void Unreserve(CycleState state, PodInfo pod, string nodeName);
}

internal interface IPermitPlugin : IPlugin
{
    /// <summary>Success, a rejection, or <see cref="Code.Wait"/> with a task that the binding waits for.</summary>
    (Status Status, Task<Status>? Wait) Permit(CycleState state, PodInfo pod, string nodeName);
}

internal interface IPreBindPlugin : IPlugin
{
    ValueTask<Status> PreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken cancellationToken);
}

internal interface IBindPlugin : IPlugin
{
    /// <summary><see cref="Code.Skip"/> leaves it to the next one.</summary>
    ValueTask<Status> BindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken cancellationToken);
}

internal interface IPostBindPlugin : IPlugin
{
    void PostBind(CycleState state, PodInfo pod, string nodeName);
}
