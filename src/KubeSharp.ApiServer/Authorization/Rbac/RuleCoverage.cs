using System.Text;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiServer.Authorization.Rbac;

/// <summary>Whether some rules allow all that others do (component-helpers/auth/rbac/validation/policy_comparator.go,
/// pkg/registry/rbac/validation/policy_compact.go; v1.36).</summary>
internal static class RuleCoverage
{
    /// <summary>The single permissions among <paramref name="wanted"/> that no rule of <paramref name="owned"/> gives.</summary>
    public static List<PolicyRule> Missing(IReadOnlyList<PolicyRule> owned, IEnumerable<PolicyRule> wanted)
    {
        var missing = new List<PolicyRule>();
        foreach (var rule in wanted)
        {
            foreach (var single in BreakDown(rule))
            {
                var covered = false;
                for (var i = 0; i < owned.Count && !covered; i++)
                    covered = Covers(owned[i], single);
                if (!covered)
                    missing.Add(single);
            }
        }

        return missing;
    }

    /// <summary>The permissions as refusals list them: verbs of the same thing together, sorted, a line each.</summary>
    public static string Describe(List<PolicyRule> missing)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        var simple = new Dictionary<(string Group, string Resource, string? Name), List<string>>();
        foreach (var rule in missing)
        {
            if (rule.NonResourceUrls.Length > 0)
            {
                lines.Add(Print(rule));
                continue;
            }

            var key = (rule.ApiGroups[0], rule.Resources[0], rule.ResourceNames is [var name] ? name : null);
            if (!simple.TryGetValue(key, out var verbs))
                simple.Add(key, verbs = []);
            verbs.AddRange(rule.Verbs);
        }

        foreach (var ((group, resource, name), verbs) in simple)
            lines.Add(Print(new PolicyRule([.. verbs], [group], [resource], name is null ? [] : [name], [])));
        return string.Join('\n', lines);
    }

    /// <summary><c>["a" "b"]</c>, as Go quotes a slice.</summary>
    public static string Quoted(IEnumerable<string> items) => $"[{string.Join(' ', items.Select(GoText.Quote))}]";

    private static IEnumerable<PolicyRule> BreakDown(PolicyRule rule)
    {
        foreach (var group in rule.ApiGroups)
        {
            foreach (var resource in rule.Resources)
            {
                foreach (var verb in rule.Verbs)
                {
                    if (rule.ResourceNames.Length == 0)
                        yield return new PolicyRule([verb], [group], [resource], [], []);
                    foreach (var name in rule.ResourceNames)
                        yield return new PolicyRule([verb], [group], [resource], [name], []);
                }
            }
        }

        foreach (var url in rule.NonResourceUrls)
        {
            foreach (var verb in rule.Verbs)
                yield return new PolicyRule([verb], [], [], [], [url]);
        }
    }

    /// <summary>Whether a rule gives a single permission.</summary>
    private static bool Covers(PolicyRule owner, PolicyRule single)
    {
        if (!PolicyRule.HasOrAll(owner.Verbs, single.Verbs[0]))
            return false;
        if (single.NonResourceUrls.Length > 0)
        {
            foreach (var url in owner.NonResourceUrls)
            {
                if (PolicyRule.PathCovers(url, single.NonResourceUrls[0]))
                    return owner.ResourceNames.Length == 0;
            }

            return false;
        }

        return PolicyRule.HasOrAll(owner.ApiGroups, single.ApiGroups[0])
            && CoversResource(owner.Resources, single.Resources[0])
            && (owner.ResourceNames.Length == 0 || (single.ResourceNames is [var name] && PolicyRule.Has(owner.ResourceNames, name)));
    }

    private static bool CoversResource(string[] owned, string resource)
    {
        if (PolicyRule.HasOrAll(owned, resource))
            return true;
        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 && PolicyRule.Has(owned, string.Concat("*", resource.AsSpan(slash)));
    }

    private static string Print(PolicyRule rule)
    {
        var text = new StringBuilder("{");
        Part("APIGroups", rule.ApiGroups);
        Part("Resources", rule.Resources);
        Part("NonResourceURLs", rule.NonResourceUrls);
        Part("ResourceNames", rule.ResourceNames);
        Part("Verbs", rule.Verbs);
        return text.Append('}').ToString();

        void Part(string name, string[] values)
        {
            if (values.Length == 0)
                return;
            if (text.Length > 1)
                text.Append(", ");
            text.Append(name).Append(':').Append(Quoted(values));
        }
    }
}
