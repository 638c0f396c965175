using System.Collections.Concurrent;
using System.Text;
using KubeSharp.Storage.Etcd;

namespace KubeSharp.Storage.Tests.Etcd;

/// <summary>Lost members, cut connections and full disks: what was acknowledged is there, what is said of the rest is true.</summary>
public sealed class EtcdFaultTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_leader_that_dies_costs_no_acknowledged_write_and_no_event()
    {
        await using var cluster = await EtcdCluster.StartAsync(3);
        await using var store = Open(cluster.Endpoints);
        var start = await store.CurrentRevisionAsync(Stop);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var events = CollectAsync(store, "/w/", start + 1, enough.Token);
        var acknowledged = new ConcurrentDictionary<string, long>();
        var refused = new ConcurrentBag<string>();
        using var done = new CancellationTokenSource(TimeSpan.FromSeconds(6));
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; !done.IsCancellationRequested; i++)
                {
                    var key = $"/w/{writer}/{i:d6}";
                    try
                    {
                        var result = await store.PutAsync(key, 0, Bytes(key), 0, null, Stop);
                        Assert.True(result.Succeeded);
                        acknowledged[key] = result.Revision;
                    }
                    catch (StoreUnavailableException exception)
                    {
                        if (exception.NothingChanged)
                            refused.Add(key);
                        await Task.Delay(20, Stop);
                    }
                }
            },
            Stop)).ToArray();
        for (var member = 0; member < 3; member++)
        {
            // Each in turn: one of them leads.
            await Task.Delay(600, Stop);
            cluster.Kill(member);
            await Task.Delay(1200, Stop);
            cluster.Start(member);
        }

        await Task.WhenAll(writers);
        Assert.True(acknowledged.Count > 100, $"{acknowledged.Count} writes");
        var found = (await store.RangeAsync(RangeRequest.Prefix("/w/"), Stop)).Items.ToDictionary(item => item.Key, item => item.ModRevision);
        foreach (var (key, revision) in acknowledged)
            Assert.Equal(revision, found[key]);
        Assert.All(refused, key => Assert.False(found.ContainsKey(key), $"{key} was said not to have happened"));

        // Each change once, in order, whatever member it came from.
        await WaitAsync(() => events.Count >= found.Count);
        await enough.CancelAsync();
        Assert.Equal(found.OrderBy(f => f.Value).Select(f => (f.Key, f.Value)), events.ToArray());
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_of_a_write_leaves_its_outcome_unknown()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        using var proxy = new TcpProxy(cluster.PortOf(0));
        await using var store = Open([proxy.Url]);
        var first = await store.PutAsync("/a", 0, Bytes("1"), 0, null, Stop);

        proxy.HoldAnswers();
        var write = store.PutAsync("/a", first.Revision, Bytes("2"), 0, null, Stop).AsTask();
        await using var aside = Open(cluster.Endpoints);
        await WaitAsync(async () => Text((await aside.GetAsync("/a", 0, Stop)).KeyValue) == "2");
        proxy.Cut();
        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => write);

        Assert.False(exception.NothingChanged);
        Assert.Equal("2", Text((await store.GetAsync("/a", 0, Stop)).KeyValue));
        // Trying the same again is refused, not done twice.
        Assert.False((await store.PutAsync("/a", first.Revision, Bytes("2"), 0, null, Stop)).Succeeded);
    }

    [Fact]
    public async Task A_write_that_no_member_took_did_not_happen()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var store = Open([$"http://127.0.0.1:{EtcdCluster.FreePort()}"]);
        Assert.True((await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.PutAsync("/a", 0, Bytes("1"), 0, null, Stop))).NothingChanged);

        // Beside a member that answers it is not noticed.
        await using var both = Open([$"http://127.0.0.1:{EtcdCluster.FreePort()}", .. cluster.Endpoints]);
        Assert.True((await both.PutAsync("/a", 0, Bytes("1"), 0, null, Stop)).Succeeded);
    }

    [Fact]
    public async Task A_member_that_hangs_holds_up_reads_for_a_bounded_time()
    {
        await using var cluster = await EtcdCluster.StartAsync(3);
        await using var store = Open(cluster.Endpoints, readTimeout: TimeSpan.FromMilliseconds(500), writeTimeout: TimeSpan.FromSeconds(2));
        await store.PutAsync("/a", 0, Bytes("1"), 0, null, Stop);
        cluster.Pause(0, true);
        try
        {
            // The paused member may have been the leader: the others elect another.
            var read = await EventuallyAsync(async () => (await store.GetAsync("/a", 0, Stop)).KeyValue);
            Assert.Equal("1", Text(read));
            var write = await EventuallyAsync(async () => await store.PutAsync("/b", 0, Bytes("1"), 0, null, Stop));
            // One that was given up may have been done all the same.
            Assert.True(write.Succeeded || Text(write.Current) == "1");
        }
        finally
        {
            cluster.Pause(0, false);
        }
    }

    [Fact]
    public async Task When_all_members_come_back_everything_goes_on()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var store = Open(cluster.Endpoints, readTimeout: TimeSpan.FromSeconds(1));
        var first = await store.PutAsync("/w/a", 0, Bytes("1"), 0, null, Stop);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var events = CollectAsync(store, "/w/", first.Revision, enough.Token);
        await WaitAsync(() => events.Count == 1);

        cluster.Kill(0);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CurrentRevisionAsync(Stop));
        Assert.True((await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.PutAsync("/w/b", 0, Bytes("1"), 0, null, Stop))).NothingChanged);
        cluster.Start(0);
        await cluster.WaitForLeaderAsync(0);

        Assert.Equal("1", Text((await store.GetAsync("/w/a", 0, Stop)).KeyValue));
        Assert.True((await store.PutAsync("/w/b", 0, Bytes("1"), 0, null, Stop)).Succeeded);
        await WaitAsync(() => events.Count == 2);
        await enough.CancelAsync();
        Assert.Equal(["/w/a", "/w/b"], events.Select(e => e.Key));
    }

    [Fact]
    public async Task A_full_etcd_refuses_writes_and_says_so()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, "--quota-backend-bytes", "2000000");
        await using var store = Open(cluster.Endpoints);
        var value = new byte[200_000];
        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            // etcd looks at the size of what it has committed, which it does every 100 ms.
            for (var i = 0; i < 100; i++)
            {
                await store.PutAsync($"/fill/{i}", 0, value, 0, null, Stop);
                await Task.Delay(20, Stop);
            }
        });

        Assert.True(exception.NothingChanged);
        Assert.Equal("etcdserver: mvcc: database space exceeded", exception.Message);
        Assert.NotEmpty((await store.RangeAsync(RangeRequest.Prefix("/fill/"), Stop)).Items);
    }

    [Fact]
    public async Task A_watch_whose_history_was_compacted_while_it_was_cut_off_ends()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        using var proxy = new TcpProxy(cluster.PortOf(0));
        await using var store = Open([proxy.Url]);
        await using var aside = Open(cluster.Endpoints);
        var first = await aside.PutAsync("/w/a", 0, Bytes("1"), 0, null, Stop);
        await using var watch = store.WatchAsync("/w/", first.Revision, Stop).GetAsyncEnumerator(Stop);
        Assert.True(await watch.MoveNextAsync());
        var next = watch.MoveNextAsync().AsTask();

        proxy.Cut(refuse: true);
        var last = first.Revision;
        for (var i = 0; i < 10; i++)
            last = (await aside.PutAsync("/w/a", last, Bytes($"{i}"), 0, null, Stop)).Revision;
        await aside.CompactAsync(last, Stop);
        proxy.Allow();

        var compacted = await Assert.ThrowsAsync<CompactedException>(async () =>
        {
            while (await next.WaitAsync(TimeSpan.FromSeconds(20), Stop))
                next = watch.MoveNextAsync().AsTask();
        });
        Assert.Equal(last, compacted.CompactRevision);
    }

    [Fact]
    public async Task Changes_of_one_revision_come_in_one_batch_however_large()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var store = Open(cluster.Endpoints);
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Stop);
        var value = new byte[50_000];
        for (var i = 0; i < 100; i++)
            await store.PutAsync($"/w/{i:d3}", 0, value, lease, null, Stop);
        await using var watch = store.WatchAsync("/w/", await store.CurrentRevisionAsync(Stop) + 1, Stop).GetAsyncEnumerator(Stop);
        var next = watch.MoveNextAsync().AsTask();

        await store.RevokeLeaseAsync(lease, Stop);

        // With the states before, five megabytes: etcd sends them in pieces.
        while (await next && watch.Current.Events.Count == 0)
            next = watch.MoveNextAsync().AsTask();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"/w/{i:d3}"), watch.Current.Events.Select(e => e.KeyValue.Key));
        Assert.All(watch.Current.Events, e => Assert.Equal(50_000, e.Previous!.Value.Length));
    }

    [Theory]
    [InlineData("127.0.0.1:2379 2379")]
    [InlineData("ftp://127.0.0.1:2379")]
    [InlineData("")]
    public void An_address_that_is_none_is_refused(string endpoint) => Assert.Throws<FormatException>(() => Open([endpoint]));

    private static EtcdStore Open(IReadOnlyList<string> endpoints, TimeSpan? readTimeout = null, TimeSpan? writeTimeout = null) => EtcdStore.Open(new EtcdStoreOptions
    {
        Endpoints = endpoints,
        ReadTimeout = readTimeout ?? TimeSpan.FromSeconds(5),
        WriteTimeout = writeTimeout ?? TimeSpan.FromSeconds(10),
    });

    /// <summary>The changes that a watch sees, in order.</summary>
    private static ConcurrentQueue<(string Key, long Revision)> CollectAsync(EtcdStore store, string prefix, long from, CancellationToken cancellationToken)
    {
        var events = new ConcurrentQueue<(string Key, long Revision)>();
        _ = Task.Run(
            async () =>
            {
                await foreach (var batch in store.WatchAsync(prefix, from, cancellationToken))
                {
                    foreach (var change in batch.Events)
                        events.Enqueue((change.KeyValue.Key, change.KeyValue.ModRevision));
                }
            },
            cancellationToken);
        return events;
    }

    private static async Task<T> EventuallyAsync<T>(Func<Task<T>> attempt)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await attempt();
            }
            catch (StoreUnavailableException) when (i < 20)
            {
                await Task.Delay(100, Stop);
            }
        }
    }

    private static Task WaitAsync(Func<bool> condition) => WaitAsync(() => Task.FromResult(condition()));

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await condition())
                return;
            await Task.Delay(50, Stop);
        }

        Assert.Fail("it did not come about within 30 s");
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(KeyValue? kv) => kv is null ? "" : Encoding.UTF8.GetString(kv.Value.Span);
}
