using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Lists of tolerations (pkg/util/tolerations/tolerations.go, v1.36).</summary>
internal static class Tolerations
{
    /// <summary>Both lists without those that another one includes.</summary>
    public static Sequence Merge(ViewList<Toleration> first, ViewList<Toleration> second)
    {
        List<Toleration> all = [.. first, .. second];
        var merged = new List<Toleration>(all.Count);
        for (var i = 0; i < all.Count; i++)
        {
            var toleration = all[i];
            if (merged.Exists(other => Includes(other, toleration)))
                continue;
            // Of equal ones the first stays.
            if (!all.Exists(i + 1, other => !AreEqual(other, toleration) && Includes(other, toleration)))
                merged.Add(toleration);
        }

        var sequence = new Sequence(merged.Count);
        foreach (var toleration in merged)
            sequence.Add(toleration.Map);
        return sequence;
    }

    /// <summary>Whether every toleration is included by one that is allowed; an empty list allows all.</summary>
    public static bool AreAllowed(ViewList<Toleration> tolerations, ViewList<Toleration> allowed)
    {
        if (allowed.IsEmpty)
            return true;
        foreach (var toleration in tolerations)
        {
            if (!allowed.Any(other => Includes(other, toleration)))
                return false;
        }

        return true;
    }

    public static bool AreEqual(Toleration left, Toleration right) =>
        left.Key == right.Key && left.Operator == right.Operator && left.Value == right.Value && left.Effect == right.Effect && left.TolerationSeconds == right.TolerationSeconds;

    /// <summary>Whether one tolerates all that the other does.</summary>
    private static bool Includes(Toleration larger, Toleration smaller)
    {
        if (AreEqual(larger, smaller))
            return true;
        if (smaller.Key != larger.Key && (larger.Key.Length > 0 || larger.Operator != "Exists"))
            return false;
        if (smaller.Effect != larger.Effect && larger.Effect.Length > 0)
            return false;
        if (larger.Effect == "NoExecute" && larger.TolerationSeconds is { } seconds && (smaller.TolerationSeconds is not { } own || own > seconds))
            return false;
        return larger.Operator switch
        {
            "Equal" or "" => smaller.Operator == "Equal" && smaller.Value == larger.Value,
            "Exists" => true,
            _ => false,
        };
    }

    private static bool Exists(this List<Toleration> list, int from, Predicate<Toleration> predicate) => list.FindIndex(from, predicate) >= 0;
}
