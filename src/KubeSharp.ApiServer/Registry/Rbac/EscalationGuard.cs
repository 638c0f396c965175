using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Views.Rbac.V1;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Authorization.Rbac;
using KubeSharp.ApiServer.Endpoints;
using PolicyRule = KubeSharp.ApiServer.Authorization.Rbac.PolicyRule;

namespace KubeSharp.ApiServer.Registry.Rbac;

/// <summary>
/// Nobody grants what he does not have: roles need their own permissions or the verb <c>escalate</c>, bindings those of
/// the role or the verb <c>bind</c>. It stands in the admission chain, behind all plugins that change objects, because that is
/// where upstream's storage wraps the check around a write; it cannot be turned off.
/// Source: pkg/registry/rbac/{escalation_check.go,*/policybased/storage.go,validation/rule.go}, v1.36.
/// </summary>
public sealed class EscalationGuard(IAuthorizer authorizer, RbacAuthorizer rbac, IReadOnlyList<Cache.StoreFeed> feeds) : IAdmissionPlugin
{
    private const string Group = "rbac.authorization.k8s.io";

    private static readonly PolicyRule[] FullAuthority = [new(["*"], ["*"], ["*"], [], []), new(["*"], [], [], [], ["*"])];

    public string Name => "RBACEscalation";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public async ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Resource.Group != Group || attributes.Subresource.Length > 0 || attributes.Object is not { } obj)
            return;
        if (attributes.Context.User.IsIn(UserInfo.PrivilegedGroup) || (attributes.OldObject is { } old && ChangesOnlyGarbageCollection(obj, old)))
            return;
        if (attributes.Resource.Resource is "roles" or "clusterroles")
            await CheckRoleAsync(attributes, obj, cancellationToken).ConfigureAwait(false);
        else
            await CheckBindingAsync(attributes, obj, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CheckRoleAsync(AdmissionAttributes attributes, Map obj, CancellationToken cancellationToken)
    {
        var info = attributes.Context.Info;
        if (IsAllowed(attributes, "escalate", Group, info.Resource, info.Name, info.Namespace))
            return;
        await WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
        var role = new ClusterRole(obj);
        Confirm(attributes, PolicyRule.From(role.Rules), null);
        if (Aggregates(role) || (attributes.OldObject is { } old && Aggregates(new ClusterRole(old))))
            Confirm(attributes, FullAuthority, "must have cluster-admin privileges to use the aggregationRule");
    }

    /// <summary>The rules must be those of now.</summary>
    private async ValueTask WaitForCurrentAsync(CancellationToken cancellationToken)
    {
        foreach (var feed in feeds)
            await feed.WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CheckBindingAsync(AdmissionAttributes attributes, Map obj, CancellationToken cancellationToken)
    {
        var reference = new RoleBinding(obj).RoleRef;
        var @namespace = attributes.Namespace;
        var resource = reference.Kind switch { "ClusterRole" => "clusterroles", "Role" => "roles", _ => "" };
        if (resource.Length > 0 && IsAllowed(attributes, "bind", reference.APIGroup, resource, reference.Name, @namespace))
            return;
        await WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
        if (resource.Length == 0)
            throw StatusErrors.InternalError($"unsupported role reference kind: {GoText.Quote(reference.Kind)}");
        var rules = resource == "roles" && @namespace.Length == 0 ? null : rbac.RulesOf(resource == "roles" ? @namespace : "", reference.Name);
        if (rules is null)
            throw StatusErrors.NotFound(new GroupResource(Group, resource), reference.Name);
        Confirm(attributes, rules, null);
    }

    private bool IsAllowed(AdmissionAttributes attributes, string verb, string group, string resource, string name, string @namespace)
    {
        var request = new RequestInfo { IsResourceRequest = true, Path = "", Verb = verb, ApiGroup = group, ApiVersion = "*", Resource = resource, Name = name, Namespace = @namespace };
        return authorizer.Authorize(attributes.Context.User, request).Decision == Decision.Allow;
    }

    /// <exception cref="StatusException">403 with the permissions that the user lacks, or with <paramref name="message"/>.</exception>
    private void Confirm(AdmissionAttributes attributes, IReadOnlyList<PolicyRule> rules, string? message)
    {
        var user = attributes.Context.User;
        var owned = rbac.RulesFor(user, attributes.Namespace);
        var missing = RuleCoverage.Missing(owned.Rules, rules);
        if (missing.Count == 0)
            return;
        if (message is null)
        {
            message = $"user {GoText.Quote(user.Name)} (groups={RuleCoverage.Quoted(user.Groups)}) is attempting to grant RBAC permissions not currently held:\n{RuleCoverage.Describe(missing)}";
            if (owned.Error is { } error)
                message += $"; resolution errors: [{error}]";
        }

        var name = attributes.Object?.GetMap("metadata")?.GetString("name") ?? "";
        throw StatusErrors.Forbidden(attributes.Resource.GroupResource, name, message);
    }

    private static bool Aggregates(ClusterRole role) => role.AggregationRule.ClusterRoleSelectors.Count > 0;

    /// <summary>Whether nothing differs but what the garbage collector changes (pkg/registry/rbac/helpers.go IsOnlyMutatingGCFields).</summary>
    internal static bool ChangesOnlyGarbageCollection(Map obj, Map old)
    {
        var copy = obj.ShallowClone();
        var metadata = copy.EditMap("metadata");
        foreach (var field in (ReadOnlySpan<string>)["ownerReferences", "finalizers", "managedFields"])
        {
            var value = old.GetMap("metadata")?[field] ?? default;
            if (value.IsUndefined)
                metadata.Remove(field);
            else
                metadata.Set(field, value);
        }

        return copy.DeepEquals(old);
    }
}
