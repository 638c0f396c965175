using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authorization.Node;
using KubeSharp.ApiServer.Authorization.Rbac;
using KubeSharp.ApiServer.Endpoints;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Authorization;

/// <summary>
/// The authorizers that <c>--authorization-mode</c> names, in its order, behind the privileged group
/// (pkg/kubeapiserver/authorizer/reload.go, v1.36).
/// </summary>
/// <param name="Authorizer">All of them as one.</param>
/// <param name="Rbac">RBAC's rules, which also guard grants; present whether or not the mode is on.</param>
/// <param name="RuleResolvers">Who can list rules, in order.</param>
/// <param name="RunAsync">Follows the caches until cancelled, where an authorizer needs that.</param>
public sealed record AuthorizerChain(UnionAuthorizer Authorizer, RbacAuthorizer Rbac, IReadOnlyList<IRuleResolver> RuleResolvers, Func<CancellationToken, Task> RunAsync)
{
    internal static AuthorizerChain Build(ApiServerOptions options, ServedResources resources)
    {
        Cache.WatchCache CacheOf(string group, string resource) => resources.All.First(r => r.Resource.Group == group && r.Resource.Resource == resource).Store.Cache;
        Cache.WatchCache Rules(string resource) => CacheOf("rbac.authorization.k8s.io", resource);
        Func<CancellationToken, Task> run = _ => Task.CompletedTask;
        var rbac = new RbacAuthorizer(new RbacCaches(Rules("roles"), Rules("rolebindings"), Rules("clusterroles"), Rules("clusterrolebindings")));
        var authorizers = new List<IAuthorizer> { new PrivilegedGroupAuthorizer() };
        if (options.AuthorizationAlwaysAllowPaths.Count > 0)
            authorizers.Add(new AlwaysAllowPathsAuthorizer(options.AuthorizationAlwaysAllowPaths));
        foreach (var mode in options.AuthorizationModes)
        {
            switch (mode)
            {
                case "Node":
                    var graph = new NodeGraph();
                    authorizers.Add(new NodeAuthorizer(graph, BootstrapPolicy.RulesOf("system:node")));
                    run = token => Task.WhenAll(
                        graph.FollowAsync(CacheOf("", "pods"), Reference.Pod, token),
                        graph.FollowAsync(CacheOf("", "persistentvolumes"), Reference.PersistentVolume, token),
                        graph.FollowAsync(CacheOf("storage.k8s.io", "volumeattachments"), Reference.VolumeAttachment, token),
                        graph.FollowAsync(CacheOf("resource.k8s.io", "resourceslices"), Reference.ResourceSlice, token));
                    break;
                case "RBAC":
                    authorizers.Add(rbac);
                    break;
                case "AlwaysAllow":
                    authorizers.Add(new AlwaysAllowAuthorizer());
                    break;
                case "AlwaysDeny":
                    authorizers.Add(new AlwaysDenyAuthorizer());
                    break;
            }
        }

        return new AuthorizerChain(new UnionAuthorizer(authorizers), rbac, [.. authorizers.OfType<IRuleResolver>()], run);
    }
}

/// <summary>Everybody may do everything (authorizerfactory.NewAlwaysAllowAuthorizer).</summary>
public sealed class AlwaysAllowAuthorizer : IAuthorizer, IRuleResolver
{
    private static readonly PolicyRule[] Everything = [new(["*"], ["*"], ["*"], [], []), new(["*"], [], [], [], ["*"])];

    public (Decision Decision, string Reason) Authorize(UserInfo user, RequestInfo request) => (Decision.Allow, "");

    public ResolvedRules RulesFor(UserInfo user, string @namespace) => new(Everything);
}

/// <summary>Nobody may do anything (authorizerfactory.NewAlwaysDenyAuthorizer).</summary>
public sealed class AlwaysDenyAuthorizer : IAuthorizer, IRuleResolver
{
    public (Decision Decision, string Reason) Authorize(UserInfo user, RequestInfo request) => (Decision.NoOpinion, "Everything is forbidden.");

    public ResolvedRules RulesFor(UserInfo user, string @namespace) => new([]);
}
