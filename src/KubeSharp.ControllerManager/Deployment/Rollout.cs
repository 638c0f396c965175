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

    private static readonly string[] Skipped =
        ["kubectl.kubernetes.io/last-applied-configuration", RevisionAnnotation, "deployment.kubernetes.io/revision-history", "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas", "deprecated.deployment.rollback.to"];

    private readonly List<Map> _sets;

    public Rollout(Map deployment, List<Map> sets)
    {
        Deployment = deployment;
        _sets = sets;
        Template = deployment.GetMap("spec")?.GetMap("template") ?? Map.Empty;
        New = sets.Find(set => SameTemplate(Template, set.GetMap("spec")?.GetMap("template")));
        var spec = deployment.GetMap("spec") ?? Map.Empty;
        Desired = spec.GetInteger("replicas") ?? 1;
        var rolling = spec.GetMap("strategy")?.GetMap("rollingUpdate");
        IsRolling = spec.GetMap("strategy")?.GetString("type") != "Recreate";
        MaxSurge = IsRolling ? Scaled(rolling?["maxSurge"] ?? default, roundUp: true) : 0;
        MaxUnavailable = IsRolling ? Math.Min(Scaled(rolling?["maxUnavailable"] ?? default, roundUp: false), Desired) : Desired;
        if (IsRolling && MaxSurge == 0 && MaxUnavailable == 0)
            MaxUnavailable = 1;
    }

    public Map Deployment { get; set; }

    public Map Template { get; }

    /// <summary>The set of the current template, or null before it exists.</summary>
    public Map? New { get; set; }

    public IEnumerable<Map> Old => _sets.Where(set => ObjectMetaAccessor.GetUid(set) != (New is null ? "" : ObjectMetaAccessor.GetUid(New)));

    public IEnumerable<Map> All => New is null ? Old : Old.Append(New);

    public long Desired { get; }

    public bool IsRolling { get; }

    public long MaxSurge { get; }

    public long MaxUnavailable { get; }

    public static long SpecReplicas(Map set) => set.GetMap("spec")?.GetInteger("replicas") ?? 0;

    public static long StatusReplicas(Map set) => set.GetMap("status")?.GetInteger("replicas") ?? 0;

    public static long Available(Map set) => set.GetMap("status")?.GetInteger("availableReplicas") ?? 0;

    public static long Ready(Map set) => set.GetMap("status")?.GetInteger("readyReplicas") ?? 0;

    public static long Revision(Map set) => long.TryParse(ObjectMetaAccessor.GetAnnotation(set, RevisionAnnotation), out var revision) ? revision : 0;

    public long NextRevision() => Old.Select(Revision).DefaultIfEmpty(0).Max() + 1;

    /// <summary>Equality of templates without the hash label that sets add.</summary>
    public static bool SameTemplate(Map template, Map? other)
    {
        if (other is null)
            return false;
        var stripped = other.ShallowClone();
        var labels = stripped.EditMap("metadata").EditMap("labels");
        labels.Remove(HashLabel);
        if (labels.Count == 0)
            stripped.EditMap("metadata").Remove("labels");
        return template.DeepEquals(stripped);
    }

    public Map CopiedAnnotations()
    {
        var copied = new Map();
        foreach (var (key, value) in ObjectMetaAccessor.GetAnnotations(Deployment) ?? Map.Empty)
        {
            if (!Skipped.Contains(key))
                copied.Set(key, value);
        }

        return copied;
    }

    public void Replace(Map set, Map updated)
    {
        var uid = ObjectMetaAccessor.GetUid(set);
        var at = _sets.FindIndex(s => ObjectMetaAccessor.GetUid(s) == uid);
        if (at >= 0)
            _sets[at] = updated;
        if (New is not null && ObjectMetaAccessor.GetUid(New) == uid)
            New = updated;
    }

    /// <summary>How many pods a new set starts with (NewRSNewReplicas).</summary>
    public long InitialNewReplicas()
    {
        if (!IsRolling)
            return Old.Any(set => SpecReplicas(set) > 0 || StatusReplicas(set) > 0) ? 0 : Desired;
        var room = Desired + MaxSurge - Old.Sum(SpecReplicas);
        return room <= 0 ? 0 : Math.Min(room, Desired);
    }

    /// <summary>The sets to scale now, and to what.</summary>
    public IReadOnlyList<(Map Set, long Replicas)> Plan()
    {
        var paused = Deployment.GetMap("spec")?.GetBoolean("paused") == true;
        if (paused || IsScalingOnly())
            return PlanScaling();
        return IsRolling ? PlanRolling() : PlanRecreate();
    }

    /// <summary>The size changed and the template did not: all active sets share the change (sync.go isScalingEvent).</summary>
    private bool IsScalingOnly() => All.Where(set => SpecReplicas(set) > 0).Any(set =>
        ObjectMetaAccessor.GetAnnotation(set, "deployment.kubernetes.io/desired-replicas") is { } desired && desired != Desired.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private List<(Map Set, long Replicas)> PlanScaling()
    {
        var active = All.Where(set => SpecReplicas(set) > 0).OrderByDescending(SpecReplicas).ToList();
        if (active.Count <= 1)
        {
            var only = active.FirstOrDefault() ?? New;
            return only is null || SpecReplicas(only) == Desired ? [] : [(only, Desired)];
        }

        if (New is not null && Available(New) == Desired && SpecReplicas(New) == Desired)
            return [.. Old.Where(set => SpecReplicas(set) > 0).Select(set => (set, 0L))];
        var allowed = Desired > 0 ? Desired + MaxSurge : 0;
        var total = active.Sum(SpecReplicas);
        var toAdd = allowed - total;
        var left = toAdd;
        var plan = new List<(Map Set, long Replicas)>();
        foreach (var set in active)
        {
            var share = total == 0 ? 0 : (long)Math.Round((double)SpecReplicas(set) * toAdd / total, MidpointRounding.AwayFromZero);
            share = toAdd > 0 ? Math.Min(share, left) : Math.Max(share, left);
            left -= share;
            plan.Add((set, Math.Max(0, SpecReplicas(set) + share)));
        }

        if (left != 0)
            plan[0] = (plan[0].Set, Math.Max(0, plan[0].Replicas + left));
        return [.. plan.Where(p => SpecReplicas(p.Set) != p.Replicas)];
    }

    private List<(Map Set, long Replicas)> PlanRolling()
    {
        if (New is null)
            return [];
        // First up, as far as the surge allows.
        var current = SpecReplicas(New);
        if (current > Desired)
            return [(New, Desired)];
        var room = Desired + MaxSurge - All.Sum(SpecReplicas);
        if (current < Desired && room > 0)
            return [(New, current + Math.Min(room, Desired - current))];

        // Then down: first what is not healthy anyway, then what availability allows.
        var oldTotal = Old.Sum(SpecReplicas);
        if (oldTotal == 0)
            return [];
        var minAvailable = Desired - MaxUnavailable;
        var maxDown = All.Sum(SpecReplicas) - minAvailable - (SpecReplicas(New) - Available(New));
        if (maxDown <= 0)
            return [];
        var plan = new Dictionary<Map, long>();
        var cleaned = 0L;
        foreach (var set in Old)
        {
            var unhealthy = Math.Min(SpecReplicas(set) - Available(set), maxDown - cleaned);
            if (SpecReplicas(set) == 0 || unhealthy <= 0)
                continue;
            plan[set] = SpecReplicas(set) - unhealthy;
            cleaned += unhealthy;
        }

        var spare = All.Sum(Available) - minAvailable;
        foreach (var set in Old)
        {
            var replicas = plan.GetValueOrDefault(set, SpecReplicas(set));
            var down = Math.Min(replicas, spare);
            if (down <= 0)
                continue;
            plan[set] = replicas - down;
            spare -= down;
        }

        return [.. plan.Where(p => SpecReplicas(p.Key) != p.Value).Select(p => (p.Key, p.Value))];
    }

    private List<(Map Set, long Replicas)> PlanRecreate()
    {
        var active = Old.Where(set => SpecReplicas(set) > 0).ToList();
        if (active.Count > 0)
            return [.. active.Select(set => (set, 0L))];
        // No new pod before the last old one has ended.
        if (New is null || Old.Any(set => StatusReplicas(set) > 0) || SpecReplicas(New) == Desired)
            return [];
        return [(New, Desired)];
    }

    private long Scaled(Value value, bool roundUp)
    {
        if (value.AsInteger is { } number)
            return number;
        if (value.AsString is not { } text || !text.EndsWith('%') || !long.TryParse(text.AsSpan(0, text.Length - 1), out var percent))
            return 0;
        return roundUp ? (Desired * percent + 99) / 100 : Desired * percent / 100;
    }
}
