using System.Text.Json.Nodes;
using KubeSharp.Storage.Etcd;
using KubeSharp.Storage.Sqlite;
using KubeSharp.Storage.Tests.Etcd;

namespace KubeSharp.Tests;

/// <summary>A cluster moves from the embedded store to etcd and back, by the command.</summary>
public sealed class MigrateCommandTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_goes_to_etcd_and_back()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        var servers = etcd.Endpoints[0];
        await using var embedded = new ServerProcess("kube-apiserver");
        await embedded.StartAsync();
        SortedDictionary<string, string> original;
        using (var objects = new ConfigMaps(embedded))
        {
            for (var i = 0; i < 100; i++)
                await objects.CreateAsync($"object-{i}");
            original = await objects.ListAsync(resourceVersions: false);
        }

        string[] there = ["migrate", "--from", $"sqlite:{embedded.DataDirectory}", "--to", $"etcd:{servers}"];
        Assert.Contains("in use", await Executable.FailAsync(1, there), StringComparison.Ordinal);
        await embedded.KillAsync();
        var (code, output, error) = await Executable.ExecuteAsync(there);
        Assert.True(code == 0, output + error);
        Assert.Contains("The target is complete.", output, StringComparison.Ordinal);
        Assert.Contains("new resourceVersion", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", error, StringComparison.Ordinal);

        await using var onEtcd = new ServerProcess("kube-apiserver", "--etcd-servers", servers);
        await onEtcd.StartAsync();
        SortedDictionary<string, string> inEtcd;
        using (var objects = new ConfigMaps(onEtcd))
        {
            Assert.Equal(original, await objects.ListAsync(resourceVersions: false));
            await objects.CreateAsync("made-on-etcd");
            inEtcd = await objects.ListAsync(resourceVersions: true);
        }

        await onEtcd.KillAsync();
        Assert.Contains("the target is not empty", (await Executable.ExecuteAsync("migrate", "--from", $"etcd:{servers}", "--to", $"sqlite:{embedded.DataDirectory}")).Error, StringComparison.Ordinal);
        await using var back = new ServerProcess("kube-apiserver");
        await Executable.RunAsync("migrate", "--from", $"etcd:{servers}", "--to", $"sqlite:{back.DataDirectory}");
        await back.StartAsync();
        using var last = new ConfigMaps(back);
        Assert.Equal(inEtcd, await last.ListAsync(resourceVersions: true));
        await last.CreateAsync("made-at-home");
        var newest = inEtcd.Values.Max(item => long.Parse(JsonNode.Parse(item)!["metadata"]!["resourceVersion"]!.GetValue<string>()));
        Assert.True(long.Parse(last.Acknowledged["made-at-home"]["resourceVersion"]!.GetValue<string>()) > newest);
    }

    [Fact]
    public async Task A_migration_that_is_killed_leaves_a_half_that_is_not_served()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        var folder = Directory.CreateTempSubdirectory("kubesharp-migrate-").FullName;
        try
        {
            await using (var source = SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(folder, "kubesharp.db") }))
                await Task.WhenAll(Enumerable.Range(0, 4000).Select(async i => await source.PutAsync($"/registry/things/{i:d5}", 0, new byte[20_000], 0, null, Stop)));
            string[] there = ["migrate", "--from", $"sqlite:{folder}", "--to", $"etcd:{cluster.Endpoints[0]}"];
            await using var etcd = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints });
            using (var migrate = Executable.Start(there))
                await Executable.KillWhenAsync(migrate, async () => (await etcd.GetAsync("/registry/things/00100", 0, Stop)).KeyValue is not null);

            Assert.Contains("has not come to its end", await Executable.FailToServeAsync(folder, "--etcd-servers", cluster.Endpoints[0]), StringComparison.Ordinal);
            Assert.Contains("did not come to its end; --force", (await Executable.ExecuteAsync(there)).Error, StringComparison.Ordinal);
            await Executable.RunAsync([.. there, "--force"]);
            Assert.Equal(4000, (await etcd.RangeAsync(Storage.RangeRequest.Prefix("/registry/") with { CountOnly = true }, Stop)).Count);

            var target = Path.Combine(folder, "back");
            using (var migrate = Executable.Start("migrate", "--from", $"etcd:{cluster.Endpoints[0]}", "--to", $"sqlite:{target}"))
                await Executable.KillWhenAsync(migrate, () => Task.FromResult(new FileInfo(Path.Combine(target, "kubesharp.db.unfinished-wal")) is { Exists: true, Length: > 4_000_000 }));
            Assert.False(File.Exists(Path.Combine(target, "kubesharp.db")));
            Assert.Contains("did not come to its end", await Executable.FailToServeAsync(target), StringComparison.Ordinal);
            await Executable.RunAsync("migrate", "--from", $"etcd:{cluster.Endpoints[0]}", "--to", $"sqlite:{target}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("sqlite:a", "sqlite:b")]
    [InlineData("etcd:http://127.0.0.1:1", "etcd:http://127.0.0.1:1")]
    [InlineData("sqlite:", "etcd:http://127.0.0.1:1")]
    [InlineData("a", "b")]
    public async Task One_side_is_the_embedded_store_and_one_is_etcd(string from, string to) =>
        Assert.Contains("--from and --to", await Executable.FailAsync(2, "migrate", "--from", from, "--to", to), StringComparison.Ordinal);

    [Fact]
    public async Task A_source_that_is_not_there_is_not_made()
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Assert.Contains("no such store", await Executable.FailAsync(1, "migrate", "--from", $"sqlite:{folder}", "--to", "etcd:http://127.0.0.1:1"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }
}
