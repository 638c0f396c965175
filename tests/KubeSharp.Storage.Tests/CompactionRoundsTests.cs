using System.Text;
using KubeSharp.Storage.Sqlite;
using KubeSharp.Storage.Tests.Sqlite;

namespace KubeSharp.Storage.Tests;

/// <summary>Servers that share a store compact it once a round, to where it was a round before (etcd3/compact_test.go, v1.36).</summary>
public sealed class CompactionRoundsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_round_compacts_nothing_and_the_next_to_the_first()
    {
        using var folder = new ScratchFolder();
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = folder.Database });
        var rounds = new CompactionRounds(store);
        await PutAsync(store, "/a", 0);
        Assert.Equal(0, await rounds.RunAsync(Stop));
        var first = await store.CurrentRevisionAsync(Stop);
        await PutAsync(store, "/b", 0);
        Assert.Equal(first, await rounds.RunAsync(Stop));

        await store.GetAsync("/a", first, Stop);
        await Assert.ThrowsAsync<CompactedException>(async () => await store.GetAsync("/a", first - 1, Stop));
    }

    [Fact]
    public async Task Of_two_servers_one_compacts()
    {
        using var folder = new ScratchFolder();
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = folder.Database });
        var (one, two) = (new CompactionRounds(store), new CompactionRounds(store));
        Assert.Equal(0, await one.RunAsync(Stop));
        var first = await store.CurrentRevisionAsync(Stop);
        // The other learns that a round has begun, and only then takes part.
        Assert.Equal(0, await two.RunAsync(Stop));
        Assert.Equal(first, await one.RunAsync(Stop) + await two.RunAsync(Stop));
        Assert.True((await store.GetAsync("compact_rev_key", 0, Stop)).KeyValue!.Version >= 2);
    }

    [Fact]
    public async Task A_kube_apiservers_record_is_taken_up()
    {
        using var folder = new ScratchFolder();
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = folder.Database });
        var a = await PutAsync(store, "/a", 0);
        var key = await store.PutAsync("compact_rev_key", 0, Encoding.ASCII.GetBytes("0"), 0, null, Stop);
        key = await store.PutAsync("compact_rev_key", key.Revision, Encoding.ASCII.GetBytes($"{a}"), 0, null, Stop);
        var rounds = new CompactionRounds(store);
        Assert.Equal(0, await rounds.RunAsync(Stop));
        Assert.Equal(a, await rounds.RunAsync(Stop));
        Assert.Equal(3, (await store.GetAsync("compact_rev_key", 0, Stop)).KeyValue!.Version);
    }

    private static async Task<long> PutAsync(SqliteStore store, string key, long expected) =>
        (await store.PutAsync(key, expected, Encoding.UTF8.GetBytes(key), 0, null, Stop)).Revision;
}
