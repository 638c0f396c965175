using System.Text;
using KubeSharp.Storage.Etcd;
using KubeSharp.Storage.Migration;
using KubeSharp.Storage.Sqlite;
using KubeSharp.Storage.Tests.Etcd;
using KubeSharp.Storage.Tests.Sqlite;

namespace KubeSharp.Storage.Tests.Migration;

public sealed class StoreMigrationTests : IDisposable
{
    private const int Keys = 700;

    private readonly ScratchFolder _folder = new();
    private readonly List<string> _lines = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private string Database(string name) => Path.Combine(_folder.Path, name, "state.db");

    private SqliteStore OpenSqlite(string name, TimeProvider? time = null) => SqliteStore.Open(new SqliteStoreOptions { Path = Database(name), TimeProvider = time ?? TimeProvider.System });

    private StoreMigrationTarget Live(IRevisionedStore store, long maxRevisionWrites = 100_000) => new(store, maxRevisionWrites, _lines.Add, TimeProvider.System);

    private Task<MigrationReport> RunAsync(IRevisionedStore source, IMigrationTarget target, bool force = false) => StoreMigration.RunAsync(source, target, force, _lines.Add, Stop);

    /// <summary>Keys of every sort: binary, empty and large values, several versions, deleted ones, leased ones, and some outside.</summary>
    private static async Task FillAsync(IRevisionedStore store)
    {
        var random = new Random(1);
        for (var i = 0; i < Keys; i++)
        {
            var value = new byte[i % 100 == 0 ? 300_000 : random.Next(0, 2000)];
            random.NextBytes(value);
            var revision = (await store.PutAsync($"/registry/things/ns-{i % 7}/thing-{i}", 0, value, 0, null, Stop)).Revision;
            for (var version = 0; version < i % 3; version++)
                revision = (await store.PutAsync($"/registry/things/ns-{i % 7}/thing-{i}", revision, value, 0, null, Stop)).Revision;
            if (i % 50 == 9)
                await store.DeleteAsync($"/registry/things/ns-{i % 7}/thing-{i}", revision, Stop);
        }

        var hour = await store.GrantLeaseAsync(TimeSpan.FromHours(1), Stop);
        var twoHours = await store.GrantLeaseAsync(TimeSpan.FromHours(2), Stop);
        for (var i = 0; i < 30; i++)
            await store.PutAsync($"/registry/events/default/event-{i}", 0, Encoding.UTF8.GetBytes($"{i}"), i % 2 == 0 ? hour : twoHours, null, Stop);
        await store.PutAsync("/registry/ümläut/\u00e9", 0, "x"u8.ToArray(), 0, null, Stop);
        await store.PutAsync("compact_rev_key", 0, "17"u8.ToArray(), 0, null, Stop);
    }

    private static async Task<List<string>> ContentAsync(IRevisionedStore store, bool revisions)
    {
        var found = new List<string>();
        foreach (var item in (await store.RangeAsync(RangeRequest.Prefix(""), Stop)).Items)
        {
            var lease = item.Lease == 0 ? "" : $" {Math.Round(((await store.LeaseTimeToLiveAsync(item.Lease, Stop))!.Value).TotalMinutes / 10)}0min";
            found.Add($"{item.Key}{(revisions ? $" {item.CreateRevision}/{item.ModRevision}/{item.Version}" : "")} {Convert.ToHexString(item.Value.Span)}{lease}");
        }

        return found;
    }

    private static List<string> Without(List<string> content, string key) => [.. content.Where(line => !line.StartsWith(key, StringComparison.Ordinal))];

