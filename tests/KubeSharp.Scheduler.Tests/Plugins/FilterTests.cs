using KubeSharp.Scheduler.Framework;
using KubeSharp.Scheduler.Plugins;

namespace KubeSharp.Scheduler.Tests.Plugins;

/// <summary>Texts and outcomes of upstream's filter plugins (kubernetes/pkg/scheduler/framework/plugins/*/*_test.go).</summary>
public sealed class FilterTests
{
    private const string Affinity = "node(s) didn't match Pod's node affinity/selector";
    private const string Taint = "node(s) had untolerated taint(s)";
    private const string Ports = "node(s) didn't have free ports for the requested pod ports";

    [Theory]
    [InlineData("no name", "", "")]
    [InlineData("its name", "nodeName: n1", "")]
    [InlineData("another", "nodeName: n2", "node(s) didn't match the requested node name")]
    public void NodeNameFilters(string label, string pod, string reason) =>
        Check(label, new NodeName(), pod, Objects.NodeInfo("n1"), reason);

    [Theory]
    [InlineData("schedulable", "", "", "")]
    [InlineData("cordoned", "", "unschedulable: true", "node(s) were unschedulable")]
    [InlineData("tolerated", "tolerations: [{key: node.kubernetes.io/unschedulable, effect: NoSchedule}]", "unschedulable: true", "")]
    [InlineData("all tolerated", "tolerations: [{operator: Exists}]", "unschedulable: true", "")]
    public void NodeUnschedulableFilters(string label, string pod, string node, string reason) =>
        Check(label, new NodeUnschedulable(), pod, Objects.NodeInfo("n1", node), reason);

    [Theory]
    [InlineData("none", "", "", "")]
    [InlineData("untolerated", "", "{key: dedicated, value: user1, effect: NoSchedule}", Taint)]
    [InlineData("equal", "{key: dedicated, value: user1, effect: NoSchedule}", "{key: dedicated, value: user1, effect: NoSchedule}", "")]
    [InlineData("other value", "{key: dedicated, operator: Equal, value: user2, effect: NoSchedule}", "{key: dedicated, value: user1, effect: NoSchedule}", Taint)]
    [InlineData("exists", "{key: foo, operator: Exists, effect: NoSchedule}", "{key: foo, value: bar, effect: NoSchedule}", "")]
    [InlineData("other effect", "{key: foo, operator: Equal, value: bar, effect: PreferNoSchedule}", "{key: foo, value: bar, effect: NoSchedule}", Taint)]
    [InlineData("no execute", "", "{key: foo, effect: NoExecute}", Taint)]
    [InlineData("preference only", "", "{key: foo, effect: PreferNoSchedule}", "")]
    [InlineData("one of two", "{key: a, operator: Exists}", "{key: a, effect: NoSchedule}, {key: b, effect: NoSchedule}", Taint)]
    [InlineData("comparison is off", "{key: a, operator: Gt, value: '1'}", "{key: a, value: '2', effect: NoSchedule}", Taint)]
    public void TaintTolerationFilters(string label, string tolerations, string taints, string reason) =>
        Check(label, new TaintToleration(), $"tolerations: [{tolerations}]", Objects.NodeInfo("n1", $"taints: [{taints}]"), reason);

