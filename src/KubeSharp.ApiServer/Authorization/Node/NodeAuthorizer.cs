using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authorization.Rbac;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Authorization.Node;

/// <summary>
/// Decides for kubelets: fixed rules, and for what belongs to pods only the pods of the node itself. Others are no business of
/// its. Source: plugin/pkg/auth/authorizer/node/node_authorizer.go, v1.36.
/// </summary>
internal sealed class NodeAuthorizer(NodeGraph graph, IReadOnlyList<PolicyRule> nodeRules) : IAuthorizer, IRuleResolver
{
    private const string LeaseNamespace = "kube-node-lease";

    private static readonly (Decision, string) Allowed = (Decision.Allow, "");

    public (Decision Decision, string Reason) Authorize(UserInfo user, RequestInfo request)
    {
        if (!NodeIdentity.TryGet(user, out var node))
            return No("");
        if (node.Length == 0)
            return No($"unknown node for user {ApiMachinery.Text.GoText.Quote(user.Name)}");
        if (request.IsResourceRequest && Subdivided(node, request) is { } decision)
            return decision;
        for (var i = 0; i < nodeRules.Count; i++)
        {
            if (nodeRules[i].Allows(request))
                return Allowed;
        }

        return No("");
    }

    public ResolvedRules RulesFor(UserInfo user, string @namespace) =>
        NodeIdentity.TryGet(user, out _) ? new([], "node authorizer does not support user rule resolution", Incomplete: true) : new([]);

    /// <summary>The decision on a resource that nodes share in parts; null for the others.</summary>
    private (Decision, string)? Subdivided(string node, RequestInfo request) => (request.ApiGroup, request.Resource) switch
    {
        ("", "secrets") => Read(node, Reference.Secret, request),
        ("", "configmaps") => Read(node, Reference.ConfigMap, request),
        ("", "persistentvolumeclaims") when request.Subresource == "status" => request.Verb is "update" or "patch"
            ? Related(node, Reference.PersistentVolumeClaim, request)
            : No("can only get/update/patch this type"),
        ("", "persistentvolumeclaims") => Get(node, Reference.PersistentVolumeClaim, request),
        ("", "persistentvolumes") => Get(node, Reference.PersistentVolume, request),
        ("resource.k8s.io", "resourceclaims") => Get(node, Reference.ResourceClaim, request),
        ("storage.k8s.io", "volumeattachments") => Get(node, Reference.VolumeAttachment, request),
        ("", "serviceaccounts") => ServiceAccount(node, request),
        ("coordination.k8s.io", "leases") => Lease(node, request),
        ("storage.k8s.io", "csinodes") => CsiNode(node, request),
        ("resource.k8s.io", "resourceslices") => ResourceSlice(node, request),
        ("", "nodes") => Node(node, request),
        ("", "pods") => Pod(node, request),
        ("certificates.k8s.io", "podcertificaterequests") => PodCertificateRequest(node, request),
        _ => null,
    };

    private (Decision, string) Get(string node, Reference type, RequestInfo request)
    {
        if (request.Verb != "get")
            return No("can only get individual resources of this type");
        return request.Subresource.Length > 0 ? No("cannot get subresource") : Related(node, type, request);
    }

    private (Decision, string) Read(string node, Reference type, RequestInfo request)
    {
        if (request.Verb is not ("get" or "list" or "watch"))
            return No("can only read resources of this type");
        if (request.Subresource.Length > 0)
            return No("cannot read subresource");
        return request.Namespace.Length == 0 ? No("can only read namespaced object of this type") : Related(node, type, request);
    }

    private (Decision, string) Related(string node, Reference type, RequestInfo request)
    {
        if (request.Name.Length == 0)
            return No("No Object name found");
        return graph.HasPath(node, type, request.Namespace, request.Name) ? Allowed : No($"no relationship found between node '{node}' and this object");
    }

