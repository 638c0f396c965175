using KubeSharp.ApiMachinery.Views.Rbac.V1;
using KubeSharp.ApiServer.Cache;

namespace KubeSharp.ApiServer.Authorization.Rbac;

/// <summary>
/// All roles and bindings at one moment, resolved and indexed by subject. Immutable. Made anew when a role or binding
/// changed; what did not change is taken over from the snapshot before.
/// </summary>
internal sealed class RbacSnapshot
{
    private readonly CacheState _roles;
    private readonly CacheState _roleBindings;
    private readonly CacheState _clusterRoles;
    private readonly CacheState _clusterRoleBindings;
    private readonly Dictionary<string, (long Revision, PolicyRule[] Rules)> _rules;
    private readonly Dictionary<string, GrantsBySubject> _byNamespace = new(StringComparer.Ordinal);

    private RbacSnapshot(CacheState roles, CacheState roleBindings, CacheState clusterRoles, CacheState clusterRoleBindings, RbacSnapshot? previous)
    {
        _roles = roles;
        _roleBindings = roleBindings;
        _clusterRoles = clusterRoles;
        _clusterRoleBindings = clusterRoleBindings;
        _rules = previous is not null && previous._roles == roles && previous._clusterRoles == clusterRoles
            ? previous._rules
            : CompileRoles(previous?._rules);
        IndexBindings();
    }

    /// <summary>The grants of cluster role bindings.</summary>
    public GrantsBySubject Cluster { get; } = new();

    /// <summary>The grants of a namespace's role bindings, or null.</summary>
    public GrantsBySubject? Namespace(string @namespace) => _byNamespace.GetValueOrDefault(@namespace);

    /// <summary>The snapshot for these states: the given one when it is that already.</summary>
    public static RbacSnapshot Of(RbacCaches caches, RbacSnapshot? current)
    {
        var roles = caches.Roles.State;
        var roleBindings = caches.RoleBindings.State;
        var clusterRoles = caches.ClusterRoles.State;
        var clusterRoleBindings = caches.ClusterRoleBindings.State;
        return current is not null && ReferenceEquals(current._roles, roles) && ReferenceEquals(current._roleBindings, roleBindings)
            && ReferenceEquals(current._clusterRoles, clusterRoles) && ReferenceEquals(current._clusterRoleBindings, clusterRoleBindings)
            ? current
            : new RbacSnapshot(roles, roleBindings, clusterRoles, clusterRoleBindings, current);
    }

    /// <summary>The rules of a role (in a namespace) or cluster role (no namespace); null when there is none.</summary>
    public PolicyRule[]? RulesOf(string @namespace, string name) =>
        _rules.TryGetValue(@namespace.Length > 0 ? $"{@namespace}/{name}" : name, out var found) ? found.Rules : null;

    private Dictionary<string, (long Revision, PolicyRule[] Rules)> CompileRoles(Dictionary<string, (long Revision, PolicyRule[] Rules)>? previous)
    {
        var rules = new Dictionary<string, (long, PolicyRule[])>(_roles.Snapshot.Count + _clusterRoles.Snapshot.Count, StringComparer.Ordinal);
        foreach (var role in _clusterRoles.Snapshot)
            rules[role.Name] = Compile(role.Name, role, previous);
        foreach (var role in _roles.Snapshot)
        {
            var key = $"{role.Namespace}/{role.Name}";
            rules[key] = Compile(key, role, previous);
        }

        return rules;
    }

    private static (long, PolicyRule[]) Compile(string key, CachedObject role, Dictionary<string, (long Revision, PolicyRule[] Rules)>? previous) =>
        previous is not null && previous.TryGetValue(key, out var known) && known.Revision == role.Revision
            ? known
            : (role.Revision, PolicyRule.From(new ClusterRole(role.Tree()).Rules));

    private void IndexBindings()
    {
        foreach (var cached in _clusterRoleBindings.Snapshot)
            Index(Cluster, "ClusterRoleBinding", cached);
        foreach (var cached in _roleBindings.Snapshot)
        {
            if (!_byNamespace.TryGetValue(cached.Namespace, out var grants))
                _byNamespace.Add(cached.Namespace, grants = new GrantsBySubject());
            Index(grants, "RoleBinding", cached);
        }
    }

    private void Index(GrantsBySubject grants, string kind, CachedObject cached)
    {
        var binding = new RoleBinding(cached.Tree());
        var subjects = binding.Subjects;
        if (subjects.IsEmpty)
            return;
        var reference = binding.RoleRef;
        var (rules, error) = Resolve(reference, cached.Namespace);
        foreach (var subject in subjects)
        {
            var grant = new Grant(kind, cached.Name, cached.Namespace, reference.Kind, reference.Name, subject.Kind, subject.Name, subject.Namespace, rules, error);
            switch (subject.Kind)
            {
                case "User":
                    grants.Add(grants.Users, subject.Name, grant);
                    break;
                case "Group":
                    grants.Add(grants.Groups, subject.Name, grant);
                    break;
                case "ServiceAccount":
                    // A role binding means its own namespace when it names none.
                    var @namespace = subject.Namespace.Length > 0 ? subject.Namespace : cached.Namespace;
                    if (@namespace.Length > 0)
                        grants.Add(grants.Users, $"system:serviceaccount:{@namespace}:{subject.Name}", grant);
                    break;
            }
        }
    }

    private (PolicyRule[] Rules, string? Error) Resolve(RoleRef reference, string @namespace) => reference.Kind switch
    {
        "Role" => RulesOf(@namespace, reference.Name) is { } rules && @namespace.Length > 0 ? (rules, null) : ([], $"role.rbac.authorization.k8s.io \"{reference.Name}\" not found"),
        "ClusterRole" => RulesOf("", reference.Name) is { } rules ? (rules, null) : ([], $"clusterrole.rbac.authorization.k8s.io \"{reference.Name}\" not found"),
        _ => ([], $"unsupported role reference kind: {ApiMachinery.Text.GoText.Quote(reference.Kind)}"),
    };
}

/// <summary>The watch caches that RBAC decides on.</summary>
public sealed record RbacCaches(WatchCache Roles, WatchCache RoleBindings, WatchCache ClusterRoles, WatchCache ClusterRoleBindings);
