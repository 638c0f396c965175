using System.Text.Json.Nodes;
using KubeSharp.Storage.Sqlite;

namespace KubeSharp.Tests;

/// <summary>Backups of the embedded store, by the commands, of a server that goes on.</summary>
public sealed class SnapshotCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubesharp-snapshot-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Backup => Path.Combine(_folder, "backup.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A server's certificates are beside the store, and no part of a backup.</summary>
    private static void CopyCertificates(ServerProcess from, ServerProcess to)
    {
        var target = Directory.CreateDirectory(Path.Combine(to.DataDirectory, "pki")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(from.DataDirectory, "pki")))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
    }

    private static async Task<JsonNode> NextEventAsync(StreamReader watch) =>
        JsonNode.Parse((await watch.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Stop))!)!;

    [Fact]
    public async Task A_snapshot_under_load_has_every_object_acknowledged_before_it_and_is_served()
    {
        await using var server = new ServerProcess("kube-apiserver");
        await server.StartAsync();
        using var objects = new ConfigMaps(server);
        using var done = new CancellationTokenSource();
        var writing = objects.WriteAsync(done.Token);
        while (objects.Acknowledged.Count < 200)
            await Task.Delay(10, Stop);
        var before = objects.Acknowledged.ToDictionary();
        Assert.StartsWith($"Snapshot saved at {Backup}\n", await Executable.RunAsync("snapshot", "save", Backup, "--data-dir", server.DataDirectory), StringComparison.Ordinal);
        var countThen = objects.Acknowledged.Count;
        while (objects.Acknowledged.Count < countThen + 50)
            await Task.Delay(10, Stop);
        await done.CancelAsync();
        await writing;

        var revision = JsonNode.Parse(await Executable.RunAsync("snapshot", "status", Backup, "--write-out", "json"))!["revision"]!.GetValue<long>();
        await using var restored = new ServerProcess("kube-apiserver");
        await Executable.RunAsync("snapshot", "restore", Backup, "--data-dir", restored.DataDirectory);
        CopyCertificates(server, restored);
        await restored.StartAsync();
        using var found = new ConfigMaps(restored);
        var list = await found.GetAsync();
        var items = list["items"]!.AsArray().Select(item => item!["metadata"]!).ToDictionary(m => m["name"]!.GetValue<string>());
        foreach (var (name, metadata) in before)
            Assert.True(JsonNode.DeepEquals(metadata, items.GetValueOrDefault(name)), name);
        Assert.All(items.Values, metadata => Assert.True(long.Parse(metadata["resourceVersion"]!.GetValue<string>()) <= revision));
        Assert.True(long.Parse(list["metadata"]!["resourceVersion"]!.GetValue<string>()) >= revision);

        // Who saw all up to the snapshot goes on from there.
        using var watch = new StreamReader(await found.Client.GetStreamAsync($"{ConfigMaps.Path}?watch=1&resourceVersion={revision}&fieldSelector=metadata.name%3Dafter", Stop));
        await found.CreateAsync("after");
        var added = await NextEventAsync(watch);
        Assert.Equal("ADDED after", $"{added["type"]} {added["object"]!["metadata"]!["name"]}");
    }

    [Fact]
    public async Task A_raised_revision_makes_clients_list_anew()
    {
        await using var server = new ServerProcess("kube-apiserver");
        await server.StartAsync();
        using var objects = new ConfigMaps(server);
        await objects.CreateAsync("one");
        await Executable.RunAsync("snapshot", "save", Backup, "--data-dir", server.DataDirectory);
        await objects.CreateAsync("two");
        var seen = long.Parse((await objects.GetAsync())["metadata"]!["resourceVersion"]!.GetValue<string>());

        await using var restored = new ServerProcess("kube-apiserver");
        await Executable.RunAsync("snapshot", "restore", Backup, "--data-dir", restored.DataDirectory, "--bump-revision", "1000000", "--mark-compacted");
        await restored.StartAsync();
        using var found = new ConfigMaps(restored);
        var list = await found.GetAsync();
        Assert.True(long.Parse(list["metadata"]!["resourceVersion"]!.GetValue<string>()) > 1_000_000);
        Assert.Contains("one", (await found.ListAsync(resourceVersions: true)).Keys);
        using var watch = new StreamReader(await found.Client.GetStreamAsync($"{ConfigMaps.Path}?watch=1&resourceVersion={seen}", Stop));
        var expired = await NextEventAsync(watch);
        Assert.Equal("ERROR 410 Expired", $"{expired["type"]} {expired["object"]!["code"]} {expired["object"]!["reason"]}");
    }

    [Fact]
    public async Task The_commands_say_what_they_find()
    {
        var directory = Path.Combine(_folder, "data");
        await FillAsync(directory, keys: 20, size: 1000);
        await Executable.RunAsync("snapshot", "save", Backup, "--data-dir", directory);

        var status = JsonNode.Parse(await Executable.RunAsync("snapshot", "status", Backup, "-w", "json"))!;
        // etcdutl's names (etcdutl/snapshot/v3_snapshot.go Status).
        Assert.Equal(["hash", "revision", "totalKey", "totalSize", "version"], status.AsObject().Select(pair => pair.Key));
        Assert.Equal((21, 21), (status["revision"]!.GetValue<int>(), status["totalKey"]!.GetValue<int>()));
        var hash = status["hash"]!.GetValue<uint>().ToString("x");
        var size = new FileInfo(Backup).Length - 32;
        Assert.Equal(size, status["totalSize"]!.GetValue<long>());
        var kilobytes = $"{Math.Round(size / 1000.0)} kB";
        Assert.Equal($"{hash}, 21, 21, {kilobytes}, 1\n", await Executable.RunAsync("snapshot", "status", Backup));
        var table = (await Executable.RunAsync("snapshot", "status", Backup, "--write-out", "table")).Split('\n');
        Assert.Equal(["HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE", "VERSION"], table[1].Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal([hash, "21", "21", kilobytes, "1"], table[3].Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        Assert.All((int[])[0, 2, 4], line => Assert.Matches(@"^\+(-+\+){5}$", table[line]));

        Assert.Contains("is there already", await Executable.FailAsync(1, "snapshot", "save", Backup, "--data-dir", directory), StringComparison.Ordinal);
        await Executable.RunAsync("snapshot", "save", Backup, "--data-dir", directory, "--force");
        Assert.Contains("is there already", await Executable.FailAsync(1, "snapshot", "restore", Backup, "--data-dir", directory), StringComparison.Ordinal);
        Assert.Contains("no such store", await Executable.FailAsync(1, "snapshot", "save", Backup + "2", "--data-dir", _folder), StringComparison.Ordinal);
        Assert.Contains("no such file", await Executable.FailAsync(1, "snapshot", "status", Backup + "2"), StringComparison.Ordinal);
        Assert.Contains("--mark-compacted", await Executable.FailAsync(2, "snapshot", "restore", Backup, "--data-dir", directory + "2", "--bump-revision", "5"), StringComparison.Ordinal);
        Assert.Equal(["backup.db", "data"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        var bytes = await File.ReadAllBytesAsync(Backup, Stop);
        foreach (var damaged in (byte[][])[[], bytes[..^1], bytes[..(bytes.Length / 2)], [.. bytes[..5000], (byte)(bytes[5000] ^ 4), .. bytes[5001..]]])
        {
            await File.WriteAllBytesAsync(Backup, damaged, Stop);
            await Executable.FailAsync(1, "snapshot", "status", Backup);
            await Executable.FailAsync(1, "snapshot", "restore", Backup, "--data-dir", directory + "2");
            Assert.False(File.Exists(Path.Combine(directory + "2", "kubesharp.db")));
        }
    }

    [Fact]
    public async Task What_is_killed_in_the_middle_leaves_nothing_that_looks_complete()
    {
        var directory = Path.Combine(_folder, "data");
        await FillAsync(directory, keys: 200, size: 1_000_000);
        using (var save = Executable.Start("snapshot", "save", Backup, "--data-dir", directory))
            await Executable.KillWhenAsync(save, () => Task.FromResult(File.Exists(Backup + ".part")));
        Assert.False(File.Exists(Backup));
        using (var save = Executable.Start("snapshot", "save", Backup, "--data-dir", directory))
            Assert.Contains("interrupted", await Executable.InterruptWhenAsync(save, () => new FileInfo(Backup + ".part") is { Exists: true, Length: > 1_000_000 }), StringComparison.Ordinal);
        Assert.Equal(["data"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
        await Executable.RunAsync("snapshot", "save", Backup, "--data-dir", directory);
        Assert.Equal(["backup.db", "data"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        var target = Path.Combine(_folder, "restored");
        var database = Path.Combine(target, "kubesharp.db");
        using (var restore = Executable.Start("snapshot", "restore", Backup, "--data-dir", target))
            await Executable.KillWhenAsync(restore, () => Task.FromResult(File.Exists(database + ".unfinished")));
        Assert.False(File.Exists(database));
        Assert.Contains("did not come to its end", await Executable.FailToServeAsync(target), StringComparison.Ordinal);
        Assert.False(File.Exists(database));
        await Executable.RunAsync("snapshot", "restore", Backup, "--data-dir", target);
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = database, StartupCheck = StartupCheck.Full });
        Assert.Equal(201, await store.CurrentRevisionAsync(Stop));
        Assert.False(File.Exists(database + ".unfinished"));
    }

    [Fact]
    public async Task A_damaged_store_is_not_served()
    {
        await using var server = new ServerProcess("kube-apiserver");
        await server.StartAsync();
        using var objects = new ConfigMaps(server);
        await objects.CreateAsync("precious");
        await server.KillAsync();
        var database = Path.Combine(server.DataDirectory, "kubesharp.db");
        // Everything goes from the log to the file, and after a clean stop values are looked at only when asked.
        await using (SqliteStore.Open(new SqliteStoreOptions { Path = database }))
        {
        }

        var bytes = await File.ReadAllBytesAsync(database, Stop);
        bytes[bytes.AsSpan().LastIndexOf("precious"u8)] ^= 1;
        await File.WriteAllBytesAsync(database, bytes, Stop);
        Assert.Contains("restore it from a backup", await Executable.FailToServeAsync(server.DataDirectory, "--storage-initial-corrupt-check"), StringComparison.Ordinal);
    }

    private static async Task FillAsync(string directory, int keys, int size)
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(directory, "kubesharp.db") });
        var random = new Random(7);
        for (var i = 0; i < keys; i++)
        {
            var value = new byte[size];
            random.NextBytes(value);
            await store.PutAsync($"/registry/things/{i}", 0, value, 0, null, Stop);
        }
    }
}
