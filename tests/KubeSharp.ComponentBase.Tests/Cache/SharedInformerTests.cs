using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.ComponentBase.Tests.Cache;

public sealed class SharedInformerTests : IAsyncDisposable
{
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");

    private readonly FakeApiServer _api = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Recorder _heard = new();
    private readonly SharedInformer _informer;
    private Task _running = Task.CompletedTask;

    public SharedInformerTests() => _informer = new SharedInformer(
        _api, new ResourceRequest(Pods), new ListOptions(), _time, NullLogger.Instance, new Random(1));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task ListsThenFollowsChangesInOrder()
    {
        await CreateAsync("1");
        var registration = _informer.AddHandler(_heard);
        await StartAsync();
        await registration.Synced;
        Assert.Equal(["initially a/1"], _heard.Lines);
        Assert.True(_informer.HasSynced);

        await CreateAsync("2");
        await UpdateAsync("1", "x");
        await DeleteAsync("2");
        await HeardAsync(4);
        Assert.Equal(["initially a/1", "added a/2", "updated a/1", "deleted a/2"], _heard.Lines);
        Assert.Equal("x", _informer.Lister.Get("a", "1")!.GetString("mark"));
        Assert.Null(_informer.Lister.Get("a", "2"));
    }

    [Fact]
    public async Task TheStoreIsChangedBeforeHandlersHear()
    {
        var seen = new ConcurrentQueue<string?>();
        _informer.AddHandler(new ResourceEventHandler { OnUpdated = (_, obj) => seen.Enqueue(_informer.Lister.Get("a", ObjectMetaAccessor.GetName(obj))?.GetString("mark")) });
        await CreateAsync("1");
        await StartAsync();
        await UpdateAsync("1", "x");
        await Eventually.TrueAsync(() => !seen.IsEmpty, "the update");
        Assert.Equal(["x"], seen);
    }

    [Fact]
    public async Task AHandlerAddedLateHearsOfAllThereIs()
    {
        await CreateAsync("1");
        await StartAsync();
        var registration = _informer.AddHandler(_heard);
        await registration.Synced.WaitAsync(_stop.Token);
        await CreateAsync("2");
        await HeardAsync(2);
        Assert.Equal(["initially a/1", "added a/2"], _heard.Lines);
        registration.Remove();
        await CreateAsync("3");
        await Eventually.TrueAsync(() => _informer.Lister.Get("a/3") is not null, "the pod in the store");
        Assert.Equal(2, _heard.Lines.Count);
    }

    [Fact]
    public async Task AWatchThatEndsGoesOnWhereItWasWithoutListing()
    {
        _informer.AddHandler(_heard);
        await StartAsync();
        await CreateAsync("1");
        await HeardAsync(1);
        _time.Advance(TimeSpan.FromMinutes(6));
        _api.EndWatches();
        await CreateAsync("2");
        await HeardAsync(2);
        Assert.Equal(["added a/1", "added a/2"], _heard.Lines);
        Assert.Single(_api.Requests, request => request.Verb == "list");
    }

