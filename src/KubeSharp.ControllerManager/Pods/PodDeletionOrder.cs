using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ControllerManager.Pods;

/// <summary>
/// The order in which surplus pods go: unassigned, pending, not ready, cheap, crowded on their node, ready since recently,
/// often restarted, young. Ages count by their power of two, so that pods of about the same age go in the order of their
/// uids (ActivePodsWithRanks in pkg/controller/controller_utils.go, v1.36).
/// </summary>
internal sealed class PodDeletionOrder : IComparer<Map>
{
    private readonly Dictionary<string, int> _perNode;
    private readonly DateTimeOffset _now;

    private PodDeletionOrder(Dictionary<string, int> perNode, DateTimeOffset now) => (_perNode, _now) = (perNode, now);

    /// <param name="related">Pods of the same workload, by which nodes are crowded.</param>
    /// <param name="now">From when ages count.</param>
    public static PodDeletionOrder Of(IEnumerable<Map> related, DateTimeOffset now) =>
        new(related.Where(PodState.IsActive).GroupBy(NodeOf, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal), now);

    public int Compare(Map? x, Map? y)
    {
        var (a, b) = (x!, y!);
        var order = (NodeOf(a).Length > 0).CompareTo(NodeOf(b).Length > 0);
        if (order == 0)
            order = PhaseRank(a).CompareTo(PhaseRank(b));
        var ready = PodState.IsReady(a);
        if (order == 0)
            order = ready.CompareTo(PodState.IsReady(b));
        if (order == 0)
            order = Cost(a).CompareTo(Cost(b));
        if (order == 0)
            order = Crowd(b).CompareTo(Crowd(a));
        if (order == 0 && ready)
            order = CompareAges(a, b, ReadySince(a), ReadySince(b));
        if (order == 0)
            order = Restarts(b, "containerStatuses", null).CompareTo(Restarts(a, "containerStatuses", null));
        if (order == 0)
            order = Restarts(b, "initContainerStatuses", Sidecars(b)).CompareTo(Restarts(a, "initContainerStatuses", Sidecars(a)));
        return order == 0 ? CompareAges(a, b, Created(a), Created(b)) : order;
    }

    private int CompareAges(Map a, Map b, DateTimeOffset? at, DateTimeOffset? bt)
    {
        if (at == bt)
            return 0;
        if (at is null || bt is null)
            return at is null ? -1 : 1;
        var order = Magnitude(at.Value).CompareTo(Magnitude(bt.Value));
        return order == 0 ? string.CompareOrdinal(ObjectMetaAccessor.GetUid(a), ObjectMetaAccessor.GetUid(b)) : order;
    }

    private long Magnitude(DateTimeOffset time) => time < _now ? (long)Math.Log2((_now - time).TotalNanoseconds) : -1;

    private int Crowd(Map pod) => _perNode.GetValueOrDefault(NodeOf(pod));

    private static string NodeOf(Map pod) => pod.GetMap("spec")?.GetString("nodeName") ?? "";

    private static int PhaseRank(Map pod) => PodState.Phase(pod) switch { "Running" => 2, "Unknown" => 1, _ => 0 };

    private static DateTimeOffset? ReadySince(Map pod) => Rfc3339.ParseOrNull(PodState.Condition(pod, "Ready")?.GetString("lastTransitionTime"));

    private static DateTimeOffset? Created(Map pod) => Rfc3339.ParseOrNull(ObjectMetaAccessor.GetCreationTimestamp(pod));

    // An int32 in decimal without a plus or leading zeros; anything else counts as 0 (GetDeletionCostFromPodAnnotations).
    private static int Cost(Map pod) =>
        ObjectMetaAccessor.GetAnnotation(pod, "controller.kubernetes.io/pod-deletion-cost") is { } text
            && int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var cost)
            && text[0] != '+' && (text == "0" || text.TrimStart('-')[0] != '0')
            ? cost
            : 0;

    private static long Restarts(Map pod, string field, HashSet<string>? names) =>
        (pod.GetMap("status")?.GetSequence(field) ?? Sequence.Empty).Select(s => s.AsMap!)
            .Where(s => names is null || names.Contains(s.GetString("name") ?? ""))
            .Select(s => s.GetInteger("restartCount") ?? 0).DefaultIfEmpty(0).Max();

    private static HashSet<string> Sidecars(Map pod) =>
        [.. (pod.GetMap("spec")?.GetSequence("initContainers") ?? Sequence.Empty).Select(c => c.AsMap!)
            .Where(c => c.GetString("restartPolicy") == "Always").Select(c => c.GetString("name") ?? "")];
}
