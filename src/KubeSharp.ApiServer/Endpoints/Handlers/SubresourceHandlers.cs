using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Endpoints.Handlers.Reviews;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Serving;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>Handlers of subresources other than status, and of resources that are never stored.</summary>
internal static class SubresourceHandlers
{
    public static void Register(VerbHandlers verbs, WriteFlow flow, AuthenticatorChain authentication, AuthorizerChain authorization, ApiServerOptions options, ServerCertificates certificates, TimeProvider time)
    {
        foreach (var scalable in (ReadOnlySpan<string>)["deployments.apps", "replicasets.apps", "statefulsets.apps", "replicationcontrollers"])
        {
            var scale = new ScaleHandler(flow);
            foreach (var verb in (ReadOnlySpan<string>)["get", "update", "patch"])
                verbs.Add(scalable, "scale", verb, scale);
        }

        var binding = new BindingHandler(flow);
        verbs.Add("pods", "binding", "create", binding);
        verbs.Add("bindings", "", "create", binding);
        foreach (var subresource in (ReadOnlySpan<string>)["ephemeralcontainers", "resize"])
        {
            verbs.Add("pods", subresource, "get", new GetHandler());
            verbs.Add("pods", subresource, "update", new UpdateHandler(flow));
            verbs.Add("pods", subresource, "patch", new PatchHandler(flow));
        }

        verbs.Add("pods", "eviction", "create", new EvictionHandler(flow));
        verbs.Add("namespaces", "finalize", "update", new NamespaceFinalizeHandler(flow));
        var approval = new ApprovalHandler(flow);
        foreach (var verb in (ReadOnlySpan<string>)["get", "update", "patch"])
            verbs.Add("certificatesigningrequests.certificates.k8s.io", "approval", verb, approval);
        verbs.Add("serviceaccounts", "token", "create", new TokenRequestHandler(flow, options, certificates.TokenKeys, time));
        verbs.Add("selfsubjectreviews.authentication.k8s.io", "", "create", new SelfSubjectReviewHandler(flow, time));
        verbs.Add("tokenreviews.authentication.k8s.io", "", "create", new TokenReviewHandler(flow, authentication.Tokens));
        verbs.Add("selfsubjectrulesreviews.authorization.k8s.io", "", "create", new SelfSubjectRulesReviewHandler(flow, authorization.RuleResolvers));
        var access = new AccessReviewHandler(flow, authorization.Authorizer);
        verbs.Add("selfsubjectaccessreviews.authorization.k8s.io", "", "create", access);
        verbs.Add("subjectaccessreviews.authorization.k8s.io", "", "create", access);
        verbs.Add("localsubjectaccessreviews.authorization.k8s.io", "", "create", access);
    }
}
