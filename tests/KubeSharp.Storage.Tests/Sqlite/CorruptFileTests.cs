using System.Text;
using KubeSharp.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Tests.Sqlite;

public sealed class CorruptFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private SqliteStore Open(StartupCheck check) => SqliteStore.Open(new SqliteStoreOptions { Path = _folder.Database, StartupCheck = check });

    private async Task FillAsync()
    {
        await using var store = Open(StartupCheck.Quick);
        for (var i = 0; i < 200; i++)
            await store.PutAsync($"/{i:d4}", 0, Encoding.ASCII.GetBytes(new string('v', 10_000)), 0, null, Stop);
    }

    public static readonly TheoryData<string, string> Damages = new()
    {
        { "not a database", "not a database" },
        { "empty", "is empty" },
        { "another program's database", "not a KubeSharp store" },
        { "a later schema", "schema version 99" },
        { "no database beside a log", "is missing" },
        { "overwritten page", "damaged" },
        { "truncated", "damaged" },
        { "overwritten first page", "" },
    };

    [Theory, MemberData(nameof(Damages))]
    public async Task A_damaged_file_is_refused_and_left_alone(string damage, string message)
    {
        await FillAsync();
        var path = _folder.Database;
        var size = new FileInfo(path).Length;
        switch (damage)
        {
            case "not a database":
                await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("apiVersion: v1\n", 1000)), Stop);
                break;
            case "empty":
                await File.WriteAllBytesAsync(path, [], Stop);
                break;
            case "another program's database":
                Change("PRAGMA application_id=42");
                break;
            case "a later schema":
                Change("PRAGMA user_version=99");
                break;
            case "no database beside a log":
                File.Move(path, path + "-wal");
                break;
            case "overwritten page":
                // Page 2 onwards: pointer map, the tables' roots; 0xff is no page type.
                Overwrite(4096, 16 * 4096);
                break;
            case "truncated":
                using (var file = File.OpenWrite(path))
                    file.SetLength(size / 2 / 4096 * 4096);
                break;
            case "overwritten first page":
                Overwrite(100, 2000);
                break;
        }
        var before = File.Exists(path) ? await File.ReadAllBytesAsync(path, Stop) : [];

        var refused = Assert.Throws<StoreCorruptException>(() => Open(StartupCheck.Quick));
        Assert.StartsWith(path + ": ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.Exists(path) ? await File.ReadAllBytesAsync(path, Stop) : []);
    }

    [Fact]
    public async Task A_value_changed_on_disk_is_not_served()
    {
        await FillAsync();
        var bytes = await File.ReadAllBytesAsync(_folder.Database, Stop);
        // A run of a value's bytes: no structure of SQLite's is hurt.
        bytes[bytes.AsSpan().LastIndexOf("vvvvvvvv"u8)] ^= 1;
        await File.WriteAllBytesAsync(_folder.Database, bytes, Stop);

        Assert.Contains("checksum", Assert.Throws<StoreCorruptException>(() => Open(StartupCheck.Full)).Message, StringComparison.Ordinal);

        await using var store = Open(StartupCheck.Quick);
        await Assert.ThrowsAsync<StoreCorruptException>(async () => await store.RangeAsync(RangeRequest.Prefix("/"), Stop));
        Assert.Contains("checksum", (await store.Corruption).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreCorruptException>(async () => await store.PutAsync("/new", 0, default, 0, null, Stop));
    }

    private void Change(string sql)
    {
        using var database = Schema.Connect(_folder.Database, SqliteOpenMode.ReadWrite);
        database.Run(sql);
    }

    private void Overwrite(int at, int count)
    {
        using var file = File.OpenWrite(_folder.Database);
        file.Seek(at, SeekOrigin.Begin);
        file.Write(Enumerable.Repeat((byte)0xff, count).ToArray());
    }
}
