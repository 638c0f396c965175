using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>nodeSelector, required and preferred node affinity (plugins/nodeaffinity/node_affinity.go).</summary>
internal sealed class NodeAffinity : IPreFilterPlugin, IFilterPlugin, IPreScorePlugin, IScorePlugin
{
    private const string FilterKey = "PreFilterNodeAffinity";
    private const string ScoreKey = "PreScoreNodeAffinity";

    private static readonly Status Rejected = new(
        Code.UnschedulableAndUnresolvable, "NodeAffinity", "node(s) didn't match Pod's node affinity/selector");

    private static readonly Status Conflict = new(Code.UnschedulableAndUnresolvable, "NodeAffinity", "pod affinity terms conflict");

    public string Name => "NodeAffinity";

    public ClusterEvent EventsToRegister => ClusterEvent.NodeAdd | ClusterEvent.NodeUpdateLabel;

    public Status PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        var spec = pod.Pod.Spec;
        var required = spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution;
        if (!required.Exists && spec.NodeSelector.Map is null)
            return Status.Skip;
        state.Write(FilterKey, new Required(pod));
        if (required.NodeSelectorTerms.IsEmpty)
            return Status.Success;
        nodeNames = NamesIn(required);
        return nodeNames is { Count: 0 } ? Conflict : Status.Success;
    }

    public Status Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        (state.Read<Required>(FilterKey) ?? new Required(pod)).Matches(node) ? Status.Success : Rejected;

    public Status PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Snapshot snapshot)
    {
        var preferred = Preferred(pod);
        if (preferred.Length == 0)
            return Status.Skip;
        state.Write(ScoreKey, preferred);
        return Status.Success;
    }

    /// <summary>The weights of the terms that match.</summary>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        long sum = 0;
        foreach (var (weight, term) in state.Read<(int Weight, ParsedNodeSelectorTerm Term)[]>(ScoreKey) ?? Preferred(pod))
        {
            if (term.Matches(node))
                sum += weight;
        }

        return sum;
    }

    public void NormalizeScore(Span<long> scores) => DefaultNormalizeScore.Apply(scores, false);

    private static (int Weight, ParsedNodeSelectorTerm Term)[] Preferred(PodInfo pod) =>
    [
        .. pod.Pod.Spec.Affinity.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution
            .Where(term => term.Weight != 0)
            .Select(term => (term.Weight, new ParsedNodeSelectorTerm(term.Preference))),
    ];

    // Names that all terms are bound to; null when a term is bound to none.
    private static HashSet<string>? NamesIn(NodeSelector required)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var term in required.NodeSelectorTerms)
        {
            HashSet<string>? names = null;
            foreach (var field in term.MatchFields)
            {
                if (field.Key != "metadata.name" || field.Operator != "In")
                    continue;
                if (names is null)
                    names = new HashSet<string>(field.Values, StringComparer.Ordinal);
                else
                    names.IntersectWith(field.Values);
            }

            if (names is null)
                return null;
            all.UnionWith(names);
        }

        return all;
    }

    private sealed class Required(PodInfo pod)
    {
        private readonly Map? _selector = pod.Pod.Spec.NodeSelector.Map;

        // Null without required affinity; none of no terms matches.
        private readonly ParsedNodeSelectorTerm[]? _terms =
            pod.Pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution is { Exists: true } required
                ? [.. required.NodeSelectorTerms.Select(term => new ParsedNodeSelectorTerm(term))]
                : null;

        public bool Matches(NodeInfo node)
        {
            if (_selector is not null)
            {
                foreach (var (key, value) in _selector)
                {
                    if (node.Labels?.GetString(key) is not { } label || label != value.AsString)
                        return false;
                }
            }

            if (_terms is null)
                return true;
            foreach (var term in _terms)
            {
                if (term.Matches(node))
                    return true;
            }

            return false;
        }
    }
}
