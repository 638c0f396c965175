using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ComponentBase.Quota;
using GroupResource = KubeSharp.ApiMachinery.Schemas.GroupResource;

namespace KubeSharp.ComponentBase.Tests.Quota;

/// <summary>What objects use of quotas (pkg/quota/v1/evaluator/core/*_test.go, v1.36).</summary>
public sealed class QuotaEvaluatorTests
{
    private static readonly QuotaRegistry Registry = new(new ManualTimeProvider(), new ResourceClaimSources(
        () => [Parse("{metadata: {name: gpus}, spec: {extendedResourceName: example.com/gpu}}")], (_, _) => null, _ => []));

    [Theory]
    [InlineData("containers: [{resources: {requests: {cpu: 1m}, limits: {cpu: 2m}}}]", "count/pods=1,cpu=1m,limits.cpu=2m,pods=1,requests.cpu=1m")]
    [InlineData("containers: [{resources: {requests: {memory: 1M, ephemeral-storage: 5M, hugepages-2Mi: 2Mi}}}]", "count/pods=1,ephemeral-storage=5M,hugepages-2Mi=2Mi,memory=1M,pods=1,requests.ephemeral-storage=5M,requests.hugepages-2Mi=2Mi,requests.memory=1M")]
    [InlineData("containers: [{resources: {requests: {example.com/dongle: 3}, limits: {example.com/dongle: 3}}}]", "count/pods=1,pods=1,requests.example.com/dongle=3")]
    [InlineData("initContainers: [{resources: {requests: {cpu: 5}}}], containers: [{resources: {requests: {cpu: 2}}}, {resources: {requests: {cpu: 2}}}]", "count/pods=1,cpu=5,pods=1,requests.cpu=5")]
    [InlineData("initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 1}}}, {resources: {requests: {cpu: 2}}}], containers: [{resources: {requests: {cpu: 1}}}]", "count/pods=1,cpu=3,pods=1,requests.cpu=3")]
    [InlineData("overhead: {cpu: 1, memory: 1Gi}, containers: [{resources: {requests: {cpu: 1}, limits: {cpu: 2}}}]", "count/pods=1,cpu=2,limits.cpu=3,memory=1Gi,pods=1,requests.cpu=2,requests.memory=1Gi")]
    [InlineData("resources: {requests: {cpu: 7}}, containers: [{resources: {requests: {cpu: 1, memory: 1Gi}}}]", "count/pods=1,cpu=7,memory=1Gi,pods=1,requests.cpu=7,requests.memory=1Gi")]
    public void Pods_use_what_they_ask_for(string spec, string expected) => Assert.Equal(expected, Usage("pods", $"{{spec: {{{spec}}}}}"));

    [Theory]
    [InlineData("{metadata: {deletionTimestamp: '2001-01-01T00:00:00Z', deletionGracePeriodSeconds: 0}, spec: {containers: []}}")]
    [InlineData("{status: {phase: Failed}, spec: {containers: []}}")]
    public void Pods_that_are_over_only_count_as_objects(string pod) => Assert.Equal("count/pods=1", Usage("pods", pod));

    [Fact]
    public void A_pod_being_resized_uses_the_larger_size() => Assert.Equal(
        "count/pods=1,cpu=3,limits.cpu=4,pods=1,requests.cpu=3",
        Usage("pods", "{spec: {containers: [{name: c, resources: {requests: {cpu: 1}, limits: {cpu: 4}}}]}, status: {containerStatuses: [{name: c, allocatedResources: {cpu: 2}, resources: {requests: {cpu: 3}, limits: {cpu: 3}}}]}}"));

    [Theory]
    [InlineData("type: ClusterIP, ports: [{port: 1}]", "count/services=1,services=1,services.loadbalancers=0,services.nodeports=0")]
    [InlineData("type: NodePort, ports: [{port: 1}, {port: 2}]", "count/services=1,services=1,services.loadbalancers=0,services.nodeports=2")]
    [InlineData("type: LoadBalancer, ports: [{port: 1}, {port: 2}]", "count/services=1,services=1,services.loadbalancers=1,services.nodeports=2")]
    [InlineData("type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 1, nodePort: 9}, {port: 2}]", "count/services=1,services=1,services.loadbalancers=1,services.nodeports=1")]
    public void Services_use_ports_and_balancers(string spec, string expected) => Assert.Equal(expected, Usage("services", $"{{spec: {{{spec}}}}}"));

    [Theory]
    [InlineData("{spec: {resources: {requests: {storage: 10Gi}}}}", "count/persistentvolumeclaims=1,persistentvolumeclaims=1,requests.storage=10Gi")]
    [InlineData("{spec: {storageClassName: gold, resources: {requests: {storage: 1500m}}}}", "count/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/requests.storage=2,persistentvolumeclaims=1,requests.storage=2")]
    [InlineData("{spec: {resources: {requests: {storage: 10Gi}}}, status: {allocatedResources: {storage: 20Gi}}}", "count/persistentvolumeclaims=1,persistentvolumeclaims=1,requests.storage=20Gi")]
    public void Claims_use_storage(string claim, string expected) => Assert.Equal(expected, Usage("persistentvolumeclaims", claim));

