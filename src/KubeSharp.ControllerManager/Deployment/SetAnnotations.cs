using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ControllerManager.Deployment;

/// <summary>The annotations of replica sets: those of their deployment, revisions and totals
/// (pkg/controller/deployment/util/deployment_util.go, v1.36).</summary>
internal static class SetAnnotations
{
    public const string HistoryAnnotation = "deployment.kubernetes.io/revision-history";

    public const string RollbackTo = "deprecated.deployment.rollback.to";

    private const int MaxHistoryLength = 2000;

    private static readonly string[] Skipped =
    [
        "kubectl.kubernetes.io/last-applied-configuration", Rollout.RevisionAnnotation, HistoryAnnotation,
        Rollout.DesiredAnnotation, Rollout.MaxAnnotation, RollbackTo,
    ];

    /// <summary>The annotations that the new set should have; null when it has them.</summary>
    public static Map? Wanted(Rollout rollout, Map? set)
    {
        var current = set is null ? Map.Empty : ObjectMetaAccessor.GetAnnotations(set) ?? Map.Empty;
        var wanted = current.DeepClone();
        Copy(ObjectMetaAccessor.GetAnnotations(rollout.Deployment), wanted);
        var revision = rollout.Old.Select(Rollout.Revision).DefaultIfEmpty(0).Max() + 1;
        var before = current.GetString(Rollout.RevisionAnnotation);
        var number = 0L;
        if (!string.IsNullOrEmpty(before) && !long.TryParse(before, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            return null;
        if (number < revision)
        {
            wanted.Set(Rollout.RevisionAnnotation, Text(revision));
            if (before is not null)
                AddHistory(wanted, before);
        }

        if (set is null)
            SetTotals(wanted, rollout);
        return wanted.DeepEquals(current) ? null : wanted;
    }

    public static void SetTotals(Map annotations, Rollout rollout)
    {
        annotations.Set(Rollout.DesiredAnnotation, Text(rollout.Desired));
        annotations.Set(Rollout.MaxAnnotation, Text(rollout.Desired + rollout.MaxSurge));
    }

    /// <summary>The deployment's annotations after it went back to a set: the set's, and its own of this controller.</summary>
    public static Map RolledBack(Map deployment, Map set)
    {
        var annotations = new Map();
        foreach (var (key, value) in ObjectMetaAccessor.GetAnnotations(deployment) ?? Map.Empty)
        {
            if (Skipped.Contains(key))
                annotations.Set(key, value);
        }

        Copy(ObjectMetaAccessor.GetAnnotations(set), annotations);
        return annotations;
    }

    private static void Copy(Map? from, Map to)
    {
        foreach (var (key, value) in from ?? Map.Empty)
        {
            if (!Skipped.Contains(key))
                to.Set(key, value);
        }
    }

    // The oldest revisions make room for newer ones.
    private static void AddHistory(Map annotations, string revision)
    {
        var history = (annotations.GetString(HistoryAnnotation) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Append(revision).ToList();
        while (history.Count > 1 && history.Sum(r => r.Length + 1) - 1 > MaxHistoryLength)
            history.RemoveAt(0);
        annotations.Set(HistoryAnnotation, string.Join(',', history));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
