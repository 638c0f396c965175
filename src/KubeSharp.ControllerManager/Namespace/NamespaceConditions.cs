using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ControllerManager.Namespace;

/// <summary>What one round of emptying a namespace found, told as its conditions
/// (pkg/controller/namespace/deletion/status_condition_utils.go, v1.36).</summary>
internal sealed class NamespaceConditions
{
    private static readonly (string Type, string Reason, string Message)[] Good =
    [
        ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
        ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
        (ContentFailure, "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
        (ContentRemaining, "ContentRemoved", "All content successfully removed"),
        (FinalizersRemaining, "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
    ];

    private const string ContentFailure = "NamespaceDeletionContentFailure";
    private const string ContentRemaining = "NamespaceContentRemaining";
    private const string FinalizersRemaining = "NamespaceFinalizersRemaining";

    private readonly List<string> _failures = [];
    private readonly List<string> _remaining = [];
    private readonly SortedDictionary<string, int> _finalizers = new(StringComparer.Ordinal);

    public void AddFailure(string message) => _failures.Add(message);

    public void AddRemaining(GroupVersionResource resource, int count, IReadOnlyDictionary<string, int> finalizers)
    {
        _remaining.Add(string.Create(CultureInfo.InvariantCulture, $"{resource.Resource}.{resource.Group} has {count} resource instances"));
        foreach (var (finalizer, number) in finalizers)
            _finalizers[finalizer] = _finalizers.GetValueOrDefault(finalizer) + number;
    }

    /// <summary>Writes the conditions into a namespace that may be changed; false when they already say so.</summary>
    /// <param name="ns">The namespace, a copy.</param>
    /// <param name="now">RFC 3339.</param>
    /// <param name="withTotals">False while only pods were looked at: what remains is then not yet told.</param>
    public bool Apply(Map ns, string now, bool withTotals)
    {
        var bad = Bad(withTotals);
        var conditions = ns.EditMap("status").EditSequence("conditions");
        var changed = false;
        foreach (var (type, goodReason, goodMessage) in Good)
        {
            var (status, reason, message) = bad.TryGetValue(type, out var found)
                ? ("True", found.Reason, found.Message)
                : ("False", goodReason, goodMessage);
            var at = IndexOf(conditions, type);
            if (at < 0)
            {
                conditions.Add(new Map(5)
                {
                    { "type", type }, { "status", status }, { "lastTransitionTime", now }, { "reason", reason }, { "message", message },
                });
                changed = true;
                continue;
            }

            var old = conditions[at].AsMap!;
            if (old.GetString("status") == status && old.GetString("reason") == reason && old.GetString("message") == message)
                continue;
            var condition = conditions.EditMap(at);
            if (old.GetString("status") != status)
                condition["lastTransitionTime"] = now;
            condition["status"] = status;
            condition["reason"] = reason;
            condition["message"] = message;
            changed = true;
        }

        return changed;
    }

    private Dictionary<string, (string Reason, string Message)> Bad(bool withTotals)
    {
        var bad = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        if (_failures.Count > 0)
        {
            bad[ContentFailure] = ("ContentDeletionFailed", string.Create(
                CultureInfo.InvariantCulture,
                $"Failed to delete all resource types, {_failures.Count} remaining: {string.Join(", ", _failures.Order(StringComparer.Ordinal))}"));
        }

        if (withTotals && _remaining.Count > 0)
        {
            bad[ContentRemaining] = (
                "SomeResourcesRemain", "Some resources are remaining: " + string.Join(", ", _remaining.Order(StringComparer.Ordinal)));
        }

        if (withTotals && _finalizers.Count > 0)
        {
            var texts = _finalizers.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} in {f.Value} resource instances"));
            bad[FinalizersRemaining] = (
                "SomeFinalizersRemain",
                "Some content in the namespace has finalizers remaining: " + string.Join(", ", texts.Order(StringComparer.Ordinal)));
        }

        return bad;
    }

    private static int IndexOf(Sequence conditions, string type)
    {
        for (var i = 0; i < conditions.Count; i++)
        {
            if (conditions[i].AsMap?.GetString("type") == type)
                return i;
        }

        return -1;
    }
}
