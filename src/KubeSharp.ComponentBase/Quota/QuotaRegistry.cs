using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>The evaluators by resource; resources without one of their own are counted
/// (pkg/quota/v1/evaluator/core/registry.go and pkg/quota/v1/install/registry.go, v1.36). Safe for concurrent use.</summary>
public sealed class QuotaRegistry
{
    private static readonly HashSet<GroupResource> Ignored =
    [
        new("", "bindings"), new("", "componentstatuses"), new("authentication.k8s.io", "tokenreviews"), new("authentication.k8s.io", "selfsubjectreviews"),
        new("authorization.k8s.io", "subjectaccessreviews"), new("authorization.k8s.io", "selfsubjectaccessreviews"),
        new("authorization.k8s.io", "localsubjectaccessreviews"), new("authorization.k8s.io", "selfsubjectrulesreviews"),
        new("", "events"), new("events.k8s.io", "events"),
    ];

    private readonly ConcurrentDictionary<GroupResource, QuotaEvaluator> _evaluators = new();

    public QuotaRegistry(TimeProvider time, ResourceClaimSources claims)
    {
        var pods = new PodEvaluator(time);
        QuotaEvaluator[] special =
        [
            pods, new ServiceEvaluator(), new PersistentVolumeClaimEvaluator(), new ResourceClaimEvaluator(claims, pods),
            .. ((string[])["configmaps", "resourcequotas", "replicationcontrollers", "secrets"]).Select(static name => new ObjectCountEvaluator(new("", name), name)),
        ];
        foreach (var evaluator in special)
            _evaluators[evaluator.Resource] = evaluator;
    }

    /// <summary>The evaluators that are there, those of resources that were asked for included.</summary>
    public IEnumerable<QuotaEvaluator> All => _evaluators.Values;

    /// <summary>The evaluator of a resource; null for what no quota counts (reviews, events).</summary>
    public QuotaEvaluator? For(GroupResource resource) =>
        Ignored.Contains(resource) ? null : _evaluators.GetOrAdd(resource, static r => new ObjectCountEvaluator(r));
}
