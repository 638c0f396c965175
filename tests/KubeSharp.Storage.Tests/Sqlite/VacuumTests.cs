using System.Collections.Concurrent;
using KubeSharp.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Tests.Sqlite;

/// <summary>The file gets shorter while the store is used.</summary>
public sealed class VacuumTests : IDisposable
{
    private const int Large = 1500;

    private readonly ScratchFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private SqliteStore Open() => SqliteStore.Open(new SqliteStoreOptions { Path = _folder.Database });

    [Fact]
    public async Task The_file_shrinks_under_writers_and_watchers_that_lose_nothing()
    {
        await using var store = Open();
        var seen = new ConcurrentQueue<long>();
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var watcher = WatchAsync(store.WatchAsync("/live/", 0, watching.Token), seen);
        var revision = await FillAndDeleteAsync(store);
        var full = new FileInfo(_folder.Database).Length;
        // The rest is in the log still.
        Assert.True(full > Large * 10_000, $"{full} bytes");

        var written = new ConcurrentDictionary<string, long>();
        using var done = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !done.IsCancellationRequested || i < 50; i++)
            {
                var key = $"/live/{writer}-{i % 20}";
                var result = await store.PutAsync(key, written.GetValueOrDefault(key), new byte[3000], 0, null, Stop);
                Assert.True(result.Succeeded);
                written[key] = result.Revision;
            }
        }, Stop)).ToArray();
        await store.CompactAsync(revision, Stop);
        // A checkpoint shortens the file when no reader needs what is behind; the writers bring the next one about.
        var shrunk = full;
        for (var attempt = 0; attempt < 6000 && shrunk >= full / 2; attempt++)
        {
            await Task.Delay(10, Stop);
            shrunk = new FileInfo(_folder.Database).Length;
        }
        await done.CancelAsync();
        await Task.WhenAll(writers);

        Assert.True(shrunk < full / 2, $"{full} bytes, then {shrunk}");
        var all = await store.RangeAsync(RangeRequest.Prefix("/"), Stop);
        Assert.Equal(written.OrderBy(w => w.Key, StringComparer.Ordinal), all.Items.Select(item => KeyValuePair.Create(item.Key, item.ModRevision)));
        var last = await store.CurrentRevisionAsync(Stop);
        while (!watcher.IsCompleted && (seen.IsEmpty || seen.Last() < last))
            await Task.Delay(10, Stop);
        await watching.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watcher);
        Assert.Equal(Enumerable.Range(0, (int)(last - revision)).Select(i => revision + 1 + i), seen);
    }

    private static async Task WatchAsync(IAsyncEnumerable<WatchBatch> batches, ConcurrentQueue<long> seen)
    {
        await foreach (var batch in batches)
        {
            foreach (var change in batch.Events)
                seen.Enqueue(change.KeyValue.ModRevision);
        }
    }

    [Fact]
    public async Task A_database_made_without_auto_vacuum_stays_as_long_as_it_is_and_works()
    {
        await using (var store = Open())
            await store.PutAsync("/a", 0, new byte[10], 0, null, Stop);
        using (var database = Schema.Connect(_folder.Database, SqliteOpenMode.ReadWrite))
            database.Run("PRAGMA journal_mode=DELETE; PRAGMA auto_vacuum=NONE; VACUUM");
        await using (var store = Open())
        {
            var revision = await FillAndDeleteAsync(store);
            await store.CompactAsync(revision, Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Stop);
            Assert.Equal(10, (await store.GetAsync("/a", 0, Stop)).KeyValue!.Value.Length);
            Assert.True((await store.PutAsync("/b", 0, default, 0, null, Stop)).Succeeded);
        }
        Assert.True(new FileInfo(_folder.Database).Length > Large * 20_000);
    }

    private static async Task<long> FillAndDeleteAsync(SqliteStore store)
    {
        var revisions = await Task.WhenAll(Enumerable.Range(0, Large).Select(async i => (await store.PutAsync($"/large/{i}", 0, new byte[20_000], 0, null, Stop)).Revision));
        var deleted = await Task.WhenAll(Enumerable.Range(0, Large).Select(async i => (await store.DeleteAsync($"/large/{i}", revisions[i], Stop)).Revision));
        return deleted.Max();
    }
}
