namespace KubeSharp.Storage.Tests;

public abstract partial class StoreContractTests
{
    private async Task WriteThreeVersionsAsync()
    {
        await PutAsync("/a", "1"); // 2
        await PutAsync("/a", "2", 2); // 3
        await PutAsync("/b", "1"); // 4
        await DeleteAsync("/b", 4); // 5
        await PutAsync("/a", "3", 3); // 6
    }

    public static readonly TheoryData<long, long[], long[]> Compactions = new()
    {
        { 2, [2, 3, 4, 5, 6], [1] },
        { 3, [3, 4, 5, 6], [1, 2] },
        { 5, [5, 6], [1, 2, 3, 4] },
        { 6, [6], [1, 2, 3, 4, 5] },
    };

    [Theory, MemberData(nameof(Compactions))]
    public async Task Compaction_forgets_older_revisions_only(long at, long[] readable, long[] gone)
    {
        await WriteThreeVersionsAsync();
        var before = new List<string>();
        foreach (var revision in readable)
            before.Add(await GetAsync("/a", revision) + await GetAsync("/b", revision));

        await Store.CompactAsync(at, Stop);

        Assert.Equal("/a=3@2/6/3", await GetAsync("/a"));
        var after = new List<string>();
        foreach (var revision in readable)
            after.Add(await GetAsync("/a", revision) + await GetAsync("/b", revision));
        Assert.Equal(before, after);
        foreach (var revision in gone)
        {
            Assert.Equal(at, (await Assert.ThrowsAsync<CompactedException>(async () => await Store.GetAsync("/a", revision, Stop))).CompactRevision);
            await Assert.ThrowsAsync<CompactedException>(async () => await Store.RangeAsync(RangeRequest.Prefix("/", revision), Stop));
            await using var watch = Watch("/", revision);
            await Assert.ThrowsAsync<CompactedException>(async () => await watch.MoveNextAsync());
        }
    }

    public static readonly TheoryData<long, string[]> WatchesAfterCompaction = new()
    {
        { 2, ["2: create /a=1@2/2/1 was none", "3: update /a=2@2/3/2 was /a=1@2/2/1", "4: create /b=1@4/4/1 was none", "5: delete /b=@0/5/0 was /b=1@4/4/1", "6: update /a=3@2/6/3 was /a=2@2/3/2"] },
        { 3, ["3: update /a=2@2/3/2 was none", "4: create /b=1@4/4/1 was none", "5: delete /b=@0/5/0 was /b=1@4/4/1", "6: update /a=3@2/6/3 was /a=2@2/3/2"] },
        { 5, ["5: delete /b=@0/5/0 was none", "6: update /a=3@2/6/3 was /a=2@2/3/2"] },
        { 6, ["6: update /a=3@2/6/3 was none"] },
    };

    [Theory, MemberData(nameof(WatchesAfterCompaction))]
    public async Task A_watch_can_start_at_the_compacted_revision(long at, string[] expected)
    {
        await WriteThreeVersionsAsync();
        await Store.CompactAsync(at, Stop);
        await using var watch = Watch("/", at);
        Assert.Equal(expected, await TakeAsync(watch, expected.Length));
    }

    [Fact]
    public async Task Compaction_goes_forward_only_and_not_into_the_future()
    {
        await WriteThreeVersionsAsync();
        await Store.CompactAsync(4, Stop);
        await Assert.ThrowsAsync<CompactedException>(async () => await Store.CompactAsync(4, Stop));
        await Assert.ThrowsAsync<CompactedException>(async () => await Store.CompactAsync(3, Stop));
        await Assert.ThrowsAsync<FutureRevisionException>(async () => await Store.CompactAsync(7, Stop));
        await Store.CompactAsync(6, Stop);
    }

    [Fact]
    public async Task Readers_and_writers_go_on_while_compaction_runs()
    {
        var revisions = new long[20];
        for (var i = 0; i < 400; i++)
        {
            var key = i % revisions.Length;
            revisions[key] = await PutAsync($"/k{key:d2}", $"{i}", revisions[key]);
        }
        var compacting = Task.Run(async () =>
        {
            for (var at = 20; at <= 400; at += 20)
                await Store.CompactAsync(at, Stop);
        }, Stop);
        for (var i = 0; !compacting.IsCompleted || i < 50; i++)
        {
            var key = i % revisions.Length;
            revisions[key] = await PutAsync($"/k{key:d2}", $"more {i}", revisions[key]);
            var all = await Store.RangeAsync(RangeRequest.Prefix("/k"), Stop);
            Assert.Equal(revisions, all.Items.Select(item => item.ModRevision));
        }
        await compacting;
    }
}