    [Theory]
    [InlineData("nothing wanted", "", "", "")]
    [InlineData("missing selector", "nodeSelector: {foo: bar}", "", Affinity)]
    [InlineData("selector", "nodeSelector: {foo: bar}", "foo: bar", "")]
    [InlineData("one of two", "nodeSelector: {foo: bar, baz: blah}", "foo: bar", Affinity)]
    [InlineData("in", "{matchExpressions: [{key: foo, operator: In, values: [bar, value2]}]}", "foo: bar", "")]
    [InlineData("greater", "{matchExpressions: [{key: version, operator: Gt, values: ['0204']}]}", "version: '0206'", "")]
    [InlineData("less", "{matchExpressions: [{key: version, operator: Lt, values: ['0204']}]}", "version: '0206'", Affinity)]
    [InlineData("not in", "{matchExpressions: [{key: mem, operator: NotIn, values: [a]}]}", "mem: b", "")]
    [InlineData("exists", "{matchExpressions: [{key: GPU, operator: Exists}]}", "GPU: x", "")]
    [InlineData("exists not", "{matchExpressions: [{key: GPU, operator: Exists}]}", "foo: bar", Affinity)]
    [InlineData("terms are alternatives", "{matchExpressions: [{key: a, operator: Exists}]}, {matchExpressions: [{key: foo, operator: Exists}]}", "foo: bar", "")]
    [InlineData("expressions add up", "{matchExpressions: [{key: a, operator: Exists}, {key: foo, operator: Exists}]}", "foo: bar", Affinity)]
    [InlineData("empty term", "{}", "foo: bar", Affinity)]
    [InlineData("name", "{matchFields: [{key: metadata.name, operator: In, values: [n1]}]}", "", "")]
    [InlineData("other name", "{matchFields: [{key: metadata.name, operator: In, values: [n2]}]}", "", Affinity)]
    [InlineData("not the name", "{matchFields: [{key: metadata.name, operator: NotIn, values: [n1]}]}", "", Affinity)]
    [InlineData("name or label", "{matchFields: [{key: metadata.name, operator: In, values: [n2]}]}, {matchExpressions: [{key: foo, operator: Exists}]}", "foo: bar", "")]
    public void NodeAffinityFilters(string label, string pod, string labels, string reason)
    {
        if (pod.StartsWith('{'))
            pod = $"affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{pod}]}}}}}}";
        Check(label, new NodeAffinity(), pod, Objects.NodeInfo("n1", labels: labels), reason);
    }

    [Theory]
    [InlineData("terms that exclude each other", "[n1], [n2]", "pod affinity terms conflict", null)]
    [InlineData("one name", "[n1]", "", "n1")]
    public void NodeAffinityLimitsNodes(string label, string names, string reason, string? limit)
    {
        var fields = string.Join(", ", names.Split(", ").Select(values => $"{{key: metadata.name, operator: In, values: {values}}}"));
        var pod = Objects.PodInfo(
            $"affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{{matchFields: [{fields}]}}]}}}}}}");
        var status = new NodeAffinity().PreFilter(new CycleState(), pod, out var nodeNames);
        Assert.True(status.Message == reason, label);
        if (limit is not null)
            Assert.Equal([limit], nodeNames!);
    }

    [Theory]
    [InlineData("none used", "{hostPort: 8080}", "", "")]
    [InlineData("same", "{hostPort: 8080}", "{hostPort: 8080, hostIP: 127.0.0.1}", Ports)]
    [InlineData("other protocol", "{hostPort: 8080, protocol: UDP}", "{hostPort: 8080, protocol: TCP}", "")]
    [InlineData("other address", "{hostPort: 8080, hostIP: 127.0.0.1}", "{hostPort: 8080, hostIP: 127.0.0.2}", "")]
    [InlineData("all addresses", "{hostPort: 8080, hostIP: 0.0.0.0}", "{hostPort: 8080, hostIP: 127.0.0.2}", Ports)]
    [InlineData("second port", "{hostPort: 8000}, {hostPort: 8080}", "{hostPort: 8080}", Ports)]
    [InlineData("container ports only", "{containerPort: 8080}", "{hostPort: 8080}", "")]
    public void NodePortsFilters(string label, string wanted, string used, string reason)
    {
        var node = Objects.NodeInfo("n1");
        node.AddPod(Objects.PodInfo($"containers: [{{name: c, ports: [{used}]}}]", "there"));
        Check(label, new NodePorts(), $"containers: [{{name: c, ports: [{wanted}]}}]", node, reason);
        node.RemovePod("uid-there");
        Check(label, new NodePorts(), $"containers: [{{name: c, ports: [{wanted}]}}]", node, "");
    }

