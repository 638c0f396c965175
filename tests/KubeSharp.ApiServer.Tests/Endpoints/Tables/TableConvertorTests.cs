using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Endpoints.Tables;
using Xunit;

namespace KubeSharp.ApiServer.Tests.Endpoints.Tables;

/// <summary>Rows as upstream prints them; the cases are those of pkg/printers/internalversion/printers_test.go, v1.36.</summary>
public class TableConvertorTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 1, 12, 0, 0, TimeSpan.Zero);

    private const string Two = "spec: {containers: [{}, {}]}\n";
    private const string RunningReady = "{ready: true, restartCount: 3, state: {running: {}}}";
    private const string Completed = "{ready: true, restartCount: 3, state: {terminated: {reason: Completed, exitCode: 0}}}";

    public static TheoryData<string, string, string> Pods => new()
    {
        { "counts ready containers and restarts", Two + $"status: {{phase: podPhase, containerStatuses: [{RunningReady}, {{restartCount: 3}}]}}", "1/2|podPhase|6" },
        { "a waiting reason hides the phase", Two + $"status: {{phase: podPhase, containerStatuses: [{RunningReady}, {{restartCount: 3, state: {{waiting: {{reason: ContainerWaitingReason}}}}}}]}}", "1/2|ContainerWaitingReason|6" },
        { "the first container outranks the rest", Two + "status: {phase: podPhase, containerStatuses: [{restartCount: 3, state: {waiting: {reason: First}}}, {restartCount: 3, state: {terminated: {reason: Second}}}]}", "0/2|First|6" },
        { "ready without running does not count", Two + $"status: {{phase: podPhase, containerStatuses: [{RunningReady}, {{ready: true, restartCount: 3}}]}}", "1/2|podPhase|6" },
        { "the pod's reason", Two + $"status: {{reason: podReason, phase: podPhase, containerStatuses: [{RunningReady}, {{ready: true, restartCount: 3}}]}}", "1/2|podReason|6" },
        { "one completed, one running, not ready", Two + $"status: {{phase: Running, containerStatuses: [{Completed}, {RunningReady}]}}", "1/2|NotReady|6" },
        { "one completed, one running, ready", Two + $"status: {{phase: Running, containerStatuses: [{Completed}, {RunningReady}], conditions: [{{type: Ready, status: \"True\"}}]}}", "1/2|Running|6" },
        { "an init container is restarting", "spec: {initContainers: [{}], containers: [{}]}\nstatus: {phase: podPhase, initContainerStatuses: [{restartCount: 3, state: {running: {}}, lastState: {terminated: {finishedAt: \"2026-04-01T11:59:50Z\"}}}], containerStatuses: [{state: {waiting: {}}}]}", "0/1|Init:0/1|3 (10s ago)" },
        { "an init container failed by signal", "spec: {initContainers: [{}], containers: [{}]}\nstatus: {initContainerStatuses: [{state: {terminated: {exitCode: 1, signal: 9}}}]}", "0/1|Init:Signal:9|0" },
        { "a sidecar counts", "spec: {initContainers: [{name: s, restartPolicy: Always}], containers: [{}]}\nstatus: {phase: Running, initContainerStatuses: [{name: s, ready: true, started: true, restartCount: 2, state: {running: {}}}], containerStatuses: [{ready: true, state: {running: {}}}]}", "2/2|Running|2" },
        { "being deleted", "metadata: {deletionTimestamp: \"2026-04-01T11:59:50Z\"}\nspec: {containers: [{}]}\nstatus: {phase: Running}", "0/1|Terminating|0" },
        { "being deleted on a lost node", "metadata: {deletionTimestamp: \"2026-04-01T11:59:50Z\"}\nspec: {containers: [{}]}\nstatus: {phase: Running, reason: NodeLost}", "0/1|Unknown|0" },
        { "a finished pod being deleted keeps its state", "metadata: {deletionTimestamp: \"2026-04-01T11:59:50Z\"}\nspec: {containers: [{}]}\nstatus: {phase: Failed}", "0/1|Failed|0" },
        { "scheduling is gated", "spec: {containers: [{}]}\nstatus: {phase: podPhase, conditions: [{type: PodScheduled, status: \"False\", reason: SchedulingGated}]}", "0/1|SchedulingGated|0" },
    };

    [Theory]
    [MemberData(nameof(Pods))]
    public void PodRow(string label, string yaml, string expected)
    {
        var cells = Cells("", "pods", yaml);

        Assert.True(expected == string.Join('|', cells.Skip(1).Take(3)), $"{label}: {string.Join('|', cells)}");
    }

    public static TheoryData<string, string, string, string> Rows => new()
    {
        { "", "services", "metadata: {name: svc}\nspec: {type: LoadBalancer, clusterIPs: [1.4.2.3], ports: [{port: 80, nodePort: 9999, protocol: TCP}], selector: {b: x, a: z}}\nstatus: {loadBalancer: {ingress: [{ip: 2.3.4.5}, {hostname: h}]}}", "svc|LoadBalancer|1.4.2.3|2.3.4.5,h|80:9999/TCP|<unknown>|a=z,b=x" },
        { "", "services", "metadata: {name: svc}\nspec: {type: LoadBalancer}", "svc|LoadBalancer|<none>|<pending>|<none>|<unknown>|<none>" },
        { "", "nodes", "metadata: {name: node, labels: {kubernetes.io/role: one, node-role.kubernetes.io/two: \"\", node-role.kubernetes.io/: x}}\nspec: {unschedulable: true}\nstatus: {conditions: [{type: Ready, status: \"False\"}], nodeInfo: {kernelVersion: k, architecture: amd64}}", "node|NotReady,SchedulingDisabled|one,two|<unknown>||<none>|<none>|<unknown>|k (amd64)|<unknown>" },
        { "", "events", "metadata: {name: e}\ntype: Warning\nreason: R\nmessage: \" m \"\nsource: {component: kubelet, host: n1}\ninvolvedObject: {kind: Pod, name: p, fieldPath: f}\nfirstTimestamp: \"2026-04-01T11:00:00Z\"\nlastTimestamp: \"2026-04-01T11:57:55Z\"\ncount: 6", "2m5s|Warning|R|pod/p|f|kubelet, n1|m|60m|6|e" },
        { "", "events", "metadata: {name: e}\neventTime: \"2026-04-01T11:59:00.000000Z\"\nreportingComponent: c\nseries: {count: 2, lastObservedTime: \"2026-04-01T11:59:59.000000Z\"}\ninvolvedObject: {kind: Pod}", "1s|||pod||c||60s|2|e" },
        { "", "endpoints", "metadata: {name: e}\nsubsets: [{addresses: [{ip: 1.2.3.4}, {ip: \"fd00::1\"}], ports: [{port: 80}, {port: 81}]}]", "e|1.2.3.4:80,[fd00::1]:80,1.2.3.4:81 + 1 more...|<unknown>" },
        { "", "resourcequotas", "metadata: {name: q}\nstatus: {hard: {limits.cpu: \"2\", requests.cpu: \"1\", pods: \"4\"}, used: {pods: \"1\"}}", "q|pods: 1/4, requests.cpu: 0/1|limits.cpu: 0/2|<unknown>" },
        { "", "persistentvolumeclaims", "metadata: {name: c}\nspec: {volumeName: v, storageClassName: sc}\nstatus: {phase: Bound, capacity: {storage: 4Gi}, accessModes: [ReadWriteMany, ReadWriteOnce]}", "c|Bound|v|4Gi|RWO,RWX|sc|<unset>|<unknown>|<unset>" },
        { "apps", "deployments", "metadata: {name: d}\nspec: {replicas: 5, selector: {matchLabels: {foo: bar}}, template: {spec: {containers: [{name: a, image: i}, {name: b, image: j}]}}}\nstatus: {updatedReplicas: 2, readyReplicas: 4, availableReplicas: 1}", "d|4/5|2|1|<unknown>|a,b|i,j|foo=bar" },
        { "apps", "controllerrevisions", "metadata: {name: r, ownerReferences: [{controller: true, apiVersion: apps/v1, kind: DaemonSet, name: foo}]}\nrevision: 1", "r|daemonset.apps/foo|1|<unknown>" },
        { "batch", "jobs", "metadata: {name: j}\nspec: {parallelism: 3}\nstatus: {succeeded: 1, startTime: \"2026-04-01T11:00:00Z\", completionTime: \"2026-04-01T11:10:00Z\", conditions: [{type: Complete, status: \"True\"}]}", "j|Complete|1/1 of 3|10m|<unknown>|||<none>" },
        { "autoscaling", "horizontalpodautoscalers", "metadata: {name: h}\nspec: {scaleTargetRef: {kind: Deployment, name: d}, minReplicas: 2, maxReplicas: 10, metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 80}}}, {type: Pods, pods: {target: {averageValue: 100m}}}, {type: Pods}]}\nstatus: {currentReplicas: 4, currentMetrics: [{type: Resource, resource: {current: {averageUtilization: 50}}}]}", "h|Deployment/d|cpu: 50%/80%, <unknown>/100m + 1 more...|2|10|4|<unknown>" },
        { "networking.k8s.io", "ingresses", "metadata: {name: i}\nspec: {ingressClassName: c, tls: [{}], rules: [{host: a}, {host: b}, {host: c}, {host: d}]}", "i|c|a,b,c + 1 more...||80, 443|<unknown>" },
        { "policy", "poddisruptionbudgets", "metadata: {name: p}\nspec: {minAvailable: 50%}\nstatus: {disruptionsAllowed: 5}", "p|50%|N/A|5|<unknown>" },
        { "apiregistration.k8s.io", "apiservices", "metadata: {name: v1.}\nspec: {version: v1}\nstatus: {conditions: [{type: Available, status: \"True\", reason: Local}]}", "v1.|Local|True|<unknown>" },
        { "apiregistration.k8s.io", "apiservices", "metadata: {name: v1.g}\nspec: {service: {namespace: ns, name: s}}\nstatus: {conditions: [{type: Available, status: \"False\", reason: MissingEndpoints}]}", "v1.g|ns/s|False (MissingEndpoints)|<unknown>" },
        { "apiregistration.k8s.io", "apiservices", "metadata: {name: v1.h}\nspec: {service: {namespace: ns, name: s}}", "v1.h|ns/s|Unknown|<unknown>" },
        { "resource.k8s.io", "resourcepoolstatusrequests", "metadata: {name: r}\nspec: {driver: d}", "r|d|-|-|-|-|-|0|Pending|<none>" },
        { "resource.k8s.io", "resourcepoolstatusrequests", "metadata: {name: r}\nspec: {driver: d}\nstatus: {poolCount: 3, conditions: [{type: Complete, status: \"True\", lastTransitionTime: \"2026-04-01T11:59:50Z\"}], pools: [{totalDevices: 4, availableDevices: 3, allocatedDevices: 1, unavailableDevices: 0}, {validationError: e}]}", "r|d|4|3|1|0|1|3|Complete (2/3 pools)|10s" },
        { "resource.k8s.io", "resourcepoolstatusrequests", "metadata: {name: r}\nspec: {driver: d}\nstatus: {poolCount: 1, conditions: [{type: Failed, status: \"True\"}]}", "r|d|-|-|-|-|-|1|Failed|<none>" },
        { "rbac.authorization.k8s.io", "rolebindings", "metadata: {name: b}\nroleRef: {kind: Role, name: r}\nsubjects: [{kind: User, name: u}, {kind: User, name: v}, {kind: ServiceAccount, namespace: ns, name: sa}]", "b|Role/r|<unknown>|u, v||ns/sa" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row(string group, string resource, string yaml, string expected) =>
        Assert.Equal(expected, string.Join('|', Cells(group, resource, yaml)));

    [Theory]
    [InlineData(-2, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData((7 * 3600) + 3599, "7h59m")]
    [InlineData(47 * 3600, "47h")]
    [InlineData(49 * 3600, "2d1h")]
    [InlineData(8 * 86400, "8d")]
    [InlineData(729 * 86400, "729d")]
    [InlineData(731 * 86400, "2y1d")]
    [InlineData(8 * 365 * 86400, "8y")]
    public void Durations(long seconds, string expected) =>
        // -2 s is the first to be told apart: apimachinery/pkg/util/duration/duration_test.go.
        Assert.Equal(expected, CellText.HumanDuration(TimeSpan.FromSeconds(seconds)));

    private static string[] Cells(string group, string resource, string yaml)
    {
        var convertor = TableConvertors.For(group, resource);
        var cells = new Sequence();
        var obj = YamlCodec.Decode(Encoding.UTF8.GetBytes(yaml)).AsMap!;
        convertor.AddCells(obj, Now, cells);
        Assert.Equal(convertor.Columns.Count, cells.Count);
        if (convertor.Reads is { } paths)
        {
            // What it says that it reads is all that lists decode for it.
            var schema = BuiltInSchema.Find(new GroupVersionKind(group, "v1", KubeSharp.ApiServer.Registry.BuiltInResources.All.First(r => r.Group == group && r.Resource == resource).Kind))!;
            var json = new ArrayBufferWriter<byte>();
            JsonEncoder.Encode(obj, json);
            var message = new ArrayBufferWriter<byte>();
            ProtobufEncoder.Encode(JsonDecoder.Decode(json.WrittenSpan, schema, new JsonDecodeOptions()).Root!, schema, message);
            var fromFew = new Sequence();
            convertor.AddCells(ProtobufDecoder.Decode(message.WrittenSpan, ProjectedSchema.Of(schema, paths), null).Root!, Now, fromFew);
            Assert.Equal(cells.Select(cell => cell.ToString()), fromFew.Select(cell => cell.ToString()));
        }

        return [.. cells.Select(cell => cell.AsString ?? cell.ToString())];
    }
}