    [Fact]
    public async Task From_the_embedded_store_to_etcd_and_back_every_byte_is_the_same()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        List<string> original;
        await using (var source = OpenSqlite("a"))
        {
            await FillAsync(source);
            original = Without(await ContentAsync(source, revisions: false), "compact_rev_key");
            await using var there = Live(EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints }));
            var report = await RunAsync(source, there);
            Assert.Equal(report.Source, report.Target);
            Assert.Equal((original.Count - 30, 30), (report.Target.Keys, report.Target.Leased));
            Assert.True(report.TargetRevision >= report.SourceRevision, $"{report}");
        }

        List<string> inEtcd;
        long revision;
        await using (var etcd = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints }))
        {
            Assert.Equal(original, await ContentAsync(etcd, revisions: false));
            await MigrationMarker.RefuseUnfinishedAsync(etcd, Stop);
            inEtcd = await ContentAsync(etcd, revisions: true);
            revision = await etcd.CurrentRevisionAsync(Stop);
            await using var back = SqliteMigrationTarget.Open(Database("b"));
            var report = await RunAsync(etcd, back);
            Assert.Equal(report.Source, report.Target);
            Assert.Equal((revision, revision), (report.SourceRevision, report.TargetRevision));
        }

        await using var target = OpenSqlite("b");
        Assert.Equal(inEtcd, await ContentAsync(target, revisions: true));
        Assert.Equal(revision, await target.CurrentRevisionAsync(Stop));
        // The history is not copied: from here on it is watched, before that one lists anew.
        await Assert.ThrowsAsync<CompactedException>(async () => await target.WatchAsync("/", revision - 1, Stop).GetAsyncEnumerator(Stop).MoveNextAsync());
        Assert.Equal(revision + 1, (await target.PutAsync("/registry/next", 0, default, 0, null, Stop)).Revision);
        Assert.Equal(["state.db", "state.db-shm", "state.db-wal", "state.db.lock"], Directory.GetFiles(Path.Combine(_folder.Path, "b")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Etcds_prefix_is_where_it_says()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var source = OpenSqlite("a");
        await source.PutAsync("/registry/pods/a", 0, "1"u8.ToArray(), 0, null, Stop);
        await using var plain = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints });
        await plain.PutAsync("/registry/pods/somebody-elses", 0, "1"u8.ToArray(), 0, null, Stop);
        await using (var there = Live(EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints, Prefix = "/other" })))
            await RunAsync(source, there);
        Assert.Equal("1"u8.ToArray(), (await plain.GetAsync("/other/pods/a", 0, Stop)).KeyValue!.Value.ToArray());
        Assert.Equal(2, (await plain.RangeAsync(RangeRequest.Prefix("/"), Stop)).Count);
    }

    [Fact]
    public async Task The_rest_of_a_leases_time_goes_along()
    {
        var time = new ManualTime();
        await using var source = OpenSqlite("a", time);
        foreach (var (name, minutes) in ((string, int)[])[("long", 60), ("short", 31), ("over", 10)])
        {
            var lease = await source.GrantLeaseAsync(TimeSpan.FromMinutes(minutes), Stop);
            await source.PutAsync($"/registry/events/{name}", 0, default, lease, null, Stop);
        }

        time.Advance(TimeSpan.FromMinutes(30));
        await using (var target = SqliteMigrationTarget.Open(Database("b")))
            Assert.Equal(2, (await RunAsync(source, target)).Target.Leased);
        await using var written = OpenSqlite("b", new ManualTime());
        var items = (await written.RangeAsync(RangeRequest.Prefix("/registry/events/"), Stop)).Items;
        var left = await Task.WhenAll(items.Select(async item => $"{item.Key} {await written.LeaseTimeToLiveAsync(item.Lease, Stop)}"));
        Assert.Equal(["/registry/events/long 00:30:00", "/registry/events/short 00:01:00"], left);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_target_has_goes_only_by_force(bool live)
    {
        await using var source = OpenSqlite("a");
        await source.PutAsync("/registry/pods/new", 0, "1"u8.ToArray(), 0, null, Stop);
        await using (var old = OpenSqlite("b"))
        {
            for (var i = 0; i < 1500; i++)
                await old.PutAsync($"/registry/pods/old-{i}", 0, default, 0, null, Stop);
        }

        async Task<MigrationReport> TryAsync(bool force)
        {
            await using var target = live ? Live(OpenSqlite("b")) : (IMigrationTarget)SqliteMigrationTarget.Open(Database("b"));
            return await RunAsync(source, target, force);
        }

        var refused = await Assert.ThrowsAsync<MigrationException>(() => TryAsync(force: false));
        Assert.Contains("the target is not empty", refused.Message, StringComparison.Ordinal);
        await using (var same = OpenSqlite("b"))
            Assert.Equal(1500, (await same.RangeAsync(RangeRequest.Prefix("/"), Stop)).Count);
        await TryAsync(force: true);
        await using var done = OpenSqlite("b");
        Assert.Equal("/registry/pods/new", Assert.Single((await done.RangeAsync(RangeRequest.Prefix("/"), Stop)).Items).Key);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(20, false)]
    [InlineData(100_000, true)]
    public async Task The_revision_is_raised_if_that_is_not_too_much(long limit, bool raised)
    {
        await using var source = OpenSqlite("a");
        var revision = 0L;
        for (var i = 0; i < 500; i++)
            revision = (await source.PutAsync("/registry/pods/a", revision, default, 0, null, Stop)).Revision;
        await using var target = Live(OpenSqlite("b"), limit);
        var report = await RunAsync(source, target);
        Assert.Equal(501, report.SourceRevision);
        Assert.Equal(raised, report.TargetRevision >= 501);
        Assert.InRange(report.TargetRevision, raised ? 501 : 2, raised ? 700 : 10);
        Assert.Single((await target.Written.RangeAsync(RangeRequest.Prefix("/"), Stop)).Items);
    }

    [Fact]
    public async Task A_half_in_a_live_store_is_recognised_until_it_is_done_anew()
    {
        await using var source = OpenSqlite("a");
        await FillAsync(source);
        await using (var target = Live(OpenSqlite("b")))
        {
            // Ended in the middle: as much as was done stays.
            await target.PrepareAsync(force: false, Stop);
            await target.WriteAsync((await source.RangeAsync(RangeRequest.Prefix("/registry/", limit: 10), Stop)).Items.Select(item => item with { Lease = 0 }).ToArray(), Stop);
        }

        await using (var half = OpenSqlite("b"))
            await Assert.ThrowsAsync<MigrationException>(() => MigrationMarker.RefuseUnfinishedAsync(half, Stop));
        await using (var target = Live(OpenSqlite("b")))
            Assert.Contains("did not come to its end", (await Assert.ThrowsAsync<MigrationException>(() => RunAsync(source, target))).Message, StringComparison.Ordinal);
        await using (var target = Live(OpenSqlite("b")))
            await RunAsync(source, target, force: true);
        await using var whole = OpenSqlite("b");
        await MigrationMarker.RefuseUnfinishedAsync(whole, Stop);
        Assert.Equal(Without(await ContentAsync(source, revisions: false), "compact_rev_key"), await ContentAsync(whole, revisions: false));
    }

    [Fact]
    public async Task A_half_of_an_embedded_store_is_none()
    {
        await using var source = OpenSqlite("a");
        await FillAsync(source);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using (var target = SqliteMigrationTarget.Open(Database("b")))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => StoreMigration.RunAsync(source, target, force: false, line =>
            {
                if (line.StartsWith("comparing", StringComparison.Ordinal))
                    cancelled.Cancel();
            }, cancelled.Token));
            // While it is made, and if it were killed now, no server would start there.
            Assert.True(File.Exists(Database("b") + Schema.Unfinished));
            Assert.Throws<StoreUnavailableException>(() => OpenSqlite("b"));
        }

        Assert.Equal(["state.db.lock"], Directory.GetFiles(Path.Combine(_folder.Path, "b")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_target_that_was_tampered_with_is_not_complete()
    {
        await using var source = OpenSqlite("a");
        await source.PutAsync("/registry/pods/a", 0, "1"u8.ToArray(), 0, null, Stop);
        await source.PutAsync("/registry/pods/c", 0, "1"u8.ToArray(), 0, null, Stop);
        foreach (var (key, message) in ((string, string)[])[("/registry/pods/a", "/registry/pods/a is not the same"), ("/registry/pods/b", "somebody else wrote /registry/pods/b"), ("/registry/pods/d", "does not have: /registry/pods/d")])
        {
            var store = OpenSqlite("target-" + Path.GetFileName(key));
            await using var target = Live(store);
            var failure = await Assert.ThrowsAsync<MigrationException>(() => StoreMigration.RunAsync(source, target, force: false, line =>
            {
                if (line == "comparing")
                {
                    var known = store.GetAsync(key, 0, Stop).AsTask().Result.KeyValue?.ModRevision ?? 0;
                    Assert.True(store.PutAsync(key, known, "2"u8.ToArray(), 0, null, Stop).AsTask().Result.Succeeded);
                }
            }, Stop));
            Assert.Contains(message, failure.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<MigrationException>(() => MigrationMarker.RefuseUnfinishedAsync(store, Stop));
        }
    }

    public static readonly TheoryData<string, string?> Moves = new()
    {
        { "write", "somebody wrote to the source while it was copied (/registry/pods/late)" },
        { "delete", "somebody deleted from the source" },
        // Its keys go with it, and nobody is to blame.
        { "revoke", null },
        { "elsewhere", null },
    };

    [Theory, MemberData(nameof(Moves))]
    public async Task A_source_that_moves_on_is_not_copied(string move, string? message)
    {
        await using var source = OpenSqlite("a");
        await source.PutAsync("/registry/pods/a", 0, "1"u8.ToArray(), 0, null, Stop);
        var lease = await source.GrantLeaseAsync(TimeSpan.FromHours(1), Stop);
        await source.PutAsync("/registry/events/a", 0, "1"u8.ToArray(), lease, null, Stop);
        await using var target = SqliteMigrationTarget.Open(Database("b"));
        var migration = StoreMigration.RunAsync(source, target, force: false, line =>
        {
            if (line != "comparing")
                return;
            Assert.True(move switch
            {
                "write" => source.PutAsync("/registry/pods/late", 0, default, 0, null, Stop).AsTask().Result.Succeeded,
                "delete" => source.DeleteAsync("/registry/pods/a", 2, Stop).AsTask().Result.Succeeded,
                "revoke" => source.RevokeLeaseAsync(lease, Stop).AsTask().Result,
                _ => source.PutAsync("/elsewhere", 0, default, 0, null, Stop).AsTask().Result.Succeeded,
            });
        }, Stop);
        if (message is null)
            Assert.Equal((1, 1), ((await migration).Target.Keys, (await migration).Target.Leased));
        else
            Assert.Contains(message, (await Assert.ThrowsAsync<MigrationException>(() => migration)).Message, StringComparison.Ordinal);
        Assert.Equal(message is null, File.Exists(Database("b")));
    }
}
