using System.Text;
using KubeSharp.Storage.Sqlite;

namespace KubeSharp.Storage.Tests.Sqlite;

/// <summary>What is found at start, when it is found: cheaply after a clean stop, everything after any other end.</summary>
public sealed class StartupCheckTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private SqliteStore Open(StartupCheck check = StartupCheck.Automatic) => SqliteStore.Open(new SqliteStoreOptions { Path = _folder.Database, StartupCheck = check });

    private async Task FillAsync(bool closeCleanly)
    {
        var copy = _folder.Database + "-copy";
        await using (var store = Open())
        {
            for (var i = 0; i < 50; i++)
                await store.PutAsync($"/key-{i:d4}", 0, Encoding.ASCII.GetBytes(new string('v', 5000)), 0, null, Stop);
            await store.DeleteAsync("/key-0007", 9, Stop);
            await store.CompactAsync(20, Stop);
            if (!closeCleanly)
                // As a killed process leaves it, but with all of it in the database file.
                await CopyAsync(copy);
        }

        if (!closeCleanly)
            File.Move(copy, _folder.Database, overwrite: true);
    }

    private async Task CopyAsync(string to)
    {
        using (var other = Schema.Connect(_folder.Database, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
            other.Run("PRAGMA wal_checkpoint(FULL)");
        await using var source = new FileStream(_folder.Database, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await using var target = File.Create(to);
        await source.CopyToAsync(target, Stop);
    }

    [Fact]
    public async Task A_store_opens_again_and_again()
    {
        await FillAsync(closeCleanly: true);
        for (var round = 0; round < 3; round++)
        {
            await using var store = Open();
            Assert.Equal(49 + round, (await store.RangeAsync(RangeRequest.Prefix("/"), Stop)).Count);
            await store.PutAsync($"/more-{round}", 0, default, 0, null, Stop);
            await store.CompactAsync(await store.CurrentRevisionAsync(Stop), Stop);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_was_written_and_refused_the_next_start_finds_the_same(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 6; round++)
        {
            // No room now and then, so that transactions are undone.
            await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = _folder.Database, MaxPages = round % 2 == 0 ? 0 : 60 });
            var lease = 0L;
            await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
            {
                var (key, what, size, wrong) = ($"/{random.Next(20)}", random.Next(10), random.Next(3000), random.Next(5) == 0);
                try
                {
                    var known = wrong ? 77 : (await store.GetAsync(key, 0, Stop)).KeyValue?.ModRevision ?? 0;
                    switch (what)
                    {
                        case 0:
                            await store.DeleteAsync(key, known, Stop);
                            break;
                        case 1:
                            lease = await store.GrantLeaseAsync(TimeSpan.FromHours(1), Stop);
                            break;
                        case 2:
                            await store.RevokeLeaseAsync(lease, Stop);
                            break;
                        case 3:
                            await store.CompactAsync(await store.CurrentRevisionAsync(Stop), Stop);
                            break;
                        default:
                            await store.PutAsync(key, known, new byte[size], what == 4 ? lease : 0, null, Stop);
                            break;
                    }
                }
                catch (Exception e) when (e is StoreUnavailableException or LeaseNotFoundException or CompactedException)
                {
                    // As it should be.
                }
            }));
        }

        await using var last = Open();
        Assert.NotEqual(1, await last.CurrentRevisionAsync(Stop));
    }

    public static readonly TheoryData<string, bool, StartupCheck, string?> Damages = new()
    {
        // What was lost or renamed is found at any start; a value only when all of it is read.
        { "key", true, StartupCheck.Automatic, "does not hold what it held" },
        { "row", true, StartupCheck.Automatic, "51 records then, 50 now" },
        { "compaction", true, StartupCheck.Automatic, "does not hold what it held" },
        { "value", true, StartupCheck.Automatic, null },
        { "value", true, StartupCheck.Full, "checksum" },
        { "value", false, StartupCheck.Automatic, "checksum" },
        { "key", false, StartupCheck.Automatic, "checksum" },
        { "nothing", true, StartupCheck.Automatic, null },
        { "nothing", true, StartupCheck.Full, null },
        { "nothing", false, StartupCheck.Automatic, null },
    };

    [Theory, MemberData(nameof(Damages))]
    public async Task Damage_is_found_at_the_start(string damage, bool closedCleanly, StartupCheck check, string? message)
    {
        await FillAsync(closedCleanly);
        switch (damage)
        {
            case "key":
                await FlipAsync("/key-0030"u8.ToArray());
                break;
            case "value":
                await FlipAsync("vvvvvvvv"u8.ToArray());
                break;
            case "row":
                Run("DELETE FROM record WHERE key = '/key-0030'");
                break;
            case "compaction":
                Run("UPDATE meta SET value = 30 WHERE name = 'compact_revision'");
                break;
        }

        if (message is null)
        {
            await using var store = Open(check);
            Assert.Equal(49, (await store.RangeAsync(RangeRequest.Prefix("/") with { CountOnly = true }, Stop)).Count);
            return;
        }

        Assert.Contains(message, Assert.Throws<StoreCorruptException>(() => Open(check)).Message, StringComparison.Ordinal);
        // And the next time too.
        Assert.Contains(message, Assert.Throws<StoreCorruptException>(() => Open(check)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_found_damage_does_not_say_that_it_was_closed_properly()
    {
        await FillAsync(closeCleanly: true);
        await FlipAsync("vvvvvvvv"u8.ToArray());
        await using (var store = Open())
            await Assert.ThrowsAsync<StoreCorruptException>(async () => await store.RangeAsync(RangeRequest.Prefix("/"), Stop));
        Assert.Contains("checksum", Assert.Throws<StoreCorruptException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restore_that_did_not_end_is_no_empty_store()
    {
        File.WriteAllText(_folder.Database + Schema.Unfinished, "half");
        Assert.Contains("did not come to its end", Assert.Throws<StoreUnavailableException>(() => Open()).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Database));
    }

    private async Task FlipAsync(byte[] text)
    {
        var bytes = await File.ReadAllBytesAsync(_folder.Database, Stop);
        bytes[bytes.AsSpan().LastIndexOf(text) + text.Length - 1] ^= 1;
        await File.WriteAllBytesAsync(_folder.Database, bytes, Stop);
    }

    private void Run(string sql)
    {
        using var database = Schema.Connect(_folder.Database, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        database.Run(sql);
    }
}
