using System.Collections.Concurrent;
using KubeSharp.Storage.Etcd;
using KubeSharp.Storage.Sqlite;
using KubeSharp.Storage.Tests.Etcd;
using KubeSharp.Storage.Tests.Sqlite;

namespace KubeSharp.Storage.Tests.Linearizability;

/// <summary>Both stores under concurrent clients, while they are restarted, killed, led by another and paused.</summary>
public sealed class LinearizabilityTests(ITestOutputHelper output)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_embedded_store(int seed)
    {
        using var folder = new ScratchFolder();
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = folder.Database });
        var load = new StoreLoad(() => store, seed);
        var start = await store.CurrentRevisionAsync(Stop);
        await load.RunAsync(8, 400, Stop);
        Check(load, await StoreLoad.ReadChangesAsync(store, start, Stop), start, unknown: false);
    }

    [Fact]
    public async Task The_embedded_store_closed_and_opened_again()
    {
        using var folder = new ScratchFolder();
        var options = new SqliteStoreOptions { Path = folder.Database };
        var store = SqliteStore.Open(options);
        var load = new StoreLoad(() => Volatile.Read(ref store), 4);
        var start = await store.CurrentRevisionAsync(Stop);
        using var done = new CancellationTokenSource();
        var running = load.RunAsync(8, int.MaxValue, done.Token);
        for (var i = 0; i < 8; i++)
        {
            await Task.Delay(150, Stop);
            await store.DisposeAsync();
            Volatile.Write(ref store, SqliteStore.Open(options));
        }

        await done.CancelAsync();
        await running;
        await using var closing = store;
        Check(load, await StoreLoad.ReadChangesAsync(store, start, Stop), start, unknown: null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public Task Etcd(int members) => OnEtcdAsync(members, 5, static (_, until) => Task.Delay(TimeSpan.FromSeconds(3), until), unknown: false);

    [Fact]
    public Task Etcd_with_its_only_member_killed_again_and_again() => OnEtcdAsync(1, 6, static async (cluster, until) =>
    {
        for (var i = 0; i < 4; i++)
        {
            await Task.Delay(500, until);
            cluster.Kill(0);
            await Task.Delay(200, until);
            cluster.Start(0);
            await cluster.WaitForLeaderAsync(0);
        }
    });

    [Fact]
    public Task Etcd_with_each_member_killed_in_turn() => OnEtcdAsync(3, 7, static async (cluster, until) =>
    {
        for (var member = 0; member < 3; member++)
        {
            await Task.Delay(400, until);
            cluster.Kill(member);
            await Task.Delay(1500, until);
            cluster.Start(member);
            await cluster.WaitForLeaderAsync(member);
        }
    });

    [Fact]
    public Task Etcd_with_each_member_paused_in_turn() => OnEtcdAsync(3, 8, static async (cluster, until) =>
    {
        for (var member = 0; member < 3; member++)
        {
            await Task.Delay(300, until);
            cluster.Pause(member, paused: true);
            await Task.Delay(2000, until);
            cluster.Pause(member, paused: false);
        }
    });

    /// <summary>Runs clients, each with one of two stores as two servers would be, while something happens to the cluster.</summary>
    private async Task OnEtcdAsync(int members, int seed, Func<EtcdCluster, CancellationToken, Task> disturb, bool? unknown = null)
    {
        await using var cluster = await EtcdCluster.StartAsync(members);
        await using var one = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints });
        await using var other = EtcdStore.Open(new EtcdStoreOptions { Endpoints = [.. cluster.Endpoints.Reverse()] });
        var turn = 0;
        var load = new StoreLoad(() => Interlocked.Increment(ref turn) % 2 == 0 ? one : other, seed);
        var start = await one.CurrentRevisionAsync(Stop);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var (live, end) = (new ConcurrentQueue<Change>(), new TaskCompletionSource());
        var watch = WatchAsync(other, start, live, end, watching.Token);
        var running = load.RunAsync(8, int.MaxValue, done.Token);
        await disturb(cluster, Stop);
        await done.CancelAsync();
        await running;

        var changes = await StoreLoad.ReadChangesAsync(one, start, Stop);
        Check(load, changes, start, unknown);
        // The watch that was open all the time has seen the same, each once.
        await end.Task.WaitAsync(TimeSpan.FromSeconds(20), Stop);
        await watching.CancelAsync();
        await watch;
        Assert.Equal(changes, live);
    }

    private static async Task WatchAsync(EtcdStore store, long start, ConcurrentQueue<Change> seen, TaskCompletionSource end, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in store.WatchAsync(StoreLoad.Prefix, start + 1, cancellationToken))
            {
                foreach (var change in batch.Events)
                {
                    if (change.KeyValue.Key == $"{StoreLoad.Prefix}end")
                        end.SetResult();
                    else
                        seen.Enqueue(StoreLoad.ChangeOf(change));
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception exception)
        {
            end.TrySetException(exception);
        }
    }

    /// <param name="load">What was asked and heard.</param>
    /// <param name="changes">What happened.</param>
    /// <param name="start">The revision before.</param>
    /// <param name="unknown">Whether there must, or must not, be outcomes that nobody knows; null: as it comes.</param>
    private void Check(StoreLoad load, IReadOnlyList<Change> changes, long start, bool? unknown)
    {
        var operations = load.History.Operations;
        output.WriteLine(string.Join(", ", operations.GroupBy(o => (o.Kind, o.Outcome)).OrderBy(g => g.Key).Select(g => $"{g.Key.Kind} {g.Key.Outcome}: {g.Count()}")));
        Assert.Empty(HistoryChecker.Check(operations, changes, start).Take(20));
        // Enough happened, of every kind.
        foreach (var kind in Enum.GetValues<OperationKind>())
            Assert.True(operations.Count(o => o.Kind == kind && o.Outcome == Outcome.Succeeded) > 20, $"too few of {kind}");
        Assert.True(operations.Count(o => o.Outcome == Outcome.Refused) > 20, "too few conflicts");
        if (unknown is { } expected)
            Assert.Equal(expected, operations.Any(o => o.Outcome == Outcome.Unknown));
    }
}
