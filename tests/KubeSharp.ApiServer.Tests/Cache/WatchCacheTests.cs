using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Registry.Core;

namespace KubeSharp.ApiServer.Tests.Cache;

/// <summary>The cache against the plainest thing that has the same meaning, over random changes of pods.</summary>
public sealed class WatchCacheTests
{
    private static readonly string[] Namespaces = ["a", "b", "b-c"];
    private static readonly string[] Names = [.. Enumerable.Range(0, 40).Select(i => $"p{i}")];
    private static readonly string[] Nodes = ["", "n1", "n2", "n3"];

    private static readonly ApiResource Pods = BuiltInResources.All.First(r => r is { Group: "", Resource: "pods" });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_index_has_what_the_snapshot_has(int seed)
    {
        var (cache, model) = (NewCache(), new SortedDictionary<string, (string Node, long Revision)>(StringComparer.Ordinal));
        foreach (var change in Changes(cache, seed, 2000))
        {
            cache.Apply(change);
            if (change.Type == WatchEventType.Deleted)
                model.Remove(change.Object.Key);
            else
                model[change.Object.Key] = (change.Object.Fields[0], change.Revision);
        }

        Assert.NotEmpty(model);
        Assert.Equal(model.Select(m => (m.Key, m.Value.Revision)), cache.Snapshot.Select(c => (c.Key, c.Revision)));
        Assert.Equal(model.Count, cache.Snapshot.Count);
        foreach (var node in Nodes)
        {
            Assert.Equal(model.Where(m => m.Value.Node == node).Select(m => (m.Key, m.Value.Revision)), cache.State.Index![node].Select(c => (c.Key, c.Revision)));
            Assert.Equal(model.Count(m => m.Value.Node == node), cache.State.Index![node].Count);
        }

        // Filled from the store instead of by changes, it is the same.
        var refilled = NewCache();
        refilled.Replace([.. cache.Snapshot], [], cache.State.Revision);
        foreach (var node in Nodes)
            Assert.Equal(cache.State.Index![node].Select(c => c.Key), refilled.State.Index![node].Select(c => c.Key));
    }

    public static TheoryData<string, string, string?> Scopes => new()
    {
        { "", "", null },
        { "b", "", null },
        { "", "p7", null },
        { "b", "p7", null },
        { "", "", "n2" },
        { "", "", "" },
        { "b", "", "n1" },
    };

    [Theory]
    [MemberData(nameof(Scopes))]
    public void A_watcher_is_offered_all_that_its_scope_touches(string @namespace, string name, string? node)
    {
        var cache = NewCache();
        var (watcher, _) = cache.Watch(null, int.MaxValue, new WatchScope(@namespace, name, node));
        var (all, _) = cache.Watch(null, int.MaxValue, WatchScope.All);
        foreach (var change in Changes(cache, 7, 1500))
            cache.Apply(change);

        Assert.Equal(2, cache.WatcherCount);
        var wanted = Drain(all).Where(change => Concerns(change)).Select(change => change.Revision).ToList();
        Assert.NotEmpty(wanted);
        // What else it is offered, its reader passes over.
        Assert.Equal(wanted, Drain(watcher).Where(change => Concerns(change)).Select(change => change.Revision));
        watcher.Dispose();
        all.Dispose();
        Assert.Equal(0, cache.WatcherCount);

        bool Concerns(WatchCacheEvent change) =>
            (@namespace.Length == 0 || change.Object.Namespace == @namespace) && (name.Length == 0 || change.Object.Name == name)
            && (node is null || change.Object.Fields[0] == node || change.Previous?.Fields[0] == node);
    }

    [Fact]
    public void A_watch_of_one_node_is_not_offered_the_pods_of_others()
    {
        var cache = NewCache();
        var (watcher, _) = cache.Watch(null, int.MaxValue, new WatchScope("", "", "n2"));
        foreach (var change in Changes(cache, 7, 1500))
            cache.Apply(change);

        Assert.All(Drain(watcher), change => Assert.Contains("n2", new[] { change.Object.Fields[0], change.Previous?.Fields[0] }));
    }

    [Fact]
    public void A_full_watcher_is_ended_and_forgotten()
    {
        var cache = NewCache();
        var (slow, _) = cache.Watch(null, 3, WatchScope.All);
        var (other, _) = cache.Watch(null, int.MaxValue, new WatchScope("", "", "n1"));
        foreach (var change in Changes(cache, 1, 50))
            cache.Apply(change);

        Assert.Equal(3, Drain(slow).Count);
        Assert.Equal(1, cache.WatcherCount);
        Assert.NotEmpty(Drain(other));
    }

    [Fact]
    public void Changes_are_kept_for_75_seconds_whatever_the_wall_clock_does()
    {
        var time = new Storage.Tests.ManualTime();
        var cache = NewCache(time);
        foreach (var change in Changes(cache, 1, 150))
            cache.Apply(change);
        time.StepWallClock(TimeSpan.FromHours(1));
        time.Advance(TimeSpan.FromSeconds(75));
        foreach (var change in Changes(cache, 2, 1, after: 150, at: TimeSpan.FromSeconds(75)))
            cache.Apply(change);
        Assert.Equal(150, Drain(cache.Watch(1, int.MaxValue, WatchScope.All).Watcher).Count);

        time.StepWallClock(TimeSpan.FromHours(-3));
        time.Advance(TimeSpan.FromSeconds(1));
        foreach (var change in Changes(cache, 3, 1, after: 151, at: TimeSpan.FromSeconds(76)))
            cache.Apply(change);
        // A hundred changes stay in any case.
        Assert.Throws<StatusException>(() => cache.Watch(1, int.MaxValue, WatchScope.All));
        Assert.Equal(100, Drain(cache.Watch(52, int.MaxValue, WatchScope.All).Watcher).Count);
    }

    private static List<WatchCacheEvent> Drain(CacheWatcher watcher)
    {
        var changes = new List<WatchCacheEvent>();
        while (watcher.TryRead(out var change))
            changes.Add(change);
        return changes;
    }

    /// <summary>Changes that fit what is in the cache when each is asked for.</summary>
    private static IEnumerable<WatchCacheEvent> Changes(WatchCache cache, int seed, int count, long after = 0, TimeSpan at = default)
    {
        var random = new Random(seed);
        for (var revision = after + 1; revision <= after + count; revision++)
        {
            var (ns, name) = (Namespaces[random.Next(Namespaces.Length)], Names[random.Next(Names.Length)]);
            var key = $"{cache.KeyPrefix}{ns}/{name}";
            var previous = cache.Snapshot.Find(key);
            if (previous is not null && random.Next(3) == 0)
            {
                yield return new WatchCacheEvent(WatchEventType.Deleted, revision, previous.AtRevision(revision), previous, at);
                continue;
            }

            var pod = new Map
            {
                { "metadata", new Map { { "name", name }, { "namespace", ns } } },
                { "spec", new Map { { "nodeName", Nodes[random.Next(Nodes.Length)] }, { "containers", new Sequence() } } },
            };
            var cached = CachedObject.ForWrite(cache.Codec, key, pod);
            cached.Complete(revision);
            yield return new WatchCacheEvent(previous is null ? WatchEventType.Added : WatchEventType.Modified, revision, cached, previous, at);
        }
    }

    private static WatchCache NewCache(TimeProvider? time = null) =>
        new("/registry/pods/", new ObjectCodec(Pods, BuiltInSchema.Find(Pods.StorageKind)!, new PodStrategy()), time ?? TimeProvider.System);
}
