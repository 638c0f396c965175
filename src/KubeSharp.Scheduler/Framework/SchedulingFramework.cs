using System.Numerics;

namespace KubeSharp.Scheduler.Framework;

/// <summary>Runs the plugins of each extension point in their order, and weighs their scores
/// (kubernetes/pkg/scheduler/framework/runtime/framework.go). At most 64 plugins of a kind.</summary>
internal sealed class SchedulingFramework
{
    private readonly IPreEnqueuePlugin[] _preEnqueue;
    private readonly IPreFilterPlugin[] _preFilter;
    private readonly IFilterPlugin[] _filter;
    private readonly IPostFilterPlugin[] _postFilter;
    private readonly IPreScorePlugin[] _preScore;
    private readonly (IScorePlugin Plugin, long Weight)[] _score;
    private readonly IReservePlugin[] _reserve;
    private readonly IPermitPlugin[] _permit;
    private readonly IPreBindPlugin[] _preBind;
    private readonly IBindPlugin[] _bind;
    private readonly IPostBindPlugin[] _postBind;
    private readonly Dictionary<string, ClusterEvent> _events;
    private readonly ulong[] _filterBits;
    private readonly ulong[] _scoreBits;

    /// <param name="plugins">In the order in which they run, each with the weight of its score.</param>
    public SchedulingFramework(IReadOnlyList<(IPlugin Plugin, long Weight)> plugins)
    {
        _preEnqueue = Of<IPreEnqueuePlugin>(plugins);
        _preFilter = Of<IPreFilterPlugin>(plugins);
        _filter = Of<IFilterPlugin>(plugins);
        _postFilter = Of<IPostFilterPlugin>(plugins);
        _preScore = Of<IPreScorePlugin>(plugins);
        _score = [.. plugins.Where(item => item.Plugin is IScorePlugin && item.Weight > 0).Select(item => ((IScorePlugin)item.Plugin, item.Weight))];
        _reserve = Of<IReservePlugin>(plugins);
        _permit = Of<IPermitPlugin>(plugins);
        _preBind = Of<IPreBindPlugin>(plugins);
        _bind = Of<IBindPlugin>(plugins);
        _postBind = Of<IPostBindPlugin>(plugins);
        QueueSort = Of<IQueueSortPlugin>(plugins).Single();
        _events = plugins.ToDictionary(item => item.Plugin.Name, item => item.Plugin.EventsToRegister, StringComparer.Ordinal);

        // A plugin that skips in PreFilter or PreScore is left out of Filter or Score: its bit there, by position here.
        _filterBits = [.. _preFilter.Select(plugin => Bit(Array.FindIndex(_filter, other => ReferenceEquals(other, plugin))))];
        _scoreBits = [.. _preScore.Select(plugin => Bit(Array.FindIndex(_score, other => ReferenceEquals(other.Plugin, plugin))))];
    }

    public IQueueSortPlugin QueueSort { get; }

    public bool HasScorePlugins => _score.Length > 0;

    public bool HasPostFilterPlugins => _postFilter.Length > 0;

    public ClusterEvent EventsOf(string plugin) => _events.GetValueOrDefault(plugin);

    public Status RunPreEnqueue(PodInfo pod)
    {
        foreach (var plugin in _preEnqueue)
        {
            var status = plugin.PreEnqueue(pod);
            if (!status.IsSuccess)
                return status;
        }

        return Status.Success;
    }

