using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;

namespace KubeSharp.ControllerManager.ClusterRoleAggregation;

/// <summary>clusterrole-aggregation-controller: gives aggregated cluster roles (admin, edit, view) the rules of the roles that
/// their selectors match (pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go, v1.36).
/// Differs: the rules are written with a merge patch where upstream applies them.</summary>
public sealed class ClusterRoleAggregationController : Controller
{
    private static readonly GroupVersionResource ClusterRoles = new("rbac.authorization.k8s.io", "v1", "clusterroles");

    private readonly Lister _roles;

    public ClusterRoleAggregationController(ControllerContext context)
        : base("clusterrole-aggregation-controller", context)
    {
        var roles = context.Informers.ForResource(ClusterRoles);
        _roles = roles.Lister;
        roles.AddHandler(new ResourceEventHandler
        {
            OnAdded = _ => EnqueueAggregated(),
            OnUpdated = (_, _) => EnqueueAggregated(),
            OnDeleted = _ => EnqueueAggregated(),
        });
    }

    protected override int? MaxRetries => null;

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_roles.Get(key) is not { } role || role.GetMap("aggregationRule") is not { } aggregation)
            return;
        var rules = Collect(key, aggregation);
        if (rules.DeepEquals(role.GetSequence("rules") ?? Sequence.Empty))
            return;
        try
        {
            var patch = new Map(1) { { "rules", rules } };
            await Context.Client.PatchAsync(new ResourceRequest(ClusterRoles, Name: key), PatchType.Merge, patch, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // The role went away: nothing to collect for.
        }
    }

    /// <summary>The rules of all matching roles, selector by selector, in the order of names, each once.</summary>
    private Sequence Collect(string name, Map aggregation)
    {
        var collected = new Sequence();
        foreach (var item in aggregation.GetSequence("clusterRoleSelectors") ?? Sequence.Empty)
        {
            if (!LabelSelector.TryFromMeta(item.AsMap, out var selector, out _))
                continue;
            var matching = _roles.List(selector).Where(r => ObjectMetaAccessor.GetName(r) != name);
            foreach (var role in matching.OrderBy(ObjectMetaAccessor.GetName, StringComparer.Ordinal))
            {
                foreach (var rule in role.GetSequence("rules") ?? Sequence.Empty)
                {
                    if (!collected.Contains(rule))
                        collected.Add(rule.DeepClone());
                }
            }
        }

        return collected;
    }

    private void EnqueueAggregated()
    {
        foreach (var role in _roles.List())
        {
            if (role.GetMap("aggregationRule") is not null)
                Queue.Add(ObjectMetaAccessor.GetName(role));
        }
    }
}
