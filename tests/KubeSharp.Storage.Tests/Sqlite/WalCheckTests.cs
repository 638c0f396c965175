using System.Text;
using KubeSharp.Storage.Sqlite;

namespace KubeSharp.Storage.Tests.Sqlite;

/// <summary>Damage in the log of a process that was killed.</summary>
public sealed class WalCheckTests : IDisposable
{
    private const int Header = 32, Frame = 24 + 4096, Writes = 20;

    private readonly ScratchFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Copy => Path.Combine(_folder.Path, "copy.db");

    public void Dispose() => _folder.Dispose();

    // The files as a killed process would leave them: a store that is still open, copied.
    private async Task<byte[]> LeaveLogAsync()
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = _folder.Database });
        for (var i = 0; i < Writes; i++)
            await store.PutAsync($"/{i:d4}", 0, Encoding.ASCII.GetBytes(new string('v', 6000)), 0, null, Stop);
        await CopyAsync(_folder.Database, Copy);
        await CopyAsync(_folder.Database + "-wal", Copy + "-wal");
        return await File.ReadAllBytesAsync(Copy + "-wal", Stop);
    }

    private static async Task CopyAsync(string from, string to)
    {
        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await using var target = File.Create(to);
        await source.CopyToAsync(target, Stop);
    }

    private async Task<long> OpenAndCountAsync()
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = Copy, StartupCheck = StartupCheck.Full });
        return (await store.RangeAsync(RangeRequest.Prefix("/"), Stop)).Count;
    }

    public static readonly TheoryData<string, int> Places = new()
    {
        { "header's page size", 10 }, { "header's checksum", 25 }, { "header's salt", 17 }, { "first frame's page", Header + 24 + 100 }, { "first frame's checksum", Header + 17 },
        { "a frame's salt", Header + (10 * Frame) + 9 }, { "a page in the middle", Header + (20 * Frame) + 2000 },
    };

    [Theory, MemberData(nameof(Places))]
    public async Task A_log_damaged_before_acknowledged_writes_is_refused(string label, int at)
    {
        _ = label;
        var log = await LeaveLogAsync();
        Assert.True(log.Length > Header + (30 * Frame));
        log[at] ^= 0x10;
        await File.WriteAllBytesAsync(Copy + "-wal", log, Stop);
        Assert.Contains("log", Assert.Throws<StoreCorruptException>(() => SqliteStore.Open(new SqliteStoreOptions { Path = Copy })).Message, StringComparison.Ordinal);
        Assert.Equal(log, await File.ReadAllBytesAsync(Copy + "-wal", Stop));
    }

    [Fact]
    public async Task A_log_torn_in_its_last_transaction_loses_that_one_only()
    {
        var log = await LeaveLogAsync();
        Assert.Equal(Writes, await OpenAndCountAsync());

        for (var cut = 1; cut <= Frame; cut += 1000)
        {
            log = await LeaveAgainAsync();
            await File.WriteAllBytesAsync(Copy + "-wal", log[..^cut], Stop);
            Assert.Equal(Writes - 1, await OpenAndCountAsync());
        }
        // The commit is there, a page of it is not: written back out of order.
        log = await LeaveAgainAsync();
        log[^(Frame + 100)] ^= 1;
        await File.WriteAllBytesAsync(Copy + "-wal", log, Stop);
        Assert.Equal(Writes - 1, await OpenAndCountAsync());
    }

    private async Task<byte[]> LeaveAgainAsync()
    {
        Directory.Delete(_folder.Path, recursive: true);
        Directory.CreateDirectory(_folder.Path);
        return await LeaveLogAsync();
    }
}