    /// <summary>The first rejection ends it. <paramref name="nodeNames"/> holds what all plugins leave, null for all nodes.</summary>
    public Status RunPreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames, out List<string>? limitedBy)
    {
        nodeNames = null;
        limitedBy = null;
        for (var i = 0; i < _preFilter.Length; i++)
        {
            var status = _preFilter[i].PreFilter(state, pod, out var names);
            if (status.IsSkip)
            {
                state.SkipFilters |= _filterBits[i];
                continue;
            }

            if (!status.IsSuccess)
                return status;
            if (names is null)
                continue;
            (limitedBy ??= []).Add(_preFilter[i].Name);
            nodeNames = nodeNames is null ? names : new HashSet<string>(nodeNames.Intersect(names), StringComparer.Ordinal);
            if (nodeNames.Count == 0)
            {
                var by = string.Join(' ', limitedBy.Order(StringComparer.Ordinal));
                return new Status(
                    Code.UnschedulableAndUnresolvable, _preFilter[i].Name,
                    limitedBy.Count == 1
                        ? $"node(s) didn't satisfy plugin {limitedBy[0]}"
                        : $"node(s) didn't satisfy plugin(s) [{by}] simultaneously");
            }
        }

        return Status.Success;
    }

    /// <summary>The first plugin that says no.</summary>
    public Status RunFilters(CycleState state, PodInfo pod, NodeInfo node)
    {
        var skip = state.SkipFilters;
        for (var i = 0; i < _filter.Length; i++)
        {
            if ((skip & (1UL << i)) != 0)
                continue;
            var status = _filter[i].Filter(state, pod, node);
            if (!status.IsSuccess)
                return status;
        }

        return Status.Success;
    }

    public async ValueTask<(Status Status, string NominatedNodeName)> RunPostFilterAsync(
        CycleState state, PodInfo pod, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        foreach (var plugin in _postFilter)
        {
            var (status, nominated) = await plugin.PostFilterAsync(state, pod, snapshot, cancellationToken).ConfigureAwait(false);
            if (status.IsSuccess || !status.IsRejected)
                return (status, nominated);
            reasons.AddRange(status.Reasons);
        }

        return (new Status(Code.Unschedulable, "", [.. reasons]), "");
    }

    /// <summary>Fills the sums of the weighted scores of all plugins, in the order of the nodes.</summary>
    /// <param name="state">The attempt's.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="nodes">Those that fit.</param>
    /// <param name="snapshot">All nodes.</param>
    /// <param name="totals">As long as <paramref name="nodes"/>.</param>
    /// <param name="scratch">As long as <paramref name="nodes"/>; what it holds does not matter.</param>
    public Status RunScores(
        CycleState state, PodInfo pod, List<NodeInfo> nodes, Snapshot snapshot, Span<long> totals, Span<long> scratch)
    {
        totals.Clear();
        for (var i = 0; i < _preScore.Length; i++)
        {
            var status = _preScore[i].PreScore(state, pod, nodes, snapshot);
            if (status.IsSkip)
                state.SkipScores |= _scoreBits[i];
            else if (!status.IsSuccess)
                return status;
        }

        for (var i = 0; i < _score.Length; i++)
        {
            if ((state.SkipScores & (1UL << i)) != 0)
                continue;
            var (plugin, weight) = _score[i];
            for (var at = 0; at < nodes.Count; at++)
                scratch[at] = plugin.Score(state, pod, nodes[at]);
            plugin.NormalizeScore(scratch);
            for (var at = 0; at < nodes.Count; at++)
            {
                if (scratch[at] is < 0 or > IScorePlugin.MaxNodeScore)
                    return new Status(Code.Error, plugin.Name, $"plugin \"{plugin.Name}\" returns an invalid score {scratch[at]}, it should in the range of [0, {IScorePlugin.MaxNodeScore}] after normalizing");
                totals[at] += scratch[at] * weight;
            }
        }

        return Status.Success;
    }

    public Status RunReserve(CycleState state, PodInfo pod, string nodeName)
    {
        foreach (var plugin in _reserve)
        {
            var status = plugin.Reserve(state, pod, nodeName);
            if (!status.IsSuccess)
                return status;
        }

        return Status.Success;
    }

    public void RunUnreserve(CycleState state, PodInfo pod, string nodeName)
    {
        for (var i = _reserve.Length - 1; i >= 0; i--)
            _reserve[i].Unreserve(state, pod, nodeName);
    }

    /// <summary>The tasks are of plugins that want the binding to wait.</summary>
    public Status RunPermit(CycleState state, PodInfo pod, string nodeName, out List<Task<Status>>? waits)
    {
        waits = null;
        foreach (var plugin in _permit)
        {
            var (status, wait) = plugin.Permit(state, pod, nodeName);
            if (status.Code == Code.Wait && wait is not null)
                (waits ??= []).Add(wait);
            else if (!status.IsSuccess)
                return status;
        }

        return Status.Success;
    }

    public async ValueTask<Status> RunPreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken cancellationToken)
    {
        foreach (var plugin in _preBind)
        {
            var status = await plugin.PreBindAsync(state, pod, nodeName, cancellationToken).ConfigureAwait(false);
            if (!status.IsSuccess)
                return status;
        }

        return Status.Success;
    }

    public async ValueTask<Status> RunBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken cancellationToken)
    {
        var status = Status.Skip;
        foreach (var plugin in _bind)
        {
            status = await plugin.BindAsync(state, pod, nodeName, cancellationToken).ConfigureAwait(false);
            if (!status.IsSkip)
                break;
        }

        return status;
    }

    public void RunPostBind(CycleState state, PodInfo pod, string nodeName)
    {
        foreach (var plugin in _postBind)
            plugin.PostBind(state, pod, nodeName);
    }

    private static T[] Of<T>(IReadOnlyList<(IPlugin Plugin, long Weight)> plugins) => [.. plugins.Select(item => item.Plugin).OfType<T>()];

    private static ulong Bit(int position) => position < 0 ? 0 : BitOperations.RotateLeft(1UL, position);
}
