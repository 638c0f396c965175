using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Tests.Registry.OlderVersions;

/// <summary>What is made of objects that older servers have stored. Expected is what kube-apiserver v1.36 makes of the same input.</summary>
public sealed class OlderVersionsTests
{
    [Theory]
    [InlineData(
        "{kind: Deployment, apiVersion: apps/v1beta1, metadata: {name: x}, spec: {replicas: 1, rollbackTo: {revision: 3}}}",
        "{kind: Deployment, apiVersion: apps/v1beta1, metadata: {name: x, annotations: {deprecated.deployment.rollback.to: '3'}}, spec: {replicas: 1}}")]
    [InlineData(
        "{kind: Deployment, apiVersion: extensions/v1beta1, metadata: {name: x}, spec: {replicas: 1}}",
        "{kind: Deployment, apiVersion: extensions/v1beta1, metadata: {name: x}, spec: {replicas: 1}}")]
    [InlineData(
        "{kind: DaemonSet, apiVersion: extensions/v1beta1, metadata: {name: x}, spec: {templateGeneration: 5, minReadySeconds: 1}}",
        "{kind: DaemonSet, apiVersion: extensions/v1beta1, metadata: {name: x, annotations: {deprecated.daemonset.template.generation: '5'}}, spec: {minReadySeconds: 1}}")]
    [InlineData(
        "{kind: Ingress, apiVersion: networking.k8s.io/v1beta1, metadata: {name: x}, spec: {backend: {serviceName: s, servicePort: 80}, rules: [{host: h}, {http: {paths: [{path: /, backend: {serviceName: t, servicePort: web}}, {pathType: Exact, backend: {resource: {kind: K, name: n}}}]}}]}}",
        "{kind: Ingress, apiVersion: networking.k8s.io/v1beta1, metadata: {name: x}, spec: {defaultBackend: {service: {name: s, port: {number: 80}}}, rules: [{host: h}, {http: {paths: [{path: /, pathType: ImplementationSpecific, backend: {service: {name: t, port: {name: web}}}}, {pathType: Exact, backend: {resource: {kind: K, name: n}}}]}}]}}")]
    [InlineData(
        "{kind: EndpointSlice, apiVersion: discovery.k8s.io/v1beta1, metadata: {name: x}, endpoints: [{addresses: [a], nodeName: n1, topology: {topology.kubernetes.io/zone: z, kubernetes.io/hostname: n1, rack: r}}, {addresses: [b], nodeName: n1, topology: {kubernetes.io/hostname: n2}}, {addresses: [c], topology: {topology.kubernetes.io/zone: z}}, {addresses: [d]}]}",
        "{kind: EndpointSlice, apiVersion: discovery.k8s.io/v1beta1, metadata: {name: x}, endpoints: [{addresses: [a], nodeName: n1, zone: z, deprecatedTopology: {rack: r}}, {addresses: [b], nodeName: n1, deprecatedTopology: {kubernetes.io/hostname: n2}}, {addresses: [c], zone: z}, {addresses: [d]}]}")]
    [InlineData(
        "{kind: PriorityLevelConfiguration, apiVersion: flowcontrol.apiserver.k8s.io/v1beta1, metadata: {name: x}, spec: {type: Limited, limited: {assuredConcurrencyShares: 7}}}",
        "{kind: PriorityLevelConfiguration, apiVersion: flowcontrol.apiserver.k8s.io/v1beta1, metadata: {name: x}, spec: {type: Limited, limited: {nominalConcurrencyShares: 7}}}")]
    [InlineData(
        "{kind: PriorityLevelConfiguration, apiVersion: flowcontrol.apiserver.k8s.io/v1beta2, metadata: {name: x}, spec: {type: Limited, limited: {}}}",
        "{kind: PriorityLevelConfiguration, apiVersion: flowcontrol.apiserver.k8s.io/v1beta2, metadata: {name: x}, spec: {type: Limited, limited: {nominalConcurrencyShares: 30}}}")]
    [InlineData(
        "{kind: PriorityLevelConfiguration, apiVersion: flowcontrol.apiserver.k8s.io/v1beta3, metadata: {name: x}, spec: {type: Limited, limited: {}}}",
        "{kind: PriorityLevelConfiguration, apiVersion: flowcontrol.apiserver.k8s.io/v1beta3, metadata: {name: x}, spec: {type: Limited, limited: {nominalConcurrencyShares: 30}}}")]
    [InlineData(
        "{kind: PriorityLevelConfiguration, apiVersion: flowcontrol.apiserver.k8s.io/v1beta3, metadata: {name: x, annotations: {flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares: ''}}, spec: {type: Limited, limited: {}}}",
        "{kind: PriorityLevelConfiguration, apiVersion: flowcontrol.apiserver.k8s.io/v1beta3, metadata: {name: x}, spec: {type: Limited, limited: {nominalConcurrencyShares: 0}}}")]
    [InlineData(
        "{kind: RuntimeClass, apiVersion: node.k8s.io/v1alpha1, metadata: {name: x}, spec: {runtimeHandler: h, overhead: {podFixed: {cpu: 1m}}, scheduling: {nodeSelector: {a: b}}}}",
        "{kind: RuntimeClass, apiVersion: node.k8s.io/v1alpha1, metadata: {name: x}, handler: h, overhead: {podFixed: {cpu: 1m}}, scheduling: {nodeSelector: {a: b}}}")]
    [InlineData(
        "{kind: PodDisruptionBudget, apiVersion: policy/v1beta1, metadata: {name: x}, spec: {selector: {}}}",
        "{kind: PodDisruptionBudget, apiVersion: policy/v1beta1, metadata: {name: x}, spec: {selector: {matchExpressions: [{key: pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match, operator: Exists}]}}}")]
    [InlineData(
        "{kind: PodDisruptionBudget, apiVersion: policy/v1beta1, metadata: {name: x}, spec: {selector: {matchExpressions: [{key: pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match, operator: DoesNotExist}]}}}",
        "{kind: PodDisruptionBudget, apiVersion: policy/v1beta1, metadata: {name: x}, spec: {selector: {}}}")]
    [InlineData(
        "{kind: PodDisruptionBudget, apiVersion: policy/v1beta1, metadata: {name: x}, spec: {selector: {matchLabels: {a: b}, matchExpressions: [{key: pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match, operator: Exists}, {key: c, operator: Exists}]}}}",
        "{kind: PodDisruptionBudget, apiVersion: policy/v1beta1, metadata: {name: x}, spec: {selector: {matchLabels: {a: b}, matchExpressions: [{key: c, operator: Exists}]}}}")]
    [InlineData(
        "{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1alpha1, metadata: {name: x}, subjects: [{kind: User, apiVersion: rbac.authorization.k8s.io/v1alpha1, name: '*'}, {kind: ServiceAccount, apiVersion: v1, name: s, namespace: n}, {kind: Group, name: g}, {kind: Robot, apiVersion: r.io/v1, name: r}]}",
        "{kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1alpha1, metadata: {name: x}, subjects: [{kind: Group, name: system:authenticated, apiGroup: rbac.authorization.k8s.io}, {kind: ServiceAccount, name: s, namespace: n}, {kind: Group, name: g, apiGroup: rbac.authorization.k8s.io}, {kind: Robot, name: r, apiGroup: r.io}]}")]
    [InlineData(
        "{kind: Event, apiVersion: events.k8s.io/v1beta1, metadata: {name: x}, regarding: {kind: Pod, name: p}, note: n, reportingController: c, deprecatedCount: 2}",
        "{kind: Event, apiVersion: events.k8s.io/v1beta1, metadata: {name: x}, involvedObject: {kind: Pod, name: p}, message: n, reportingComponent: c, count: 2, source: {}, reportingInstance: '', firstTimestamp: null, lastTimestamp: null, eventTime: null}")]
    public void An_older_version_becomes_the_storage_version(string stored, string expected)
    {
        var tree = Parse(stored);
        var kind = GroupVersionKind.Of(tree);
        var converted = KubeSharp.ApiServer.Registry.OlderVersions.OlderVersions.Find(kind, kind with { Version = "v1" })!(tree);
        Assert.True(JsonNode.DeepEquals(Json(Parse(expected)), Json(converted)), Json(converted).ToJsonString());
    }

    private static Map Parse(string yaml) => YamlCodec.Decode(Encoding.UTF8.GetBytes(yaml)).AsMap!;

    private static JsonNode Json(Map tree)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        JsonEncoder.Encode(tree, buffer);
        return JsonNode.Parse(buffer.WrittenSpan)!;
    }
}
