namespace KubeSharp.Storage.Tests;

public abstract partial class StoreContractTests
{
    private static readonly string[] History =
    [
        "2: create /w/a=1@2/2/1 was none",
        "3: update /w/a=2@2/3/2 was /w/a=1@2/2/1",
        "5: create /w/b=1@5/5/1 was none",
        "6: delete /w/a=@0/6/0 was /w/a=2@2/3/2",
        "7: create /w/a=3@7/7/1 was none",
    ];

    private async Task WriteHistoryAsync()
    {
        await PutAsync("/w/a", "1"); // 2
        await PutAsync("/w/a", "2", 2); // 3
        await PutAsync("/other", "1"); // 4
        await PutAsync("/w/b", "1"); // 5
        await DeleteAsync("/w/a", 3); // 6
        await PutAsync("/w/a", "3"); // 7
    }

    [Fact]
    public async Task A_live_watch_sees_each_change()
    {
        await using var watch = Watch("/w/");
        await WriteHistoryAsync();
        Assert.Equal(History, await TakeAsync(watch, History.Length));
    }

    [Fact]
    public async Task A_watch_from_any_revision_sees_the_same_rest()
    {
        await WriteHistoryAsync();
        await PutAsync("/w/end", "1"); // 8
        string[] all = [.. History, "8: create /w/end=1@8/8/1 was none"];
        for (var from = 1; from <= 8; from++)
        {
            var expected = all.Where(batch => int.Parse(batch[..batch.IndexOf(':', StringComparison.Ordinal)]) >= from).ToArray();
            await using var watch = Watch("/w/", from);
            Assert.Equal(expected, await TakeAsync(watch, expected.Length));
        }
    }

    [Fact]
    public async Task A_watch_from_now_starts_when_it_is_asked_for()
    {
        await PutAsync("/w/a", "1");
        var watch = Store.WatchAsync("/w/", 0, Stop);
        await PutAsync("/w/b", "1");
        await using var batches = watch.GetAsyncEnumerator(Stop);
        Assert.Equal(["3: create /w/b=1@3/3/1 was none"], await TakeAsync(batches, 1));
    }

    [Fact]
    public async Task A_watch_from_a_future_revision_waits_for_it()
    {
        await using var watch = Watch("/w/", 4);
        var next = TakeAsync(watch, 1);
        await PutAsync("/w/a", "1");
        await PutAsync("/w/b", "1");
        await PutAsync("/w/c", "1");
        Assert.Equal(["4: create /w/c=1@4/4/1 was none"], await next);
    }

    [Fact]
    public async Task Watches_opened_while_writing_neither_miss_nor_repeat()
    {
        const int Writes = 400, Watches = 12;
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < Writes / 4; i++)
                await Task.WhenAll(Enumerable.Range(0, 4).Select(j => PutAsync($"/w/{i:d4}-{j}", "v")));
        }, Stop);
        var watching = Enumerable.Range(0, Watches).Select(i => Task.Run(async () =>
        {
            var from = 2 + (i * 10);
            await using var watch = Watch("/w/", from);
            var seen = new List<long>();
            while (seen.Count < Writes + 2 - from && await watch.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), Stop))
            {
                if (watch.Current.Events.Count > 0)
                    seen.Add(watch.Current.Revision);
            }
            Assert.Equal(Enumerable.Range(from, Writes + 2 - from).Select(revision => (long)revision), seen);
        })).ToArray();
        await writing;
        await Task.WhenAll(watching);
    }

    [Fact]
    public async Task A_cancelled_watch_ends()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using var watch = Store.WatchAsync("/w/", 0, cancel.Token).GetAsyncEnumerator(Stop);
        var next = watch.MoveNextAsync().AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Requested_progress_comes_after_everything_before_it()
    {
        await using var watch = Watch("/w/");
        var first = watch.MoveNextAsync();
        await PutAsync("/w/a", "1"); // 2
        await PutAsync("/other", "1"); // 3
        var revision = await Store.CurrentRevisionAsync(Stop);
        await Store.RequestProgressAsync(Stop);

        Assert.True(await first);
        Assert.Equal("2: create /w/a=1@2/2/1 was none", Show(watch.Current));
        Assert.Equal([$"progress {revision}"], await TakeAsync(watch, 1, progress: true));
    }

    [Fact]
    public async Task An_idle_watch_reports_progress_by_itself()
    {
        await using var watch = Watch("/w/");
        var next = watch.MoveNextAsync();
        await PutAsync("/other", "1"); // 2
        // The change of another key may be handed out a moment after the write is acknowledged.
        await Store.RequestProgressAsync(Stop);
        Assert.True(await next);
        Assert.Equal("progress 2", Show(watch.Current));

        var progress = TakeAsync(watch, 1, progress: true);
        await PassAsync(TimeSpan.FromSeconds(5));
        await PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(["progress 2"], await progress);
    }
}
