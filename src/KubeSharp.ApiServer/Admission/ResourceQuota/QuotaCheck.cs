using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ComponentBase.Quota;
using Quota = KubeSharp.ApiMachinery.Views.Core.V1.ResourceQuota;

namespace KubeSharp.ApiServer.Admission.ResourceQuota;

/// <summary>Judges one write by a namespace's quotas: refused, or what each quota will have used after it
/// (apiserver/pkg/admission/plugin/resourcequota/controller.go CheckRequest, v1.36).</summary>
internal readonly struct QuotaCheck(AdmissionAttributes attributes, QuotaEvaluator evaluator, IReadOnlyList<LimitedResource> limited)
{
    /// <returns>The new usage by the index of the quota; empty when nothing changes.</returns>
    /// <exception cref="StatusException">403: a quota is exceeded, not counted yet, or cannot be kept.</exception>
    public IReadOnlyDictionary<int, ResourceList> Judge(IReadOnlyList<Quota> quotas)
    {
        var obj = attributes.Object!;
        var interesting = new List<int>();
        var restrictedNames = new HashSet<string>(StringComparer.Ordinal);
        var restrictedScopes = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < quotas.Count; i++)
        {
            var quota = quotas[i];
            foreach (var scope in QuotaScopes.Of(quota))
            {
                if (evaluator.IsInScope(scope, obj))
                    restrictedScopes.Add(scope.ScopeName);
            }

            if (!evaluator.Matches(quota, obj))
                continue;
            var restricted = evaluator.MatchingResources(QuotaScopes.Names(quota.Status.Hard));
            if (evaluator.Problem(restricted, obj) is { } problem)
                throw attributes.Forbidden($"failed quota: {quota.Metadata.Name}: {problem}");
            if (restricted.Any(name => !quota.Status.Used.ContainsKey(name)))
                throw attributes.Forbidden($"status unknown for quota: {quota.Metadata.Name}, resources: {Join(restricted)}");
            interesting.Add(i);
            restrictedNames.UnionWith(restricted);
        }

        var usage = evaluator.Usage(obj);
        var negative = usage.Where(static pair => pair.Value.Sign < 0).Select(static pair => pair.Key).ToArray();
        if (negative.Length > 0)
            throw attributes.Forbidden($"quota usage is negative for resource(s): {Join(negative)}");
        var (deltas, hasUncoveredUse) = Deltas(quotas, interesting, usage);
        if (interesting.Count > 0 ? deltas.Count == 0 : !hasUncoveredUse)
            return NoChange;
        CheckCoverage(usage, restrictedNames, restrictedScopes);
        return interesting.Count == 0 ? NoChange : Charge(quotas, deltas);
    }

    private static readonly Dictionary<int, ResourceList> NoChange = [];

    /// <summary>What the write adds to each quota that matches it, without those to which it adds nothing.</summary>
    private (Dictionary<int, ResourceList> Deltas, bool HasUncoveredUse) Deltas(IReadOnlyList<Quota> quotas, List<int> interesting, ResourceList usage)
    {
        var difference = usage;
        if (attributes.OldObject is { } old)
            difference = usage.MinusNonNegative(evaluator.Usage(old));
        var deltas = new Dictionary<int, ResourceList>();
        foreach (var index in interesting)
        {
            // What a quota did not count before, it counts in full.
            var delta = (attributes.OldObject is { } before && evaluator.Matches(quotas[index], before) ? difference : usage).WithoutZeros();
            if (delta.Count > 0)
                deltas.Add(index, delta);
        }

        return (deltas, interesting.Count == 0 && difference.WithoutZeros().Count > 0);
    }

    /// <summary>What is limited by default needs a quota that covers it.</summary>
    private void CheckCoverage(ResourceList usage, HashSet<string> restrictedNames, HashSet<string> restrictedScopes)
    {
        if (limited.Count == 0)
            return;
        var uncovered = new SortedSet<string>(StringComparer.Ordinal);
        var uncoveredScopes = new List<string>();
        foreach (var entry in limited)
        {
            foreach (var (name, quantity) in usage)
            {
                if (entry.Resource == evaluator.Resource && quantity.Sign > 0 && !restrictedNames.Contains(name) && entry.MatchContains.Any(name.Contains))
                    uncovered.Add(name);
            }

            foreach (var scope in entry.MatchScopes)
            {
                if (evaluator.HasScopes && evaluator.IsInScope(scope, attributes.Object!) && !restrictedScopes.Contains(scope.ScopeName))
                    uncoveredScopes.Add($"{{{scope.ScopeName} {scope.Operator} [{string.Join(' ', scope.Values)}]}}");
            }
        }

        if (uncovered.Count > 0)
            throw attributes.Forbidden($"insufficient quota to consume: {string.Join(',', uncovered)}");
        if (uncoveredScopes.Count > 0)
            throw StatusErrors.Unknown($"insufficient quota to match these scopes: [{string.Join(' ', uncoveredScopes)}]");
    }

    private Dictionary<int, ResourceList> Charge(IReadOnlyList<Quota> quotas, Dictionary<int, ResourceList> deltas)
    {
        var charged = new Dictionary<int, ResourceList>();
        foreach (var (index, delta) in deltas)
        {
            var status = quotas[index].Status;
            var (hard, used) = (ResourceList.From(status.Hard), ResourceList.From(status.Used));
            var requested = delta.Masked(hard.Names);
            var after = used.Plus(requested);
            var exceeded = attributes.Subresource == "status" ? [] : after.Masked(requested.Names).Exceeding(hard);
            if (exceeded.Count > 0)
            {
                throw attributes.Forbidden(
                    $"exceeded quota: {quotas[index].Metadata.Name}, requested: {requested.Masked(exceeded)}, used: {used.Masked(exceeded)}, limited: {hard.Masked(exceeded)}");
            }

            if (!after.HasSameValues(used))
                charged.Add(index, after);
        }

        return charged;
    }

    private static string Join(IEnumerable<string> names) => string.Join(',', names.Order(StringComparer.Ordinal));
}
