using KubeSharp.ComponentBase.Tests;
using KubeSharp.Scheduler.Cache;
using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Tests.Cache;

public sealed class SchedulerCacheTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Snapshot _snapshot = new();

    [Fact]
    public void AssumedPodsCountUntilForgotten()
    {
        var cache = new SchedulerCache(_time);
        cache.SetNode(Objects.Node("n1"));
        var pod = Objects.PodInfo(Objects.Container("cpu: 1")).WithNodeName("n1");
        Assert.True(cache.TryAssumePod(pod));
        Assert.False(cache.TryAssumePod(pod));
        Assert.Equal(1000, Used(cache));
        cache.ForgetPod(pod);
        Assert.Equal(0, Used(cache));
    }

    [Fact]
    public void ConfirmedPodsAreNotForgotten()
    {
        var cache = new SchedulerCache(_time);
        cache.SetNode(Objects.Node("n1"));
        var pod = Objects.PodInfo(Objects.Container("cpu: 1"));
        cache.TryAssumePod(pod.WithNodeName("n1"));
        cache.SetPod(Objects.PodInfo(Objects.Container("cpu: 1") + ", nodeName: n1"));
        cache.ForgetPod(pod);
        Assert.False(cache.IsAssumed(pod.Uid));
        Assert.Equal(1000, Used(cache));
    }

    [Fact]
    public void AssumedPodsExpireAfterTheirBinding()
    {
        var cache = new SchedulerCache(_time, TimeSpan.FromSeconds(30));
        cache.SetNode(Objects.Node("n1"));
        var pod = Objects.PodInfo(Objects.Container("cpu: 1")).WithNodeName("n1");
        cache.TryAssumePod(pod);
        _time.Advance(TimeSpan.FromMinutes(1));
        cache.CleanupExpiredAssumedPods();
        Assert.Equal(1000, Used(cache));
        cache.FinishBinding(pod);
        _time.Advance(TimeSpan.FromSeconds(30));
        cache.CleanupExpiredAssumedPods();
        Assert.Equal(0, Used(cache));
    }

    [Fact]
    public void PodsMayComeBeforeTheirNodeAndStayAfter()
    {
        var cache = new SchedulerCache(_time);
        cache.SetPod(Objects.PodInfo(Objects.Container("cpu: 1") + ", nodeName: n1"));
        cache.UpdateSnapshot(_snapshot);
        Assert.Empty(_snapshot.Nodes);
        cache.SetNode(Objects.Node("n1"));
        Assert.Equal(1000, Used(cache));
        cache.RemoveNode("n1");
        cache.UpdateSnapshot(_snapshot);
        Assert.Empty(_snapshot.Nodes);
        cache.SetNode(Objects.Node("n1"));
        Assert.Equal(1000, Used(cache));
    }

    [Fact]
    public void NodesAreListedInTurnsOfZones()
    {
        var cache = new SchedulerCache(_time);
        foreach (var (name, zone) in new[] { ("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c"), ("c2", "c") })
            cache.SetNode(Objects.Node(name, labels: $"topology.kubernetes.io/zone: {zone}"));
        cache.UpdateSnapshot(_snapshot);
        Assert.Equal(["a1", "b1", "c1", "a2", "c2", "a3"], _snapshot.Nodes.Select(node => node.Name));

        cache.SetNode(Objects.Node("a1", labels: "topology.kubernetes.io/zone: b"));
        cache.RemoveNode("c1");
        cache.UpdateSnapshot(_snapshot);
        Assert.Equal(["a2", "b1", "c2", "a3", "a1"], _snapshot.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void SnapshotsDoNotMove()
    {
        var cache = new SchedulerCache(_time);
        cache.SetNode(Objects.Node("n1"));
        cache.UpdateSnapshot(_snapshot);
        cache.TryAssumePod(Objects.PodInfo(Objects.Container("cpu: 1")).WithNodeName("n1"));
        Assert.Equal(0, _snapshot.Find("n1")!.Requested.MilliCpu);
    }

    private long Used(SchedulerCache cache)
    {
        cache.UpdateSnapshot(_snapshot);
        return _snapshot.Find("n1")!.Requested.MilliCpu;
    }
}
