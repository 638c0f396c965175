using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ControllerManager.NodeLifecycle;

/// <summary>How long a pod bears its node's NoExecute taints (pkg/controller/tainteviction/taint_eviction.go, v1.36).</summary>
internal static class TaintTolerance
{
    /// <summary>Zero: not at all. Null: for ever.</summary>
    public static TimeSpan? Of(Map pod, IReadOnlyList<Map> noExecuteTaints)
    {
        if (noExecuteTaints.Count == 0)
            return null;
        var tolerations = pod.GetMap("spec")?.GetSequence("tolerations") ?? Sequence.Empty;
        long? least = null;
        foreach (var taint in noExecuteTaints)
        {
            if (tolerations.Select(t => t.AsMap!).FirstOrDefault(t => Tolerates(t, taint)) is not { } used)
                return TimeSpan.Zero;
            if (used.GetInteger("tolerationSeconds") is { } seconds)
                least = Math.Min(least ?? long.MaxValue, Math.Max(0, seconds));
        }

        return least is { } bound ? TimeSpan.FromSeconds(bound) : null;
    }

    private static bool Tolerates(Map toleration, Map taint)
    {
        var effect = toleration.GetString("effect") ?? "";
        var key = toleration.GetString("key") ?? "";
        if ((effect.Length > 0 && effect != taint.GetString("effect")) || (key.Length > 0 && key != taint.GetString("key")))
            return false;
        return (toleration.GetString("operator") ?? "") switch
        {
            "Exists" => true,
            "" or "Equal" => key.Length > 0 && (toleration.GetString("value") ?? "") == (taint.GetString("value") ?? ""),
            _ => false,
        };
    }
}
