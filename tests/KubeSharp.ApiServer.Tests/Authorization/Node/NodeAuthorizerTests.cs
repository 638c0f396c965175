using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Authorization.Node;
using KubeSharp.ApiServer.Authorization.Rbac;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Tests.Authorization.Node;

/// <summary>What a node may (plugin/pkg/auth/authorizer/node/node_authorizer_test.go; reasons from node_authorizer.go).</summary>
public sealed class NodeAuthorizerTests
{
    private const string Pod = """
        {"metadata":{"name":"p","namespace":"ns","uid":"u"},"spec":{"nodeName":"n1","serviceAccountName":"sa",
        "imagePullSecrets":[{"name":"pull"}],"containers":[{"name":"c","env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"key","key":"k"}}}],
        "envFrom":[{"configMapRef":{"name":"env"}}]}],"volumes":[{"name":"v","secret":{"secretName":"vol"}},{"name":"c","persistentVolumeClaim":{"claimName":"pvc"}}]}}
        """;

    private const string Volume = """
        {"metadata":{"name":"pv"},"spec":{"claimRef":{"namespace":"ns","name":"pvc"},"csi":{"driver":"d","nodePublishSecretRef":{"namespace":"other","name":"csi"},"controllerPublishSecretRef":{"namespace":"other","name":"controller"}}}}
        """;

    private static readonly NodeAuthorizer Authorizer = Create();

    [Theory]
    [InlineData("get", "", "secrets", "", "ns", "pull", null)]
    [InlineData("list", "", "secrets", "", "ns", "key", null)]
    [InlineData("watch", "", "secrets", "", "ns", "vol", null)]
    [InlineData("get", "", "secrets", "", "other", "csi", null)]
    [InlineData("get", "", "secrets", "", "other", "controller", "no relationship found between node 'n1' and this object")]
    [InlineData("get", "", "secrets", "", "ns", "foreign", "no relationship found between node 'n1' and this object")]
    [InlineData("update", "", "secrets", "", "ns", "pull", "can only read resources of this type")]
    [InlineData("list", "", "secrets", "", "ns", "", "No Object name found")]
    [InlineData("list", "", "secrets", "", "", "", "can only read namespaced object of this type")]
    [InlineData("get", "", "configmaps", "", "ns", "env", null)]
    [InlineData("get", "", "persistentvolumeclaims", "", "ns", "pvc", null)]
    [InlineData("list", "", "persistentvolumeclaims", "", "ns", "pvc", "can only get individual resources of this type")]
    [InlineData("update", "", "persistentvolumeclaims", "status", "ns", "pvc", null)]
    [InlineData("get", "", "persistentvolumes", "", "", "pv", null)]
    [InlineData("create", "", "serviceaccounts", "token", "ns", "sa", null)]
    [InlineData("create", "", "serviceaccounts", "token", "ns", "default", "no relationship found between node 'n1' and this object")]
    [InlineData("update", "coordination.k8s.io", "leases", "", "kube-node-lease", "n1", null)]
    [InlineData("update", "coordination.k8s.io", "leases", "", "kube-node-lease", "n2", "can only access node lease with the same name as the requesting node")]
    [InlineData("get", "coordination.k8s.io", "leases", "", "ns", "n1", "can only access leases in the \"kube-node-lease\" system namespace")]
    [InlineData("get", "", "nodes", "", "", "n1", null)]
    [InlineData("get", "", "nodes", "", "", "n2", "node 'n1' cannot read 'n2', only its own Node object")]
    [InlineData("list", "", "nodes", "", "", "", "node 'n1' cannot read all nodes, only its own Node object")]
    [InlineData("get", "", "pods", "", "ns", "p", null)]
    [InlineData("list", "", "pods", "", "", "", "can only list/watch pods with spec.nodeName field selector")]
    [InlineData("delete", "", "nodes", "", "", "n1", "")]
    [InlineData("list", "", "services", "", "", "", null)]
    public void Decides(string verb, string group, string resource, string subresource, string ns, string name, string? refusal)
    {
        var request = new RequestInfo { IsResourceRequest = true, Path = "", Verb = verb, ApiGroup = group, Resource = resource, Subresource = subresource, Namespace = ns, Name = name };
        var (decision, reason) = Authorizer.Authorize(new UserInfo("system:node:n1", "", ["system:nodes"]), request);
        Assert.Equal(refusal is null ? Decision.Allow : Decision.NoOpinion, decision);
        Assert.Equal(refusal ?? "", reason);
    }

    [Fact]
    public void A_selector_for_the_own_pods_is_enough()
    {
        var request = new RequestInfo { IsResourceRequest = true, Path = "", Verb = "watch", Resource = "pods", FieldSelector = "status.phase=Running,spec.nodeName=n1" };
        Assert.Equal(Decision.Allow, Authorizer.Authorize(new UserInfo("system:node:n1", "", ["system:nodes"]), request).Decision);
        Assert.Equal(Decision.NoOpinion, Authorizer.Authorize(new UserInfo("system:node:n2", "", ["system:nodes"]), request).Decision);
        Assert.Equal((Decision.NoOpinion, ""), Authorizer.Authorize(new UserInfo("system:node:n1", "", []), request));
    }

    private static NodeAuthorizer Create()
    {
        var graph = new NodeGraph();
        graph.Apply(Reference.Pod, "ns", "p", Parse(Pod), deleted: false);
        graph.Apply(Reference.PersistentVolume, "", "pv", Parse(Volume), deleted: false);
        // Another node's pod comes and goes.
        var other = Parse(Pod);
        other.EditMap("spec").Set("nodeName", "n2");
        graph.Apply(Reference.Pod, "ns", "q", other, deleted: false);
        graph.Apply(Reference.Pod, "ns", "q", other, deleted: true);
        Assert.False(graph.HasPath("n2", Reference.Secret, "ns", "pull"));
        return new NodeAuthorizer(graph, BootstrapPolicy.RulesOf("system:node"));
    }

    private static Map Parse(string json) => ApiMachinery.Codecs.JsonDecoder.DecodeValue(System.Text.Encoding.UTF8.GetBytes(json)).AsMap!;
}