    [Theory]
    [InlineData("nothing wanted", "", "cpu: 10m, memory: 20", "")]
    [InlineData("fits", "cpu: 1m, memory: 1", "cpu: 5m, memory: 5", "")]
    [InlineData("just fits", "cpu: 5m, memory: 1", "cpu: 5m, memory: 19", "")]
    [InlineData("both lack", "cpu: 1m, memory: 1", "cpu: 10m, memory: 20", "Insufficient cpu, Insufficient memory")]
    [InlineData("memory", "cpu: 1m, memory: 2", "cpu: 5m, memory: 19", "Insufficient memory")]
    [InlineData("storage", "ephemeral-storage: 25", "cpu: 1m", "Insufficient ephemeral-storage")]
    [InlineData("extended", "example.com/aaa: 6", "cpu: 1m", "Insufficient example.com/aaa")]
    [InlineData("extended in use", "example.com/aaa: 1", "example.com/aaa: 5", "Insufficient example.com/aaa")]
    [InlineData("extended free", "example.com/aaa: 1", "example.com/aaa: 4", "")]
    [InlineData("extended unknown", "example.com/bbb: 1", "cpu: 1m", "Insufficient example.com/bbb")]
    public void NodeResourcesFitFilters(string label, string wanted, string used, string reason)
    {
        var node = Objects.NodeInfo(
            "n1", status: "allocatable: {cpu: 10m, memory: 20, pods: 32, ephemeral-storage: 20, example.com/aaa: 5}");
        node.AddPod(Objects.PodInfo(Objects.Container(used), "there"));
        Check(label, new NodeResourcesFit(), Objects.Container(wanted), node, reason);
    }

    [Fact]
    public void NodeResourcesFitCountsPods()
    {
        var node = Objects.NodeInfo("n1", status: "allocatable: {cpu: 1, pods: 1}");
        node.AddPod(Objects.PodInfo("", "there"));
        Check("full", new NodeResourcesFit(), "", node, "Too many pods");
        Check("and too big", new NodeResourcesFit(), Objects.Container("cpu: 2"), node, "Too many pods, Insufficient cpu");
    }

    [Theory]
    [InlineData("more than the node has", "cpu: 11m", true)]
    [InlineData("more than is left", "cpu: 6m", false)]
    public void NodeResourcesFitSaysWhetherRoomCanBeMade(string label, string wanted, bool never)
    {
        var node = Objects.NodeInfo("n1", status: "allocatable: {cpu: 10m, memory: 20, pods: 32}");
        node.AddPod(Objects.PodInfo(Objects.Container("cpu: 5m"), "there"));
        var status = new NodeResourcesFit().Filter(new CycleState(), Objects.PodInfo(Objects.Container(wanted)), node);
        Assert.True((status.Code == Code.UnschedulableAndUnresolvable) == never, label);
    }

    [Fact]
    public void SchedulingGatesHoldPodsBack()
    {
        Assert.True(new SchedulingGates().PreEnqueue(Objects.PodInfo("")).IsSuccess);
        Assert.Equal(
            "waiting for scheduling gates: [foo bar]",
            new SchedulingGates().PreEnqueue(Objects.PodInfo("schedulingGates: [{name: foo}, {name: bar}]")).Message);
    }

    [Fact]
    public void FilteringAllocatesNothing()
    {
        var pod = Objects.PodInfo(Objects.Container("cpu: 5, memory: 1Gi"));
        var node = Objects.NodeInfo("n1", "taints: [{key: a, effect: PreferNoSchedule}]");
        IFilterPlugin[] plugins = [new NodeUnschedulable(), new NodeName(), new TaintToleration(), new NodePorts(), new NodeResourcesFit()];
        var state = new CycleState();
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            foreach (var plugin in plugins)
                plugin.Filter(state, pod, node);
        }
    }

    private static void Check(string label, IFilterPlugin plugin, string podSpec, NodeInfo node, string reason)
    {
        var pod = Objects.PodInfo(podSpec);
        var state = new CycleState();
        if (plugin is IPreFilterPlugin preFilter && preFilter.PreFilter(state, pod, out _).IsSkip)
        {
            Assert.True(reason.Length == 0, $"{label}: skipped");
            return;
        }

        var message = plugin.Filter(state, pod, node).Message;
        Assert.True(message == reason, $"{label}: {message}");
    }
}
