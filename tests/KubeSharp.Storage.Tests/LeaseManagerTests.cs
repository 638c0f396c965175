using KubeSharp.Storage.Sqlite;
using KubeSharp.Storage.Tests.Sqlite;

namespace KubeSharp.Storage.Tests;

/// <summary>Keys that end together share a lease (etcd3/lease_manager_test.go, v1.36).</summary>
public sealed class LeaseManagerTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lease_is_shared_for_a_minute_and_a_thousand_keys()
    {
        using var folder = new ScratchFolder();
        var time = new ManualTime();
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = folder.Database, TimeProvider = time });
        using var leases = new LeaseManager(store, 60, time);

        var first = await leases.GetAsync(Hour, Stop);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(first, await leases.GetAsync(Hour, Stop));
        time.Advance(TimeSpan.FromSeconds(2));
        var second = await leases.GetAsync(Hour, Stop);
        Assert.NotEqual(first, second);

        for (var i = 1; i < 1000; i++)
            Assert.Equal(second, await leases.GetAsync(Hour, Stop));
        Assert.NotEqual(second, await leases.GetAsync(Hour, Stop));
    }

    /// <summary>Neither the sharing nor the store's own count is by the wall clock: a step expires nothing, and keeps nothing for longer.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_step_of_the_wall_clock_changes_nothing(int hours)
    {
        using var folder = new ScratchFolder();
        var time = new ManualTime();
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = folder.Database, TimeProvider = time });
        using var leases = new LeaseManager(store, 60, time);
        var lease = await leases.GetAsync(Hour, Stop);
        await store.PutAsync("/event", 0, "v"u8.ToArray(), lease, null, Stop);

        time.StepWallClock(TimeSpan.FromHours(hours) * 2);
        Assert.Equal(lease, await leases.GetAsync(Hour, Stop));
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.NotNull((await store.GetAsync("/event", 0, Stop)).KeyValue);
        time.Advance(TimeSpan.FromMinutes(3));
        for (var attempt = 0; (await store.GetAsync("/event", 0, Stop)).KeyValue is not null; attempt++)
        {
            Assert.True(attempt < 500, "the lease does not end");
            await Task.Delay(10, Stop);
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(7200)]
    public async Task Another_time_to_live_gets_another_lease(int seconds)
    {
        using var folder = new ScratchFolder();
        var time = new ManualTime();
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = folder.Database, TimeProvider = time });
        using var leases = new LeaseManager(store, 60, time);
        Assert.NotEqual(await leases.GetAsync(Hour, Stop), await leases.GetAsync(TimeSpan.FromSeconds(seconds), Stop));
    }

    [Fact]
    public async Task A_lost_lease_is_not_handed_out_again()
    {
        using var folder = new ScratchFolder();
        var time = new ManualTime();
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = folder.Database, TimeProvider = time });
        using var leases = new LeaseManager(store, 60, time);
        var lease = await leases.GetAsync(Hour, Stop);
        await store.RevokeLeaseAsync(lease, Stop);
        await leases.ForgetAsync(lease, Stop);
        Assert.NotEqual(lease, await leases.GetAsync(Hour, Stop));
    }
}