    private (Decision, string) ServiceAccount(string node, RequestInfo request)
    {
        if (request.Verb == "get" && request.Subresource.Length == 0)
            return Read(node, Reference.ServiceAccount, request);
        if (request.Verb != "create" || request.Name.Length == 0)
            return No("can only create tokens for individual service accounts");
        return request.Subresource != "token" ? No("can only create token subresource of serviceaccount") : Related(node, Reference.ServiceAccount, request);
    }

    private static (Decision, string) Lease(string node, RequestInfo request)
    {
        if (request.Verb is not ("get" or "create" or "update" or "patch" or "delete"))
            return No("can only get, create, update, patch, or delete a node lease");
        if (request.Namespace != LeaseNamespace)
            return No($"can only access leases in the \"{LeaseNamespace}\" system namespace");
        return request.Verb != "create" && request.Name != node ? No("can only access node lease with the same name as the requesting node") : Allowed;
    }

    private static (Decision, string) CsiNode(string node, RequestInfo request)
    {
        if (request.Verb is not ("get" or "create" or "update" or "patch" or "delete"))
            return No("can only get, create, update, patch, or delete a CSINode");
        if (request.Subresource.Length > 0)
            return No("cannot authorize CSINode subresources");
        return request.Verb != "create" && request.Name != node ? No("can only access CSINode with the same name as the requesting node") : Allowed;
    }

    private (Decision, string) ResourceSlice(string node, RequestInfo request)
    {
        if (request.Subresource.Length > 0)
            return No("cannot authorize ResourceSlice subresources");
        return request.Verb switch
        {
            "create" => Allowed,
            "get" or "update" or "patch" or "delete" => Related(node, Reference.ResourceSlice, request),
            "watch" or "list" or "deletecollection" => Selects(request, node)
                ? Allowed
                : No("can only list/watch/deletecollection resourceslices with nodeName field selector"),
            _ => No("only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection"),
        };
    }

    private (Decision, string) PodCertificateRequest(string node, RequestInfo request)
    {
        if (request.Subresource.Length > 0)
            return No("nodes may not access the status subresource of PodCertificateRequests");
        return request.Verb switch
        {
            "create" => Allowed,
            "get" => Related(node, Reference.PodCertificateRequest, request),
            "list" or "watch" => Selects(request, node) ? Allowed : No("can only list/watch podcertificaterequests with nodeName field selector"),
            _ => No($"nodes may not {request.Verb} podcertificaterequests"),
        };
    }

    private static (Decision, string) Node(string node, RequestInfo request) => (request.Subresource, request.Verb) switch
    {
        ("", "create" or "update" or "patch") or ("status", "update" or "patch") => Allowed,
        ("", "get" or "list" or "watch") when request.Name == node => Allowed,
        ("", "get" or "list" or "watch") when request.Name.Length == 0 => No($"node '{node}' cannot read all nodes, only its own Node object"),
        ("", "get" or "list" or "watch") => No($"node '{node}' cannot read '{request.Name}', only its own Node object"),
        _ => No(""),
    };

    private (Decision, string) Pod(string node, RequestInfo request) => (request.Subresource, request.Verb) switch
    {
        ("", "get") => Get(node, Reference.Pod, request),
        ("", "list" or "watch") when Selects(request, node) => Allowed,
        ("", "list" or "watch") when request.Name.Length > 0 => Related(node, Reference.Pod, request),
        ("", "list" or "watch") => No("can only list/watch pods with spec.nodeName field selector"),
        ("", "create" or "delete") or ("status", "update" or "patch") or ("eviction", "create") => Allowed,
        _ => No(""),
    };

    /// <summary>Whether the field selector asks for this node's objects only.</summary>
    private static bool Selects(RequestInfo request, string node)
    {
        foreach (var term in request.FieldSelector.Split(','))
        {
            if (term.StartsWith("spec.nodeName=", StringComparison.Ordinal) && term.AsSpan("spec.nodeName=".Length).TrimStart('=').SequenceEqual(node))
                return true;
        }

        return false;
    }

    private static (Decision, string) No(string reason) => (Decision.NoOpinion, reason);
}
