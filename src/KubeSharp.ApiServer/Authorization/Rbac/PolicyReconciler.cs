using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ComponentBase.Client;
using Rules = KubeSharp.ApiMachinery.Views.ViewList<KubeSharp.ApiMachinery.Views.Rbac.V1.PolicyRule>;

namespace KubeSharp.ApiServer.Authorization.Rbac;

/// <summary>
/// Creates what is missing of the bootstrap policy and adds what existing roles and bindings lack; what was added by hand
/// stays, and objects whose autoupdate annotation is "false" are left alone. Source: pkg/registry/rbac/rest/storage_rbac.go,
/// component-helpers/auth/rbac/reconciliation; v1.36.
/// </summary>
internal sealed class PolicyReconciler(IApiClient client)
{
    /// <summary>How many objects are written at a time, so that the store commits them together.</summary>
    private const int Parallelism = 32;

    public Task ReconcileAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        BootstrapPolicy.Read(),
        new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
        async (expected, token) => await ReconcileAsync(expected, token).ConfigureAwait(false));

    private async Task ReconcileAsync(Map expected, CancellationToken cancellationToken)
    {
        var resource = new GroupVersionResource("rbac.authorization.k8s.io", "v1", expected.GetString("kind")!.ToLowerInvariant() + "s");
        var metadata = expected.GetMap("metadata")!;
        var request = new ResourceRequest(resource, metadata.GetString("namespace") ?? "", metadata.GetString("name")!);
        var existing = await FindAsync(request, cancellationToken).ConfigureAwait(false);
        if (existing is null)
        {
            await client.CreateAsync(request, expected, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (existing.GetMap("metadata")?.GetMap("annotations")?.GetString("rbac.authorization.kubernetes.io/autoupdate") == "false")
            return;
        if (expected["roleRef"] != existing["roleRef"])
        {
            // The role of a binding cannot change: a new binding takes its place.
            var preconditions = new Map { { "preconditions", new Map { { "uid", existing.GetMap("metadata")!["uid"] } } } };
            await client.DeleteAsync(request, preconditions, cancellationToken).ConfigureAwait(false);
            await client.CreateAsync(request, expected, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (Merge(existing, expected) is { } merged)
            await client.UpdateAsync(request, merged, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Map?> FindAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.Status.Reason == StatusReason.NotFound)
        {
            return null;
        }
    }

    /// <summary>The existing object with what it lacks; null when it lacks nothing.</summary>
    internal static Map? Merge(Map existing, Map expected)
    {
        var merged = existing.DeepClone();
        var changed = false;
        foreach (var field in (ReadOnlySpan<string>)["annotations", "labels"])
        {
            foreach (var (key, value) in expected.GetMap("metadata")!.GetMap(field)!)
            {
                if (existing.GetMap("metadata")!.GetMap(field)?.ContainsKey(key) == true)
                    continue;
                merged.EditMap("metadata").EditMap(field).Set(key, value);
                changed = true;
            }
        }

        foreach (var missing in RuleCoverage.Missing(PolicyRule.From(new Rules(existing.GetSequence("rules"))), PolicyRule.From(new Rules(expected.GetSequence("rules")))))
        {
            var rules = merged.EditSequence("rules");
            rules.Add(ToMap(missing));
            changed = true;
        }

        if (!expected.ContainsKey("aggregationRule") && existing["aggregationRule"].AsMap is not null)
        {
            merged.Remove("aggregationRule");
            changed = true;
        }

        return AddMissing(merged, expected.GetMap("aggregationRule"), () => merged.EditMap("aggregationRule"), "clusterRoleSelectors")
            | AddMissing(merged, expected, () => merged, "subjects") | changed
            ? merged
            : null;
    }

    private static bool AddMissing(Map merged, Map? expected, Func<Map> edit, string list)
    {
        if (expected?.GetSequence(list) is not { } wanted)
            return false;
        var changed = false;
        foreach (var item in wanted)
        {
            var present = false;
            foreach (var given in (list == "subjects" ? merged : merged.GetMap("aggregationRule"))?.GetSequence(list) ?? Sequence.Empty)
                present |= given == item;
            if (present)
                continue;
            edit().EditSequence(list).Add(item.DeepClone());
            changed = true;
        }

        return changed;
    }

    private static Map ToMap(PolicyRule rule)
    {
        var map = new Map { { "verbs", List(rule.Verbs) } };
        foreach (var (name, values) in (ReadOnlySpan<(string, string[])>)[("apiGroups", rule.ApiGroups), ("resources", rule.Resources), ("resourceNames", rule.ResourceNames), ("nonResourceURLs", rule.NonResourceUrls)])
        {
            if (values.Length > 0)
                map.Set(name, List(values));
        }

        return map;
    }

    private static Sequence List(string[] words)
    {
        var list = new Sequence(words.Length);
        foreach (var word in words)
            list.Add(word);
        return list;
    }
}