    [Theory]
    [InlineData("{exactly: {deviceClassName: fpgas, allocationMode: ExactCount, count: 3}}", "count/resourceclaims.resource.k8s.io=1,fpgas.deviceclass.resource.k8s.io/devices=3,requests.deviceclass.resource.kubernetes.io/fpgas=3")]
    [InlineData("{exactly: {deviceClassName: gpus, allocationMode: All}}", "count/resourceclaims.resource.k8s.io=1,gpus.deviceclass.resource.k8s.io/devices=32,requests.deviceclass.resource.kubernetes.io/gpus=32,requests.example.com/gpu=32")]
    [InlineData("{firstAvailable: [{deviceClassName: fpgas, allocationMode: ExactCount, count: 2}, {deviceClassName: fpgas, allocationMode: ExactCount, count: 1}]}", "count/resourceclaims.resource.k8s.io=1,fpgas.deviceclass.resource.k8s.io/devices=2,requests.deviceclass.resource.kubernetes.io/fpgas=2")]
    public void Resource_claims_use_devices(string request, string expected) =>
        Assert.Equal(expected, Registry.For(new GroupResource("resource.k8s.io", "resourceclaims"))!.Usage(Parse($"{{spec: {{devices: {{requests: [{request}]}}}}}}")).ToString());

    [Fact]
    public void Other_objects_are_counted_and_events_are_not()
    {
        Assert.Equal("count/deployments.apps=1", Registry.For(new GroupResource("apps", "deployments"))!.Usage(Map.Empty).ToString());
        Assert.Equal("configmaps=1,count/configmaps=1", Usage("configmaps", "{}"));
        Assert.Null(Registry.For(new GroupResource("", "events")));
    }

    [Theory]
    [InlineData("containers: [{name: a, resources: {requests: {cpu: 1}}}, {name: b}], initContainers: [{name: c}]", "must specify cpu for: b,c; limits.memory for: a,b,c")]
    [InlineData("resources: {requests: {cpu: 1}}, containers: [{name: a}]", null)]
    public void Containers_state_what_quotas_limit(string spec, string? expected) =>
        Assert.Equal(expected, Registry.For(new GroupResource("", "pods"))!.Problem(["pods", "limits.memory", "cpu", "requests.ephemeral-storage"], Parse($"{{spec: {{{spec}}}}}")));

    [Theory]
    [InlineData("Terminating", "activeDeadlineSeconds: 5", true)]
    [InlineData("NotTerminating", "activeDeadlineSeconds: 5", false)]
    [InlineData("BestEffort", "containers: [{}]", true)]
    [InlineData("NotBestEffort", "containers: [{resources: {limits: {memory: 1}}}]", true)]
    [InlineData("PriorityClass", "priorityClassName: high", true)]
    [InlineData("PriorityClass", "containers: []", false)]
    [InlineData("CrossNamespacePodAffinity", "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{podAffinityTerm: {namespaceSelector: {}}}]}}", true)]
    [InlineData("CrossNamespacePodAffinity", "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a}]}}", false)]
    public void Scopes_select_pods(string scope, string spec, bool expected) =>
        Assert.Equal(expected, Registry.For(new GroupResource("", "pods"))!.IsInAllScopes(new ResourceQuota(Parse($"{{spec: {{scopes: [{scope}]}}}}")), Parse($"{{spec: {{{spec}}}}}")));

    [Theory]
    [InlineData("{scopeName: VolumeAttributesClass, operator: In, values: [gold]}", "{status: {currentVolumeAttributesClassName: gold}}", true)]
    [InlineData("{scopeName: VolumeAttributesClass, operator: In, values: [gold]}", "{spec: {volumeAttributesClassName: silver}}", false)]
    [InlineData("{scopeName: VolumeAttributesClass, operator: DoesNotExist}", "{spec: {}}", true)]
    [InlineData("{scopeName: VolumeAttributesClass, operator: NotIn, values: [gold]}", "{spec: {volumeAttributesClassName: gold}, status: {modifyVolumeStatus: {targetVolumeAttributesClassName: silver}}}", true)]
    public void Scopes_select_claims(string selector, string claim, bool expected) =>
        Assert.Equal(expected, Registry.For(new GroupResource("", "persistentvolumeclaims"))!.IsInAllScopes(new ResourceQuota(Parse($"{{spec: {{scopeSelector: {{matchExpressions: [{selector}]}}}}}}")), Parse(claim)));

    [Fact]
    public void A_difference_is_never_negative()
    {
        var before = ResourceList.From(new(Parse("{a: 5, b: 1, c: 2}")));
        var after = ResourceList.From(new(Parse("{a: 3, b: 4}")));
        Assert.Equal("a=0,b=3,c=0", after.MinusNonNegative(before).ToString());
        Assert.Equal(["b"], after.Exceeding(before));
    }

    private static string Usage(string resource, string obj) => Registry.For(new GroupResource("", resource))!.Usage(Parse(obj)).ToString();

    /// <summary>Quantities are text in objects, whatever YAML takes them for.</summary>
    private static Map Parse(string yaml) => Quote(YamlCodec.Decode(Encoding.UTF8.GetBytes(yaml)).AsMap!, false);

    private static Map Quote(Map map, bool inQuantities)
    {
        for (var i = 0; i < map.Count; i++)
        {
            var (key, value) = (map.KeyAt(i), map.ValueAt(i));
            var quantities = inQuantities || key is "requests" or "limits" or "overhead" or "allocatedResources" or "a" or "b" or "c";
            if (value.AsMap is { } child)
                Quote(child, quantities);
            else if (quantities && value.AsInteger is { } number)
                map.SetValueAt(i, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            foreach (var item in value.AsSequence ?? Sequence.Empty)
            {
                if (item.AsMap is { } element)
                    Quote(element, false);
            }
        }

        return map;
    }
}
