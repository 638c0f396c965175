namespace KubeSharp.Storage.Tests;

public abstract partial class StoreContractTests
{
    [Fact]
    public async Task A_revoked_lease_takes_its_keys_in_one_revision()
    {
        var lease = await Store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Stop);
        await PutAsync("/w/b", "1", lease: lease); // 2
        await PutAsync("/w/a", "1", lease: lease); // 3
        await PutAsync("/w/c", "1"); // 4
        Assert.Equal("/w/a=1@3/3/1#", await GetAsync("/w/a"));
        await using var watch = Watch("/w/", 5);

        Assert.True(await Store.RevokeLeaseAsync(lease, Stop));
        Assert.Equal("/w/c count=1 more=False", await RangeAsync(RangeRequest.Prefix("/w/")));
        Assert.Equal(["5: delete /w/a=@0/5/0 was /w/a=1@3/3/1#, delete /w/b=@0/5/0 was /w/b=1@2/2/1#"], await TakeAsync(watch, 1));
        await using var replay = Watch("/w/", 5);
        Assert.Equal(["5: delete /w/a=@0/5/0 was /w/a=1@3/3/1#, delete /w/b=@0/5/0 was /w/b=1@2/2/1#"], await TakeAsync(replay, 1));
        Assert.False(await Store.RevokeLeaseAsync(lease, Stop));
    }

    [Fact]
    public async Task Granting_changes_no_revision_and_gives_new_names()
    {
        var one = await Store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Stop);
        await Store.RevokeLeaseAsync(one, Stop);
        var two = await Store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Stop);
        Assert.NotEqual(one, two);
        Assert.Equal(1, await Store.CurrentRevisionAsync(Stop));
    }

    [Fact]
    public async Task A_key_leaves_its_lease_with_its_next_write()
    {
        var lease = await Store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Stop);
        var other = await Store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Stop);
        var a = await PutAsync("/a", "1", lease: lease);
        var b = await PutAsync("/b", "1", lease: lease);
        await PutAsync("/c", "1", lease: lease);
        await PutAsync("/a", "2", a);
        await PutAsync("/b", "2", b, lease: other);
        await Store.RevokeLeaseAsync(lease, Stop);
        Assert.Equal("/a /b count=2 more=False", await RangeAsync(RangeRequest.Prefix("/")));
    }

    [Fact]
    public async Task An_unknown_lease_is_refused()
    {
        await Assert.ThrowsAsync<LeaseNotFoundException>(async () => await Store.PutAsync("/a", 0, Bytes("1"), 4711, null, Stop));
        Assert.False(await Store.KeepLeaseAliveAsync(4711, Stop));
        Assert.Equal(1, await Store.CurrentRevisionAsync(Stop));
    }

    [Fact]
    public async Task What_is_left_of_a_leases_time_is_told()
    {
        var lease = await Store.GrantLeaseAsync(TimeSpan.FromSeconds(100), Stop);
        await PassAsync(TimeSpan.FromSeconds(2));
        Assert.InRange(Assert.NotNull(await Store.LeaseTimeToLiveAsync(lease, Stop)), TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(98));
        await Store.RevokeLeaseAsync(lease, Stop);
        Assert.Null(await Store.LeaseTimeToLiveAsync(lease, Stop));
        Assert.Null(await Store.LeaseTimeToLiveAsync(4711, Stop));
    }

    [Fact]
    public async Task A_lease_that_is_not_kept_alive_ends()
    {
        var kept = await Store.GrantLeaseAsync(TimeSpan.FromSeconds(10), Stop);
        var left = await Store.GrantLeaseAsync(TimeSpan.FromSeconds(10), Stop);
        await PutAsync("/w/kept", "1", lease: kept); // 2
        await PutAsync("/w/left", "1", lease: left); // 3
        await using var watch = Watch("/w/", 4);

        await PassAsync(TimeSpan.FromSeconds(6));
        Assert.True(await Store.KeepLeaseAliveAsync(kept, Stop));
        await PassAsync(TimeSpan.FromSeconds(6));
        Assert.Equal(["4: delete /w/left=@0/4/0 was /w/left=1@3/3/1#"], await TakeAsync(watch, 1));
        Assert.Equal("/w/kept count=1 more=False", await RangeAsync(RangeRequest.Prefix("/w/")));

        await PassAsync(TimeSpan.FromSeconds(6));
        Assert.Equal(["5: delete /w/kept=@0/5/0 was /w/kept=1@2/2/1#"], await TakeAsync(watch, 1));
        Assert.False(await Store.KeepLeaseAliveAsync(kept, Stop));
    }
}
