using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Label keys of affinity terms and spread constraints become expressions with the new pod's own values
/// (mutatePodAffinity and mutateTopologySpreadConstraints in pkg/registry/core/pod/strategy.go, v1.36).</summary>
internal static class PodLabelKeys
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";

    public static void Apply(Map pod)
    {
        var (spec, labels) = (pod.Sub("spec"), pod.Sub("metadata").Sub("labels"));
        if (labels.Count == 0)
            return;
        foreach (var kind in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
        {
            var affinity = spec.Sub("affinity").Sub(kind);
            for (var i = 0; i < affinity.List(Preferred).Count; i++)
            {
                if (UsesKeys(affinity.List(Preferred).At(i).Sub("podAffinityTerm")))
                    Apply(Edit(pod, kind, Preferred, i).EditMap("podAffinityTerm"), labels);
            }

            for (var i = 0; i < affinity.List(Required).Count; i++)
            {
                if (UsesKeys(affinity.List(Required).At(i)))
                    Apply(Edit(pod, kind, Required, i), labels);
            }
        }

        for (var i = 0; i < spec.List("topologySpreadConstraints").Count; i++)
        {
            if (UsesKeys(spec.List("topologySpreadConstraints").At(i)))
                Apply(pod.EditMap("spec").EditSequence("topologySpreadConstraints").EditMap(i), labels);
        }
    }

    /// <summary>Without a selector nothing is selected, whatever the keys.</summary>
    private static bool UsesKeys(Map term) =>
        term.GetMap("labelSelector") is not null && (term.List("matchLabelKeys").Count > 0 || term.List("mismatchLabelKeys").Count > 0);

    private static Map Edit(Map pod, string kind, string list, int index) =>
        pod.EditMap("spec").EditMap("affinity").EditMap(kind).EditSequence(list).EditMap(index);

    private static void Apply(Map term, Map labels)
    {
        Add(term, "matchLabelKeys", "In", labels);
        Add(term, "mismatchLabelKeys", "NotIn", labels);
    }

    private static void Add(Map term, string keys, string op, Map labels)
    {
        foreach (var key in term.List(keys))
        {
            if (labels.GetString(key.AsString ?? "") is not { } value)
                continue;
            var values = new Sequence(1);
            values.Add(value);
            term.EditMap("labelSelector").EditSequence("matchExpressions").Add(new Map(3) { { "key", key }, { "operator", op }, { "values", values } });
        }
    }
}