    [Fact]
    public async Task ABookmarkMovesTheRevisionThatTheNextWatchStartsFrom()
    {
        await StartAsync();
        _api.SendBookmarks();
        await Eventually.TrueAsync(() => _informer.LastSyncResourceVersion == "101", "the bookmark");
        _api.Compact();
        _time.Advance(TimeSpan.FromMinutes(6));
        _api.EndWatches();
        await Eventually.TrueAsync(() => Watches().Count == 2, "the second watch");
        Assert.Equal(["100", "101"], Watches().Select(options => options.ResourceVersion));
        Assert.All(Watches(), options => Assert.True(options.AllowWatchBookmarks));
        Assert.All(Watches(), options => Assert.InRange(options.Timeout!.Value, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public async Task AnExpiredWatchListsAnewAndTellsTheDifference()
    {
        await CreateAsync("gone");
        await CreateAsync("kept");
        _informer.AddHandler(_heard);
        await StartAsync();
        await HeardAsync(2);

        // The watch breaks; by the time that the client is back, what it missed is no longer in the server's history.
        var armed = _time.ArmedCount;
        _api.OnRequest = (verb, _, _) =>
        {
            if (verb == "watch")
                throw new HttpRequestException("connection refused");
        };
        _time.Advance(TimeSpan.FromMinutes(6));
        _api.EndWatches();
        await _time.WaitForArmedAsync(armed + 1);
        await DeleteAsync("gone");
        await CreateAsync("new");
        _api.Compact();
        _api.OnRequest = null;
        await AdvanceUntilAsync(() => _heard.Lines.Count == 5);

        Assert.Equal(["updated a/kept", "added a/new", "lost a/gone"], _heard.Lines.Skip(2));
        Assert.Equal(["0", "102"], Lists().Select(options => options.ResourceVersion));
    }

    [Fact]
    public async Task FailingListsAreRetriedWithGrowingDelays()
    {
        var refuse = true;
        _api.OnRequest = (_, _, _) =>
        {
            if (Volatile.Read(ref refuse))
                throw new HttpRequestException("connection refused");
        };
        _running = _informer.RunAsync(_stop.Token);
        foreach (var milliseconds in new[] { 800, 1600, 3200, 6400, 12800, 25600, 30000 })
        {
            await Eventually.TrueAsync(() => _time.UntilNextTimer is not null, "a delay");
            var delay = _time.UntilNextTimer!.Value;
            Assert.InRange(delay.TotalMilliseconds, milliseconds, milliseconds * 2);
            if (milliseconds == 30000)
                Volatile.Write(ref refuse, false);
            _time.Advance(delay);
        }

        await _informer.Synced.WaitAsync(_stop.Token);
    }

    [Fact]
    public async Task ListsByPages()
    {
        for (var i = 0; i < 1203; i++)
            await CreateAsync($"{i:D4}");
        await StartAsync();
        Assert.Equal(1203, _informer.Indexer.Count);
        Assert.Equal([("", 500L), ("500", 500L), ("1000", 500L)], Lists().Select(options => (options.Continue, options.Limit)));
    }

    [Fact]
    public async Task APageThatExpiredLeadsToOneWholeList()
    {
        for (var i = 0; i < 700; i++)
            await CreateAsync($"{i:D4}");
        _api.OnRequest = (verb, _, detail) =>
        {
            if (verb == "list" && detail is ListOptions { Continue.Length: > 0 })
                throw StatusErrors.ResourceExpired("The provided continue parameter is too old");
        };
        await StartAsync();
        Assert.Equal(700, _informer.Indexer.Count);
        Assert.Equal(0, Lists()[^1].Limit);
    }

    [Fact]
    public async Task ResyncTellsOfEveryObjectAsUpdated()
    {
        await CreateAsync("1");
        var registration = _informer.AddHandler(_heard, TimeSpan.FromMinutes(1));
        await StartAsync();
        await registration.Synced;
        await AdvanceUntilAsync(() => _heard.Lines.Count >= 2);
        Assert.Equal("updated a/1", _heard.Lines[1]);
    }

    [Fact]
    public async Task AHandlerThatThrowsHearsTheNextOne()
    {
        var heard = 0;
        _informer.AddHandler(new ResourceEventHandler
        {
            OnAdded = _ => throw new InvalidOperationException(Interlocked.Increment(ref heard).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        });
        await StartAsync();
        await CreateAsync("1");
        await CreateAsync("2");
        await Eventually.TrueAsync(() => Volatile.Read(ref heard) == 2, "both events");
    }

    [Fact]
    public async Task TheFactorySharesInformers()
    {
        var factory = new SharedInformerFactory(_api, _time, NullLoggerFactory.Instance, new Random(1));
        var pods = factory.ForResource(Pods);
        Assert.Same(pods, factory.ForResource(Pods));
        await CreateAsync("1");
        factory.Start(_stop.Token);
        factory.Start(_stop.Token);
        await factory.WaitForCacheSyncAsync(_stop.Token);
        Assert.Single(pods.Lister.List());
        await _stop.CancelAsync();
        await factory.StoppedAsync();
    }

    private List<ListOptions> Lists() => [.. _api.Requests.Where(request => request.Verb == "list").Select(request => (ListOptions)request.Detail!)];

    private List<ListOptions> Watches() => [.. _api.Requests.Where(request => request.Verb == "watch").Select(request => (ListOptions)request.Detail!)];

    private async Task StartAsync()
    {
        _running = _informer.RunAsync(_stop.Token);
        await _informer.Synced.WaitAsync(_stop.Token);
        await Eventually.TrueAsync(() => _api.WatcherCount == 1, "the watch");
    }

    private Task HeardAsync(int count) => Eventually.TrueAsync(() => _heard.Lines.Count >= count, $"{count} events");

    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.TrueAsync(
        () =>
        {
            if (condition())
                return true;
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return false;
        },
        "the condition as time passes");

    private Task CreateAsync(string name) => _api.CreateAsync(new ResourceRequest(Pods, "a"), FakeApiServer.Object("Pod", "a", name), _stop.Token);

    private Task DeleteAsync(string name) => _api.DeleteAsync(new ResourceRequest(Pods, "a", name), null, _stop.Token);

    private Task UpdateAsync(string name, string mark)
    {
        var pod = FakeApiServer.Object("Pod", "a", name);
        pod["mark"] = mark;
        return _api.UpdateAsync(new ResourceRequest(Pods, "a", name), pod, _stop.Token);
    }

    private sealed class Recorder : IResourceEventHandler
    {
        private readonly ConcurrentQueue<string> _lines = [];

        public IReadOnlyList<string> Lines => [.. _lines];

        public void Added(Map obj, bool isInInitialList) => Hear(isInInitialList ? "initially" : "added", obj);

        public void Updated(Map oldObject, Map newObject) => Hear("updated", newObject);

        public void Deleted(Map obj, bool finalStateUnknown) => Hear(finalStateUnknown ? "lost" : "deleted", obj);

        private void Hear(string what, Map obj) => _lines.Enqueue($"{what} {ObjectMetaAccessor.GetKey(obj)}");
    }
}
