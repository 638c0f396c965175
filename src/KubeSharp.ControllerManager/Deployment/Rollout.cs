using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ControllerManager.Deployment;

/// <summary>
/// A deployment with its replica sets, and the arithmetic between them
/// (pkg/controller/deployment/{rolling,recreate,sync}.go, util/deployment_util.go, v1.36).
/// </summary>
internal sealed class Rollout
{
    public const string HashLabel = "pod-template-hash";
    public const string RevisionAnnotation = "deployment.kubernetes.io/revision";
    public const string DesiredAnnotation = "deployment.kubernetes.io/desired-replicas";
    public const string MaxAnnotation = "deployment.kubernetes.io/max-replicas";

    private readonly List<Map> _sets;

    /// <param name="deployment">Its status and annotations may be replaced while it is synced.</param>
    /// <param name="sets">All that belong to it.</param>
    public Rollout(Map deployment, IEnumerable<Map> sets)
    {
        Deployment = deployment;
        _sets = [.. sets.OrderBy(ObjectMetaAccessor.GetCreationTimestamp, StringComparer.Ordinal).ThenBy(ObjectMetaAccessor.GetName, StringComparer.Ordinal)];
        var spec = deployment.GetMap("spec") ?? Map.Empty;
        Template = spec.GetMap("template") ?? Map.Empty;
        New = _sets.Find(set => SameTemplate(Template, set.GetMap("spec")?.GetMap("template")));
        Desired = spec.GetInteger("replicas") ?? 1;
        Deadline = Bounded(spec.GetInteger("progressDeadlineSeconds"));
        HistoryLimit = Bounded(spec.GetInteger("revisionHistoryLimit"));
        IsRolling = spec.GetMap("strategy")?.GetString("type") != "Recreate";
        if (!IsRolling)
            return;
        var rolling = spec.GetMap("strategy")?.GetMap("rollingUpdate");
        MaxSurge = Scaled(rolling?["maxSurge"] ?? default, roundUp: true);
        var unavailable = Scaled(rolling?["maxUnavailable"] ?? default, roundUp: false);
        MaxUnavailable = Math.Min(MaxSurge == 0 && unavailable == 0 ? 1 : unavailable, Desired);
    }

    public Map Deployment { get; set; }

    public Map Template { get; }

    /// <summary>The set of the current template, or null before it exists.</summary>
    public Map? New { get; set; }

    /// <summary>All others, the oldest first.</summary>
    public IEnumerable<Map> Old => _sets.Where(set => New is null || ObjectMetaAccessor.GetUid(set) != ObjectMetaAccessor.GetUid(New));

    public IEnumerable<Map> All => New is null ? Old : Old.Append(New);

    public IEnumerable<Map> Active => All.Where(set => SpecReplicas(set) > 0);

    public long Desired { get; }

    public bool IsRolling { get; }

    /// <summary>Zero unless pods are replaced one after the other.</summary>
    public long MaxSurge { get; }

    /// <summary>Zero unless pods are replaced one after the other.</summary>
    public long MaxUnavailable { get; }

    /// <summary>progressDeadlineSeconds; null: nobody watches the progress.</summary>
    public long? Deadline { get; }

    /// <summary>revisionHistoryLimit; null: all old sets stay.</summary>
    public long? HistoryLimit { get; }

    public static long SpecReplicas(Map set) => set.GetMap("spec")?.GetInteger("replicas") ?? 0;

    public static long StatusReplicas(Map set) => set.GetMap("status")?.GetInteger("replicas") ?? 0;

    public static long Available(Map set) => set.GetMap("status")?.GetInteger("availableReplicas") ?? 0;

    public static long Ready(Map set) => set.GetMap("status")?.GetInteger("readyReplicas") ?? 0;

