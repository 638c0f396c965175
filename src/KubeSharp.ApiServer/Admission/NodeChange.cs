using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Admission;

/// <summary>What a kubelet may change of its own Node: no taints, no owners, and only labels that are a kubelet's to set
/// (noderestriction/admission.go admitNode, kubelet/pkg/apis/well_known_labels.go; v1.36).</summary>
internal static class NodeChange
{
    private static readonly HashSet<string> KubeletLabels = new(StringComparer.Ordinal)
    {
        "kubernetes.io/hostname", "topology.kubernetes.io/zone", "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/region", "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type", "kubernetes.io/os",
        "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
    };

    public static void Admit(string node, AdmissionAttributes attributes)
    {
        var name = attributes.Name.Length > 0 ? attributes.Name : attributes.Object?.GetMap("metadata")?.GetString("name") ?? "";
        if (name != node)
            throw attributes.Forbidden($"node \"{node}\" is not allowed to modify node \"{name}\"");
        if (attributes.Object is not { } obj)
            return;
        if (attributes.OldObject is not { } old)
        {
            if (obj.GetMap("spec")?.GetMap("configSource") is not null)
                throw attributes.Forbidden($"node \"{node}\" is not allowed to create pods with a non-nil configSource");
            if (ForbiddenLabels(Labels(obj), null) is { Count: > 0 } set)
                throw attributes.Forbidden($"node \"{node}\" is not allowed to set the following labels: {string.Join(", ", set)}");
            return;
        }

        if (obj.GetMap("spec")?.GetMap("configSource") is { } source && !SameEntries(source, old.GetMap("spec")?.GetMap("configSource")))
            throw attributes.Forbidden($"node \"{node}\" is not allowed to update configSource to a new non-nil configSource");
        if (!SameItems(obj.GetMap("spec")?.GetSequence("taints"), old.GetMap("spec")?.GetSequence("taints")))
            throw attributes.Forbidden($"node \"{node}\" is not allowed to modify taints");
        if (!SameItems(obj.GetMap("metadata")?.GetSequence("ownerReferences"), old.GetMap("metadata")?.GetSequence("ownerReferences")))
            throw attributes.Forbidden($"node \"{node}\" is not allowed to modify ownerReferences");
        if (ForbiddenLabels(Labels(obj), Labels(old)) is { Count: > 0 } changed)
            throw attributes.Forbidden($"is not allowed to modify labels: {string.Join(", ", changed)}");
    }

    /// <summary>Equal, where an absent map is an empty one.</summary>
    internal static bool SameEntries(Map? left, Map? right) => (left ?? Map.Empty).DeepEquals(right ?? Map.Empty);

    /// <summary>Equal, where an absent list is an empty one.</summary>
    internal static bool SameItems(Sequence? left, Sequence? right) => (left ?? Sequence.Empty).DeepEquals(right ?? Sequence.Empty);

    private static Map? Labels(Map obj) => obj.GetMap("metadata")?.GetMap("labels");

    private static SortedSet<string> ForbiddenLabels(Map? labels, Map? old)
    {
        var forbidden = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in labels ?? Map.Empty)
        {
            if (IsForbidden(key) && (old is null || !old.TryGetValue(key, out var before) || before != value))
                forbidden.Add(key);
        }

        foreach (var (key, _) in old ?? Map.Empty)
        {
            if (IsForbidden(key) && labels?.ContainsKey(key) != true)
                forbidden.Add(key);
        }

        return forbidden;
    }

    private static bool IsForbidden(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return false;
        var prefix = key[..slash];
        if (IsBelow(prefix, "node-restriction.kubernetes.io"))
            return true;
        if (!IsBelow(prefix, "kubernetes.io") && !IsBelow(prefix, "k8s.io"))
            return false;
        return !KubeletLabels.Contains(key) && !IsBelow(prefix, "kubelet.kubernetes.io") && !IsBelow(prefix, "node.kubernetes.io");
    }

    private static bool IsBelow(string prefix, string domain) =>
        prefix == domain || (prefix.Length > domain.Length && prefix.EndsWith(domain, StringComparison.Ordinal) && prefix[^(domain.Length + 1)] == '.');
}
