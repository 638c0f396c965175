using System.Text;
using KubeSharp.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Tests.Sqlite;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private SqliteStore Open() => SqliteStore.Open(new SqliteStoreOptions { Path = _folder.Database, TimeProvider = _time });

    private static async Task<WriteResult> PutAsync(SqliteStore store, string key, string value, long expected = 0, long lease = 0, object? attachment = null) =>
        await store.PutAsync(key, expected, Encoding.UTF8.GetBytes(value), lease, attachment, Stop);

    private static async Task<string?> GetAsync(SqliteStore store, string key) =>
        (await store.GetAsync(key, 0, Stop)).KeyValue is { } kv ? Encoding.UTF8.GetString(kv.Value.Span) : null;

    [Fact]
    public async Task Everything_is_there_after_closing_and_opening()
    {
        long lease;
        await using (var store = Open())
        {
            lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(10), Stop);
            await PutAsync(store, "/a", "1"); // 2
            await PutAsync(store, "/a", "2", 2); // 3
            await PutAsync(store, "/leased", "1", 0, lease); // 4
            await PutAsync(store, "/gone", "1"); // 5
            await store.DeleteAsync("/gone", 5, Stop); // 6
            await store.CompactAsync(2, Stop);
            _time.Advance(TimeSpan.FromSeconds(9));
        }
        Assert.Equal(["state.db", "state.db.lock"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());

        await using (var store = Open())
        {
            Assert.Equal(6, await store.CurrentRevisionAsync(Stop));
            Assert.Equal("2", await GetAsync(store, "/a"));
            Assert.Equal(2, (await store.GetAsync("/a", 0, Stop)).KeyValue!.Version);
            Assert.Null(await GetAsync(store, "/gone"));
            Assert.Equal(1, (await store.GetAsync("/a", 2, Stop)).KeyValue!.Version);
            await Assert.ThrowsAsync<CompactedException>(async () => await store.GetAsync("/a", 1, Stop));

            // The lease has its whole time again, and still has its key.
            _time.Advance(TimeSpan.FromSeconds(9));
            Assert.True(await store.KeepLeaseAliveAsync(lease, Stop));
            Assert.True(await store.RevokeLeaseAsync(lease, Stop));
            Assert.Null(await GetAsync(store, "/leased"));
            Assert.Equal(7, await store.CurrentRevisionAsync(Stop));
        }
    }

    [Fact]
    public async Task The_revision_outlives_compaction_of_everything()
    {
        await using (var store = Open())
        {
            await PutAsync(store, "/a", "1");
            await store.DeleteAsync("/a", 2, Stop);
            await store.CompactAsync(3, Stop);
        }
        await using (var store = Open())
            Assert.Equal(4, (await PutAsync(store, "/a", "1")).Revision);
    }

    [Fact]
    public async Task The_file_is_its_owners_alone()
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(_folder.Path, "new", "state.db") });
        await PutAsync(store, "/a", "1");
        foreach (var file in Directory.GetFiles(Path.Combine(_folder.Path, "new")))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task A_second_store_on_the_file_is_refused()
    {
        await using (var store = Open())
        {
            var refused = Assert.Throws<StoreUnavailableException>(Open);
            Assert.Contains("in use by another store", refused.Message, StringComparison.Ordinal);
            Assert.True((await PutAsync(store, "/a", "1")).Succeeded);
        }
        await using var next = Open();
        Assert.Equal("1", await GetAsync(next, "/a"));
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        var store = Open();
        await using var watch = store.WatchAsync("/", 0, Stop).GetAsyncEnumerator(Stop);
        var next = watch.MoveNextAsync().AsTask();
        await store.DisposeAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => next);
        Assert.True((await Assert.ThrowsAsync<StoreUnavailableException>(() => PutAsync(store, "/a", "1"))).NothingChanged);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_live_watch_gets_attachments()
    {
        await using var store = Open();
        await using var watch = store.WatchAsync("/", 2, Stop).GetAsyncEnumerator(Stop);
        var next = watch.MoveNextAsync();
        var attachment = new object();
        await PutAsync(store, "/a", "1", attachment: attachment);
        Assert.True(await next);
        Assert.Same(attachment, Assert.Single(watch.Current.Events).Attachment);
    }

    [Fact]
    public async Task A_slow_watch_neither_stops_writers_nor_misses_anything()
    {
        const int Writes = 100;
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = _folder.Database, TimeProvider = _time, WatchQueueLength = 4, WriteQueueLength = 8 });
        await using var watch = store.WatchAsync("/", 0, Stop).GetAsyncEnumerator(Stop);
        var next = watch.MoveNextAsync();
        for (var i = 0; i < Writes; i++)
            await PutAsync(store, $"/{i:d3}", "v");
        var seen = new List<long>();
        do
        {
            Assert.True(await next);
            if (watch.Current.Events.Count > 0)
                seen.Add(watch.Current.Revision);
            next = seen.Count < Writes ? watch.MoveNextAsync() : default;
        }
        while (seen.Count < Writes);
        Assert.Equal(Enumerable.Range(2, Writes).Select(i => (long)i), seen);
    }

    [Fact]
    public async Task A_slow_watch_ends_when_compaction_overtakes_it()
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = _folder.Database, TimeProvider = _time, WatchQueueLength = 4 });
        await using var watch = store.WatchAsync("/", 0, Stop).GetAsyncEnumerator(Stop);
        var next = watch.MoveNextAsync();
        for (var i = 0; i < 50; i++)
            await PutAsync(store, $"/{i}", "v");
        await store.CompactAsync(40, Stop);
        var last = 0L;
        await Assert.ThrowsAsync<CompactedException>(async () =>
        {
            for (; ; next = watch.MoveNextAsync())
            {
                Assert.True(await next);
                last = watch.Current.Revision;
            }
        });
        Assert.InRange(last, 2, 39);
    }

    [Fact]
    public async Task Compaction_deletes_rows_and_shrinks_the_file()
    {
        await using var store = Open();
        var value = new string('x', 100_000);
        var revision = 0L;
        for (var i = 0; i < 100; i++)
            revision = (await PutAsync(store, "/a", value, revision)).Revision;
        await store.CompactAsync(revision, Stop);
        Assert.Equal(value, await GetAsync(store, "/a"));
        await store.DisposeAsync();

        using var database = Schema.Connect(_folder.Database, SqliteOpenMode.ReadOnly);
        Assert.Equal(1, database.Number("SELECT count(*) FROM record"));
        Assert.InRange(new FileInfo(_folder.Database).Length, 100_000, 6_000_000);
    }

    [Fact]
    public async Task A_compaction_cut_short_is_ended_at_the_next_start()
    {
        await using (var store = Open())
        {
            await PutAsync(store, "/a", "1"); // 2
            await PutAsync(store, "/a", "2", 2); // 3
            await PutAsync(store, "/b", "1"); // 4
            await store.DeleteAsync("/b", 4, Stop); // 5
            await PutAsync(store, "/c", "1"); // 6
        }
        using (var database = Schema.Connect(_folder.Database, SqliteOpenMode.ReadWrite))
        {
            // As a process leaves it that is killed then.
            ContentDigest.Clear(database);
            database.Run("UPDATE meta SET value = 6 WHERE name = 'compact_revision'");
        }
        await using (var store = Open())
            Assert.Equal(2, (await store.RangeAsync(RangeRequest.Prefix("/"), Stop)).Count);
        using (var database = Schema.Connect(_folder.Database, SqliteOpenMode.ReadOnly))
            Assert.Equal(2, database.Number("SELECT count(*) FROM record"));
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_until_there_is_room()
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = _folder.Database, TimeProvider = _time, MaxPages = 40 });
        await using var watch = store.WatchAsync("/", 0, Stop).GetAsyncEnumerator(Stop);
        var written = 0;
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            for (; written < 1000; written++)
                await PutAsync(store, $"/{written:d4}", new string('x', 5000));
        });
        Assert.True(refused.NothingChanged);
        Assert.Contains("no space left", refused.Message, StringComparison.Ordinal);

        Assert.Equal(written, (await store.RangeAsync(RangeRequest.Prefix("/"), Stop)).Count);
        Assert.Equal(written + 1, await store.CurrentRevisionAsync(Stop));
        Assert.Equal(new string('x', 5000), await GetAsync(store, "/0000"));

        store.LimitPages(4000);
        Assert.Equal(written + 2, (await PutAsync(store, "/after", "1")).Revision);
        var seen = 0;
        while (seen <= written && await watch.MoveNextAsync())
            seen += watch.Current.Events.Count;
        Assert.Equal("/after", watch.Current.Events[0].KeyValue.Key);
    }

    [Fact]
    public async Task A_really_full_disk_refuses_writes_until_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(_folder.Path, "2m");
        await using (var store = SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(disk.Path, "state.db") }))
        {
            var ballast = Path.Combine(disk.Path, "ballast");
            await File.WriteAllBytesAsync(ballast, new byte[500_000], Stop);
            var written = 0;
            var refused = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
            {
                for (; written < 1000; written++)
                    await PutAsync(store, $"/{written:d4}", new string('x', 5000));
            });
            Assert.True(refused.NothingChanged);
            Assert.Equal(written, (await store.RangeAsync(RangeRequest.Prefix("/"), Stop)).Count);

            File.Delete(ballast);
            Assert.Equal(written + 2, (await PutAsync(store, "/after", "1")).Revision);
        }
        await using (var store = SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(disk.Path, "state.db"), StartupCheck = StartupCheck.Full }))
            Assert.Equal("1", await GetAsync(store, "/after"));
    }
}