    public static long Revision(Map set) =>
        long.TryParse(ObjectMetaAccessor.GetAnnotation(set, RevisionAnnotation), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    /// <summary>Equality of templates without the hash label that sets add.</summary>
    public static bool SameTemplate(Map template, Map? other) => other is not null && WithoutHash(template).DeepEquals(WithoutHash(other));

    public static Map WithoutHash(Map template)
    {
        if (template.GetMap("metadata")?.GetMap("labels")?.ContainsKey(HashLabel) != true)
            return template;
        var stripped = template.ShallowClone();
        var metadata = stripped.EditMap("metadata");
        var labels = metadata.EditMap("labels");
        labels.Remove(HashLabel);
        if (labels.Count == 0)
            metadata.Remove("labels");
        if (metadata.Count == 0)
            stripped.Remove("metadata");
        return stripped;
    }

    /// <summary>How many pods the new set should have by the surge alone (NewRSNewReplicas).</summary>
    public long NewReplicas(long current)
    {
        if (!IsRolling)
            return Desired;
        var room = Desired + MaxSurge - Old.Sum(SpecReplicas) - current;
        return room <= 0 ? current : current + Math.Min(room, Desired - current);
    }

    /// <summary>The size changed and the template did not: active sets share the change (sync.go isScalingEvent).</summary>
    public bool IsScalingOnly() => Active.Any(set => Count(set, DesiredAnnotation) is { } desired && desired != Desired);

    /// <summary>The sets to scale when the size changed, or while paused; all of them then carry the new totals.</summary>
    public IReadOnlyList<(Map Set, long Replicas)> PlanScaling()
    {
        var active = Active.ToList();
        if (active.Count <= 1)
        {
            var only = active.Count == 1 ? active[0] : New ?? Old.LastOrDefault();
            return only is null || SpecReplicas(only) == Desired ? [] : [(only, Desired)];
        }

        if (New is not null && SpecReplicas(New) == Desired && Count(New, DesiredAnnotation) == Desired && Available(New) == Desired)
            return [.. Old.Where(set => SpecReplicas(set) > 0).Select(set => (set, 0L))];
        return IsRolling ? PlanProportions(active) : [];
    }

    /// <summary>Old sets to scale down in a rolling update: first what is not healthy anyway, then what availability allows.</summary>
    public IReadOnlyList<(Map Set, long Replicas)> PlanScalingDown()
    {
        if (New is null)
            return [];
        var old = Old.Where(set => SpecReplicas(set) > 0).ToList();
        var minAvailable = Desired - MaxUnavailable;
        var maxDown = old.Sum(SpecReplicas) + SpecReplicas(New) - minAvailable - (SpecReplicas(New) - Available(New));
        if (old.Count == 0 || maxDown <= 0)
            return [];
        var sizes = old.Select(SpecReplicas).ToArray();
        for (var i = 0; i < old.Count && maxDown > 0; i++)
        {
            var unhealthy = Math.Min(maxDown, Math.Max(0, sizes[i] - Available(old[i])));
            sizes[i] -= unhealthy;
            maxDown -= unhealthy;
        }

        var spare = old.Sum(Available) + Available(New) - minAvailable;
        for (var i = 0; i < old.Count && spare > 0; i++)
        {
            var down = Math.Min(sizes[i], spare);
            sizes[i] -= down;
            spare -= down;
        }

        return [.. old.Zip(sizes).Where(p => SpecReplicas(p.First) != p.Second)];
    }

    private List<(Map Set, long Replicas)> PlanProportions(List<Map> active)
    {
        var toAdd = (Desired > 0 ? Desired + MaxSurge : 0) - active.Sum(SpecReplicas);
        // Of sets of one size the newer grow first, the older shrink first.
        if (toAdd > 0)
            active.Reverse();
        active = [.. active.OrderByDescending(SpecReplicas)];
        var left = toAdd;
        var plan = new List<(Map Set, long Replicas)>();
        foreach (var set in active)
        {
            var share = toAdd > 0 ? Math.Min(Share(set), left) : Math.Max(Share(set), left);
            share = left == 0 ? 0 : share;
            left -= share;
            plan.Add((set, SpecReplicas(set) + share));
        }

        plan[0] = (plan[0].Set, toAdd == 0 ? plan[0].Replicas : Math.Max(0, plan[0].Replicas + left));
        return plan;
    }

    /// <summary>What a set gains or loses when the whole grows or shrinks (getReplicaSetFraction).</summary>
    private long Share(Map set)
    {
        var size = SpecReplicas(set);
        if (Desired == 0)
            return -size;
        long before = Count(set, MaxAnnotation) ?? 0;
        if (before == 0)
            before = StatusReplicas(Deployment);
        return before == 0 ? 0 : (long)Math.Round((double)(size * (Desired + MaxSurge)) / before, MidpointRounding.AwayFromZero) - size;
    }

    private static int? Count(Map set, string annotation) =>
        int.TryParse(ObjectMetaAccessor.GetAnnotation(set, annotation), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    private static long? Bounded(long? value) => value == int.MaxValue ? null : value;

    private long Scaled(Value value, bool roundUp)
    {
        if (value.AsInteger is { } number)
            return number;
        if (value.AsString is not { } text || !text.EndsWith('%') || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
            return 0;
        return roundUp ? (Desired * percent + 99) / 100 : Desired * percent / 100;
    }
}
