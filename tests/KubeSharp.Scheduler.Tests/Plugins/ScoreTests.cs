using KubeSharp.Scheduler.Framework;
using KubeSharp.Scheduler.Plugins;

namespace KubeSharp.Scheduler.Tests.Plugins;

/// <summary>Scores of upstream's test tables (kubernetes/pkg/scheduler/framework/plugins/*/*_test.go).</summary>
public sealed class ScoreTests
{
    private const string BothHalves = "cpu: 3000m, memory: 5000";

    [Theory]
    [InlineData("differently sized nodes", BothHalves, 4000, 10000, "", 68)]
    [InlineData("larger node", BothHalves, 6000, 10000, "", 75)]
    [InlineData("CPU in use", BothHalves, 10000, 20000, "cpu: 3000m", 73)]
    [InlineData("both in use", BothHalves, 10000, 20000, BothHalves, 74)]
    [InlineData("much memory", BothHalves, 10000, 50000, BothHalves, 70)]
    [InlineData("evens out", "memory: 5000", 3000, 5000, "cpu: 3000m", 100)]
    [InlineData("unbalances", "memory: 5000", 3000, 5000, "", 50)]
    [InlineData("at capacity", "cpu: 3000m", 6000, 10000, "cpu: 3000m", 62)]
    [InlineData("at capacity, both", "cpu: 3000m", 6000, 10000, BothHalves, 62)]
    public void BalancedAllocation(string label, string wanted, int cpu, int memory, string used, long expected)
    {
        var score = new NodeResourcesBalancedAllocation().Score(new CycleState(), Objects.PodInfo(Objects.Container(wanted)), Sized(cpu, memory, used));
        Assert.True(score == expected, $"{label}: {score}");
    }

    [Fact]
    public void BalancedAllocationSkipsPodsThatRequestNothing() =>
        Assert.True(new NodeResourcesBalancedAllocation().PreScore(new CycleState(), Objects.PodInfo("containers: [{name: c}]"), [], new Snapshot()).IsSkip);

    // least_allocated_test.go; requests that are missing count as 100m and 200 MiB.
    [Theory]
    [InlineData("differently sized nodes", BothHalves, 4000, 10000, "", 37)]
    [InlineData("larger node", BothHalves, 6000, 10000, "", 50)]
    [InlineData("both in use", BothHalves, 10000, 20000, BothHalves, 45)]
    public void LeastAllocated(string label, string wanted, int cpu, int memory, string used, long expected)
    {
        var score = new NodeResourcesFit().Score(new CycleState(), Objects.PodInfo(Objects.Container(wanted)), Sized(cpu, memory, used));
        Assert.True(score == expected, $"{label}: {score}");
    }

    [Theory]
    [InlineData("as they are", false, new long[] { 1, 2, 3, 4 }, new long[] { 25, 50, 75, 100 })]
    [InlineData("reverse", true, new long[] { 1, 2, 3, 4 }, new long[] { 75, 50, 25, 0 })]
    [InlineData("zeros", false, new long[] { 0, 0 }, new long[] { 0, 0 })]
    [InlineData("zeros reverse", true, new long[] { 0, 0 }, new long[] { 100, 100 })]
    public void Normalize(string label, bool reverse, long[] scores, long[] expected)
    {
        DefaultNormalizeScore.Apply(scores, reverse);
        Assert.True(scores.SequenceEqual(expected), label);
    }

    [Fact]
    public void TaintTolerationCountsPreferences()
    {
        var plugin = new TaintToleration();
        var pod = Objects.PodInfo("tolerations: [{key: cpu-type, operator: Equal, value: arm64, effect: PreferNoSchedule}]");
        var state = new CycleState();
        plugin.PreScore(state, pod, [], new Snapshot());
        long[] scores =
        [
            plugin.Score(state, pod, Objects.NodeInfo("a")),
            plugin.Score(state, pod, Objects.NodeInfo("b", "taints: [{key: cpu-type, value: arm64, effect: PreferNoSchedule}]")),
            plugin.Score(state, pod, Objects.NodeInfo("c", "taints: [{key: cpu-type, value: arm64, effect: PreferNoSchedule}, {key: disk-type, value: ssd, effect: PreferNoSchedule}]")),
        ];
        Assert.Equal([0, 0, 1], scores);
        plugin.NormalizeScore(scores);
        Assert.Equal([100, 100, 0], scores);
    }

    [Fact]
    public void NodeAffinityAddsWeights()
    {
        var plugin = new NodeAffinity();
        var pod = Objects.PodInfo(
            "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: ["
            + "{weight: 2, preference: {matchExpressions: [{key: foo, operator: In, values: [bar]}]}}, "
            + "{weight: 4, preference: {matchExpressions: [{key: key, operator: In, values: [value]}]}}]}}");
        var state = new CycleState();
        Assert.True(plugin.PreScore(state, pod, [], new Snapshot()).IsSuccess);
        Assert.Equal(2, plugin.Score(state, pod, Objects.NodeInfo("a", labels: "foo: bar")));
        Assert.Equal(6, plugin.Score(state, pod, Objects.NodeInfo("b", labels: "foo: bar, key: value")));
        Assert.Equal(0, plugin.Score(state, pod, Objects.NodeInfo("c", labels: "az: az1")));
    }

    // image_locality_test.go: 250 MB on one node of two: (125 MB - 23 MB) of (2000 MB - 23 MB).
    [Fact]
    public void ImageLocalityWeighsSizeAndSpread()
    {
        var nodes = new[]
        {
            Objects.NodeInfo("n1", status: $"images: [{{names: ['gcr.io/40:latest'], sizeBytes: {40L << 20}}}]"),
            Objects.NodeInfo("n2", status: $"images: [{{names: ['gcr.io/250:latest'], sizeBytes: {250L << 20}}}]"),
        };
        var snapshot = new Snapshot();
        foreach (var node in nodes)
            snapshot.Update(node);
        snapshot.SetOrder(["n1", "n2"]);
        var plugin = new ImageLocality();
        var pod = Objects.PodInfo("containers: [{name: a, image: gcr.io/40}, {name: b, image: gcr.io/250}]");
        var state = new CycleState();
        plugin.PreScore(state, pod, nodes, snapshot);
        Assert.Equal(0, plugin.Score(state, pod, nodes[0]));
        Assert.Equal(5, plugin.Score(state, pod, nodes[1]));
    }

    private static NodeInfo Sized(int cpu, int memory, string used)
    {
        var node = Objects.NodeInfo("n", status: $"allocatable: {{cpu: {cpu}m, memory: {memory}, pods: 110}}");
        if (used.Length > 0)
            node.AddPod(Objects.PodInfo(Objects.Container(used), "there"));
        return node;
    }
}
