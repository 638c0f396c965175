using System.Text;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity;

/// <summary>The checks of each level at each version (pod-security-admission/policy/registry.go, v1.36).</summary>
internal sealed class PolicyEvaluator
{
    private readonly CheckPod[][] _baseline;
    private readonly CheckPod[][] _restricted;

    public PolicyEvaluator(IReadOnlyList<PolicyCheck> checks)
    {
        var newest = checks.Max(check => check.Versions[^1].MinimumMinor);
        // What is said of a pod comes in a fixed order: baseline checks by id, then restricted ones.
        var ordered = checks.OrderBy(check => check.Level).ThenBy(check => check.Id, StringComparer.Ordinal).ToArray();
        _baseline = new CheckPod[newest + 1][];
        _restricted = new CheckPod[newest + 1][];
        for (var minor = 0; minor <= newest; minor++)
        {
            var active = ordered
                .Select(check => (check.Id, check.Level, Rules: check.Versions.LastOrDefault(version => version.MinimumMinor <= minor)))
                .Where(check => check.Rules is not null)
                .ToArray();
            var overridden = active.Where(check => check.Level == PolicyLevel.Restricted).SelectMany(check => check.Rules!.Overrides).ToHashSet(StringComparer.Ordinal);
            _baseline[minor] = [.. active.Where(check => check.Level == PolicyLevel.Baseline).Select(check => check.Rules!.Check)];
            _restricted[minor] = [.. active.Where(check => check.Level == PolicyLevel.Restricted || !overridden.Contains(check.Id)).Select(check => check.Rules!.Check)];
        }
    }

    /// <summary>All that the policy forbids of a pod; empty when it is allowed.</summary>
    public IReadOnlyList<CheckResult> Evaluate(LevelVersion policy, ObjectMeta metadata, PodSpec spec)
    {
        if (policy.Level == PolicyLevel.Privileged)
            return [];
        var byMinor = policy.Level == PolicyLevel.Baseline ? _baseline : _restricted;
        List<CheckResult>? forbidden = null;
        foreach (var check in byMinor[Math.Min(policy.Version.Minor, byMinor.Length - 1)])
        {
            var result = check(metadata, spec);
            if (!result.IsAllowed)
                (forbidden ??= []).Add(result);
        }

        return forbidden ?? (IReadOnlyList<CheckResult>)[];
    }

    /// <summary>The reasons alone: <c>host ports, privileged</c>.</summary>
    public static string Reasons(IReadOnlyList<CheckResult> forbidden) => string.Join(", ", forbidden.Select(result => result.ForbiddenReason));

    /// <summary>The reasons with their details in parentheses.</summary>
    public static string Details(IReadOnlyList<CheckResult> forbidden)
    {
        var text = new StringBuilder();
        foreach (var (reason, detail) in forbidden)
        {
            if (text.Length > 0)
                text.Append(", ");
            text.Append(reason);
            if (detail.Length > 0)
                text.Append(" (").Append(detail).Append(')');
        }

        return text.ToString();
    }
}
