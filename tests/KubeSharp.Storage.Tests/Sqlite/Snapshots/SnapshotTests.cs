using System.Text;
using KubeSharp.Storage.Sqlite;
using KubeSharp.Storage.Sqlite.Snapshots;
using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Tests.Sqlite.Snapshots;

public sealed class SnapshotTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string File1 => Path.Combine(_folder.Path, "backup.db");

    private string Restored => Path.Combine(_folder.Path, "restored", "state.db");

    public void Dispose() => _folder.Dispose();

    private static SqliteStore Open(string path) => SqliteStore.Open(new SqliteStoreOptions { Path = path });

    private static async Task<long> PutAsync(SqliteStore store, string key, string value, long expected = 0, long lease = 0) =>
        (await store.PutAsync(key, expected, Encoding.UTF8.GetBytes(value), lease, null, Stop)).Revision;

    private SnapshotStatus Save(bool replace = false) => Snapshot.Save(_folder.Database, File1, replace, Stop);

    private SnapshotStatus Restore(SnapshotRestoreOptions? options = null) => Snapshot.Restore(File1, Restored, options ?? new(), Stop);

    private string[] Files() => [.. Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder.Path, f)).Order(StringComparer.Ordinal)];

    // /a: 1@2, 2@3; /b: 1@4, deleted at 5; /leased: 1@6.
    private static async Task FillAsync(SqliteStore store)
    {
        await PutAsync(store, "/a", "1");
        await PutAsync(store, "/a", "2", 2);
        await PutAsync(store, "/b", "1");
        await store.DeleteAsync("/b", 4, Stop);
        await PutAsync(store, "/leased", "1", 0, await store.GrantLeaseAsync(TimeSpan.FromHours(1), Stop));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_snapshot_is_restored_with_its_revisions_history_and_leases(bool whileOpen)
    {
        var store = Open(_folder.Database);
        await FillAsync(store);
        if (!whileOpen)
            await store.DisposeAsync();
        var saved = Save();
        Assert.Equal((6, 7), (saved.Revision, saved.TotalKeys)); // 5 records, 1 lease, the compaction
        Assert.Equal(saved, Snapshot.Status(File1, skipHashCheck: false, Stop));
        if (whileOpen)
            await PutAsync(store, "/later", "1");
        await store.DisposeAsync();

        Assert.Equal(saved, Restore());
        await using var restored = Open(Restored);
        Assert.Equal(6, await restored.CurrentRevisionAsync(Stop));
        var all = await restored.RangeAsync(RangeRequest.Prefix("/"), Stop);
        Assert.Equal(["/a 2/3/2", "/leased 6/6/1"], all.Items.Select(item => $"{item.Key} {item.CreateRevision}/{item.ModRevision}/{item.Version}"));
        Assert.InRange(Assert.NotNull(await restored.LeaseTimeToLiveAsync(all.Items[1].Lease, Stop)), TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        var seen = new List<string>();
        await foreach (var batch in restored.WatchAsync("/", 2, Stop))
        {
            seen.AddRange(batch.Events.Select(e => $"{e.Type} {e.KeyValue.Key}@{e.KeyValue.ModRevision}"));
            if (batch.Revision == 6)
                break;
        }
        Assert.Equal(["Put /a@2", "Put /a@3", "Put /b@4", "Delete /b@5", "Put /leased@6"], seen);
        Assert.Equal(7, await PutAsync(restored, "/next", "1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_killed_process_left_can_be_saved_unless_its_log_is_damaged(bool damaged)
    {
        var killed = Path.Combine(_folder.Path, "killed.db");
        await using (var store = Open(_folder.Database))
        {
            for (var i = 0; i < 20; i++)
                await PutAsync(store, $"/{i}", new string('v', 5000));
            foreach (var suffix in (string[])["", "-wal"])
            {
                await using var from = new FileStream(_folder.Database + suffix, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                await using var to = File.Create(killed + suffix);
                await from.CopyToAsync(to, Stop);
            }
        }

        if (damaged)
        {
            var log = await File.ReadAllBytesAsync(killed + "-wal", Stop);
            log[log.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(killed + "-wal", log, Stop);
            Assert.Contains("log is damaged", Assert.Throws<StoreCorruptException>(() => Snapshot.Save(killed, File1, replace: false, Stop)).Message, StringComparison.Ordinal);
            Assert.Equal(log, await File.ReadAllBytesAsync(killed + "-wal", Stop));
            return;
        }

        Assert.Equal(21, Snapshot.Save(killed, File1, replace: false, Stop).Revision);
        await using var again = Open(killed);
        Assert.Equal(20, (await again.RangeAsync(RangeRequest.Prefix("/"), Stop)).Count);
    }

    [Fact]
    public async Task A_snapshot_under_load_is_of_one_revision_and_has_all_that_was_acknowledged_before()
    {
        await using var store = Open(_folder.Database);
        using var done = new CancellationTokenSource();
        var acknowledged = 0L;
        // Each round writes the same number to two keys; the second only after the first.
        var writer = Task.Run(async () =>
        {
            long left = 0, right = 0;
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                left = await PutAsync(store, "/left", $"{i}", left);
                right = await PutAsync(store, "/right", $"{i}", right);
                await PutAsync(store, $"/filler/{i}", new string('x', 3000));
                Volatile.Write(ref acknowledged, right);
            }
        }, Stop);
        for (var round = 0; round < 5; round++)
        {
            while (Volatile.Read(ref acknowledged) < 100 * (round + 1))
                await Task.Delay(1, Stop);
            var before = Volatile.Read(ref acknowledged);
            var saved = Save(replace: true);
            Assert.True(saved.Revision >= before);
            Directory.CreateDirectory(Path.GetDirectoryName(Restored)!).Delete(recursive: true);
            Restore();
            await using var restored = Open(Restored);
            var left = int.Parse(Encoding.UTF8.GetString((await restored.GetAsync("/left", 0, Stop)).KeyValue!.Value.Span));
            var right = int.Parse(Encoding.UTF8.GetString((await restored.GetAsync("/right", 0, Stop)).KeyValue!.Value.Span));
            Assert.InRange(left - right, 0, 1);
            Assert.Equal(await restored.CurrentRevisionAsync(Stop), saved.Revision);
        }
        await done.CancelAsync();
        await writer;
    }

    [Fact]
    public async Task A_raised_revision_ends_what_clients_know()
    {
        await using (var store = Open(_folder.Database))
            await FillAsync(store);
        Save();
        Assert.Equal(1006, Restore(new SnapshotRestoreOptions { BumpRevision = 1000, MarkCompacted = true }).Revision);
        for (var start = 0; start < 2; start++)
        {
            await using var restored = Open(Restored);
            Assert.Equal(1006 + start, await restored.CurrentRevisionAsync(Stop));
            // As etcd after etcdutl's --bump-revision: a watch from before is told to start anew.
            await Assert.ThrowsAsync<CompactedException>(async () => await restored.WatchAsync("/", 7, Stop).GetAsyncEnumerator(Stop).MoveNextAsync());
            Assert.Equal(3, (await restored.GetAsync("/a", 1006, Stop)).KeyValue!.ModRevision);
            Assert.Equal(1007 + start, await PutAsync(restored, $"/next-{start}", "1"));
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(-1, true)]
    public void The_revision_is_raised_and_marked_compacted_together(long bump, bool mark) =>
        Assert.NotEmpty(new SnapshotRestoreOptions { BumpRevision = bump, MarkCompacted = mark }.Validate());

    [Fact]
    public async Task A_snapshot_is_small_private_and_leaves_nothing_else()
    {
        await using var store = Open(_folder.Database);
        var revision = 0L;
        for (var i = 0; i < 100; i++)
            revision = await PutAsync(store, "/a", new string('x', 50_000), revision);
        await store.CompactAsync(revision, Stop);
        var saved = Save();
        Assert.InRange(saved.TotalSize, 50_000, 200_000);
        Assert.Equal(saved.TotalSize + 32, new FileInfo(File1).Length);
        Assert.Equal(["backup.db", "state.db", "state.db-shm", "state.db-wal", "state.db.lock"], Files());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File1));
    }

    public static readonly TheoryData<string, string> Damages = new()
    {
        { "empty", "is empty" },
        { "cut to half", "no hash at the end" },
        { "without its last byte", "no hash at the end" },
        { "without its hash", "no hash at the end" },
        { "cut by a sector", "damaged: expected sha256" },
        { "a bit in the first page", "damaged: expected sha256" },
        { "a bit in a value", "damaged: expected sha256" },
        { "a bit in the hash", "damaged: expected sha256" },
        { "text", "no hash at the end" },
        { "text with its hash", "not a database" },
        { "another program's database", "not a KubeSharp store" },
    };

    [Theory, MemberData(nameof(Damages))]
    public async Task A_damaged_snapshot_is_refused_and_leaves_no_store(string damage, string message)
    {
        await using (var store = Open(_folder.Database))
        {
            for (var i = 0; i < 50; i++)
                await PutAsync(store, $"/{i}", new string('v', 5000));
        }
        Save();
        var bytes = await File.ReadAllBytesAsync(File1, Stop);
        bytes = damage switch
        {
            "empty" => [],
            "cut to half" => bytes[..(bytes.Length / 2)],
            "without its last byte" => bytes[..^1],
            "without its hash" => bytes[..^32],
            "cut by a sector" => bytes[..^512],
            "text" => [.. Enumerable.Repeat((byte)'t', 5000)],
            _ => bytes,
        };
        if (damage.StartsWith("a bit", StringComparison.Ordinal))
            bytes[damage.EndsWith("page", StringComparison.Ordinal) ? 30 : damage.EndsWith("hash", StringComparison.Ordinal) ? bytes.Length - 1 : bytes.AsSpan().LastIndexOf("vvvvvvvv"u8)] ^= 8;
        await File.WriteAllBytesAsync(File1, bytes, Stop);
        if (damage is "text with its hash")
        {
            await File.WriteAllBytesAsync(File1, [.. Enumerable.Repeat((byte)'t', 5120)], Stop);
            SnapshotTrailer.Append(File1, Stop);
        }
        if (damage is "another program's database")
        {
            File.Delete(File1);
            using (var other = Schema.Connect(File1, SqliteOpenMode.ReadWriteCreate))
                other.Run("CREATE TABLE t (x)");
            SnapshotTrailer.Append(File1, Stop);
        }

        Assert.Contains(message, Assert.Throws<StoreCorruptException>(() => Snapshot.Status(File1, skipHashCheck: false, Stop)).Message, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<StoreCorruptException>(() => Restore()).Message, StringComparison.Ordinal);
        Assert.Equal(["backup.db", "restored/state.db.lock", "state.db", "state.db.lock"], Files().Where(f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_bit_of_a_value_counts_without_a_hash_too()
    {
        await using (var store = Open(_folder.Database))
            await FillAsync(store);
        // A copy of a closed store is as good as a snapshot, if one asks for it.
        File.Copy(_folder.Database, File1);
        Assert.Throws<StoreCorruptException>(() => Restore());
        Assert.Equal(6, Snapshot.Status(File1, skipHashCheck: true, Stop).Revision);
        var bytes = await File.ReadAllBytesAsync(File1, Stop);
        bytes[bytes.AsSpan().LastIndexOf("/leased"u8)] ^= 1;
        await File.WriteAllBytesAsync(File1, bytes, Stop);
        Assert.Contains("checksum", Assert.Throws<StoreCorruptException>(() => Restore(new SnapshotRestoreOptions { SkipHashCheck = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restored_copy_without_auto_vacuum_has_it()
    {
        await using (var store = Open(_folder.Database))
            await FillAsync(store);
        File.Copy(_folder.Database, File1);
        using (var database = Schema.Connect(File1, SqliteOpenMode.ReadWrite))
            database.Run("PRAGMA journal_mode=DELETE; PRAGMA auto_vacuum=NONE; VACUUM");
        Restore(new SnapshotRestoreOptions { SkipHashCheck = true });
        using (var database = Schema.Connect(Restored, SqliteOpenMode.ReadOnly))
            Assert.Equal(2, database.Number("PRAGMA auto_vacuum"));
        await using var restored = Open(Restored);
        Assert.Equal(6, await restored.CurrentRevisionAsync(Stop));
    }

    [Fact]
    public async Task Nothing_is_replaced_unless_asked()
    {
        await using (var store = Open(_folder.Database))
            await FillAsync(store);
        await File.WriteAllTextAsync(File1, "precious", Stop);
        Assert.Contains("is there already", Assert.Throws<IOException>(() => Save()).Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(File1, Stop));
        Save(replace: true);
        Restore();
        Assert.Contains("is there already", Assert.Throws<IOException>(() => Restore()).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Snapshot.Save(Path.Combine(_folder.Path, "no.db"), File1, replace: true, Stop));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "no.db")));
    }

    [Fact]
    public async Task A_damaged_store_takes_no_backups_place()
    {
        await using (var store = Open(_folder.Database))
        {
            for (var i = 0; i < 50; i++)
                await PutAsync(store, $"/{i}", new string('v', 5000));
        }
        Save();
        var good = await File.ReadAllBytesAsync(File1, Stop);
        var bytes = await File.ReadAllBytesAsync(_folder.Database, Stop);
        bytes[bytes.AsSpan().LastIndexOf("vvvvvvvv"u8)] ^= 1;
        await File.WriteAllBytesAsync(_folder.Database, bytes, Stop);
        Assert.Contains("checksum", Assert.Throws<StoreCorruptException>(() => Save(replace: true)).Message, StringComparison.Ordinal);
        Assert.Equal(good, await File.ReadAllBytesAsync(File1, Stop));
        Assert.False(File.Exists(File1 + ".part"));
    }

    [Fact]
    public async Task A_full_disk_leaves_no_snapshot_and_no_store()
    {
        await using (var store = Open(_folder.Database))
        {
            for (var i = 0; i < 300; i++)
                await PutAsync(store, $"/{i}", new string('v', 5000));
        }
        Save();
        await using var small = await SmallDisk.MountAsync(_folder.Path, "1m");
        var file = Path.Combine(small.Path, "backup.db");
        Assert.Contains("no space left", Assert.ThrowsAny<Exception>(() => Snapshot.Save(_folder.Database, file, replace: false, Stop)).Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.GetFiles(small.Path));
        var store2 = Path.Combine(small.Path, "state.db");
        Assert.ThrowsAny<IOException>(() => Snapshot.Restore(File1, store2, new(), Stop));
        Assert.Equal([store2 + ".lock"], Directory.GetFiles(small.Path));
    }

    [Fact]
    public async Task A_cancelled_snapshot_leaves_nothing()
    {
        await using var store = Open(_folder.Database);
        await FillAsync(store);
        var before = Files();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Assert.ThrowsAny<OperationCanceledException>(() => Snapshot.Save(_folder.Database, File1, replace: false, cancelled.Token));
        Assert.Equal(before, Files());
    }
}
