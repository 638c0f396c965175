using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler;

/// <summary>
/// Finds the node for a pod: filters nodes until enough fit, then takes the best. Keeps its buffers from pod to pod; one
/// thread at a time. Follows schedulePod of kubernetes/pkg/scheduler/schedule_one.go. Differs: nodes are looked at one after the other.
/// </summary>
internal sealed class NodeSelection(SchedulingFramework framework, int percentageOfNodesToScore, Random random)
{
    private const int MinFeasibleNodesToFind = 100;
    private const int MinFeasibleNodesPercentageToFind = 5;

    private readonly List<NodeInfo> _feasible = [];
    private readonly List<Status> _rejections = [];
    private readonly List<NodeInfo> _limited = [];
    private long[] _totals = [];
    private long[] _scratch = [];
    private int _nextStart;

    /// <summary>How many nodes that fit are enough.</summary>
    public static int NumFeasibleNodesToFind(int percentage, int allNodes)
    {
        if (allNodes < MinFeasibleNodesToFind)
            return allNodes;
        if (percentage == 0)
            percentage = Math.Max(50 - (allNodes / 125), MinFeasibleNodesPercentageToFind);
        return Math.Max((int)((long)allNodes * percentage / 100), MinFeasibleNodesToFind);
    }

    /// <summary>The name of the best node; or an error status; or a reason why none fits.</summary>
    public (string? NodeName, Status Status, FitError? FitError) Select(CycleState state, PodInfo pod, Snapshot snapshot)
    {
        var status = framework.RunPreFilter(state, pod, out var nodeNames, out var limitedBy);
        if (!status.IsSuccess)
        {
            if (!status.IsRejected)
                return (null, status, null);
            var rejected = new FitError(snapshot.Nodes.Count) { PreFilterMessage = status.Message };
            rejected.UnschedulablePlugins.UnionWith(limitedBy ?? []);
            rejected.Add(status, 0);
            return (null, status, rejected);
        }

        var nodes = nodeNames is null ? snapshot.Nodes : Limit(snapshot, nodeNames);
        status = Filter(state, pod, nodes, snapshot.Nodes.Count);
        if (!status.IsSuccess)
            return (null, status, null);
        return _feasible.Count switch
        {
            0 => (null, new Status(Code.Unschedulable, ""), Explain(snapshot.Nodes.Count, nodes.Count, limitedBy)),
            1 => (_feasible[0].Name, Status.Success, null),
            _ => Best(state, pod, snapshot),
        };
    }

    private List<NodeInfo> Limit(Snapshot snapshot, IReadOnlySet<string> names)
    {
        _limited.Clear();
        foreach (var name in names)
        {
            if (snapshot.Find(name) is { } node)
                _limited.Add(node);
        }

        return _limited;
    }

    // Begins where the last pod's search ended, so that all nodes get their chance.
    private Status Filter(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, int allNodes)
    {
        _feasible.Clear();
        _rejections.Clear();
        var enough = framework.HasScorePlugins ? NumFeasibleNodesToFind(percentageOfNodesToScore, nodes.Count) : 1;
        for (var i = 0; i < nodes.Count && _feasible.Count < enough; i++)
        {
            var node = nodes[(_nextStart + i) % nodes.Count];
            var status = framework.RunFilters(state, pod, node);
            if (status.IsSuccess)
                _feasible.Add(node);
            else if (status.IsRejected)
                _rejections.Add(status);
            else
                return status;
        }

        _nextStart = (_nextStart + _feasible.Count + _rejections.Count) % allNodes;
        return Status.Success;
    }

    private FitError Explain(int allNodes, int triedNodes, List<string>? limitedBy)
    {
        var error = new FitError(allNodes);
        foreach (var rejection in _rejections)
            error.Add(rejection);
        if (limitedBy is null)
            return error;
        error.UnschedulablePlugins.UnionWith(limitedBy);
        if (triedNodes < allNodes)
        {
            var reason = $"node(s) didn't satisfy plugin(s) [{string.Join(' ', limitedBy.Order(StringComparer.Ordinal))}]";
            error.Add(new Status(Code.UnschedulableAndUnresolvable, "", reason), allNodes - triedNodes);
        }

        return error;
    }

    private (string? NodeName, Status Status, FitError? FitError) Best(CycleState state, PodInfo pod, Snapshot snapshot)
    {
        var count = _feasible.Count;
        if (_totals.Length < count)
        {
            _totals = new long[count * 2];
            _scratch = new long[count * 2];
        }

        var totals = _totals.AsSpan(0, count);
        var status = framework.RunScores(state, pod, _feasible, snapshot, totals, _scratch.AsSpan(0, count));
        if (!status.IsSuccess)
            return (null, status, null);

        // One of the best, each as likely as the others.
        var best = 0;
        var equals = 1;
        for (var i = 1; i < count; i++)
        {
            if (totals[i] > totals[best])
                (best, equals) = (i, 1);
            else if (totals[i] == totals[best] && random.Next(++equals) == 0)
                best = i;
        }

        return (_feasible[best].Name, Status.Success, null);
    }
}
