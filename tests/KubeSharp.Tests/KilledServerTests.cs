using System.Globalization;
using KubeSharp.Storage.Tests.Etcd;
using KubeSharp.Testing;

namespace KubeSharp.Tests;

/// <summary>Servers that are killed at random points of a load of thousands of writes, and started again.</summary>
public sealed class KilledServerTests(ITestOutputHelper output)
{
    private const int Writers = 8;
    private const int Kills = 5;
    private const int EnoughWrites = 3000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task Every_acknowledged_write_is_there_and_watchers_see_each_once_in_order(bool onEtcd, int seed)
    {
        await using var etcd = onEtcd ? await EtcdCluster.StartAsync() : null;
        await using var one = onEtcd ? new ServerProcess("kube-apiserver", "--etcd-servers", etcd!.Endpoints[0]) : new ServerProcess("kube-apiserver");
        await using var two = onEtcd ? new ServerProcess("kube-apiserver", "--etcd-servers", etcd!.Endpoints[0]) : null;
        await one.StartAsync();
        if (two is not null)
        {
            Copy(Path.Combine(one.DataDirectory, "pki"), Path.Combine(two.DataDirectory, "pki"));
            await two.StartAsync();
        }

        HttpClient[] clients = [.. new[] { one, two }.OfType<ServerProcess>().Select(server => TestApiServer.AdminClient(server.DataDirectory, new Uri(server.Url).Port))];
        var ledger = new WriteLedger();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var watched = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        // Each begins at another server, and goes to the next one when that is gone.
        ConfigMapWatcher[] watchers = [.. Enumerable.Range(0, 2).Select(i => new ConfigMapWatcher([.. clients.Skip(i).Concat(clients.Take(i))]))];
        foreach (var watcher in watchers)
            await watcher.ListAsync(Stop);
        var watching = watchers.Select(watcher => watcher.RunAsync(watched.Token)).ToList();
        var writing = Enumerable.Range(0, Writers).Select(i => ledger.WriteAsync($"w{i}", clients[i % clients.Length], done.Token)).ToList();

        var random = new Random(seed);
        var started = TimeProvider.System.GetTimestamp();
        for (var kill = 0; kill < Kills || (ledger.Acknowledged < EnoughWrites && TimeProvider.System.GetElapsedTime(started) < Limit); kill++)
        {
            var pause = random.Next(200, 1500);
            output.WriteLine($"after {pause} ms, {ledger.Acknowledged} writes");
            await Task.Delay(pause, Stop);
            var victim = two is null || random.Next(2) == 0 ? one : two;
            await victim.KillAsync();
            await victim.StartAgainAsync();
        }

        await done.CancelAsync();
        await Task.WhenAll(writing);
        var last = await WriteLedger.CreateAsync(clients[0], "last", Stop);
        foreach (var watcher in watchers)
            await watcher.HasSeenAsync(last).WaitAsync(TimeSpan.FromSeconds(30), Stop);
        await watched.CancelAsync();
        await Task.WhenAll(watching);

        output.WriteLine($"{ledger.Acknowledged} writes acknowledged, {ledger.Unanswered} not answered, {watchers[0].Watches} and {watchers[1].Watches} watches");
        Assert.True(ledger.Acknowledged >= EnoughWrites, $"{ledger.Acknowledged} writes");
        Assert.True(ledger.Unanswered > 0, "no write was interrupted");
        Assert.Empty(ledger.Contradictions);
        var state = await ConfigMapWatcher.ReadAsync(clients[0], Stop);
        foreach (var watcher in watchers)
        {
            Assert.Empty(watcher.Problems);
            Assert.True(watcher.Watches > 1, "no watch was ended");
            Assert.Equal(1, watcher.Lists);
            Assert.Empty(ledger.Compare(watcher.Events));
            Assert.Equal(state, watcher.State);
        }

        Assert.Equal(watchers[0].Events.Select(e => e.Revision), watchers[1].Events.Select(e => e.Revision));
        foreach (var client in clients)
            client.Dispose();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    /// <summary>An event as a watcher saw it; <paramref name="Step"/> is the write of the object that it shows.</summary>
    internal sealed record Seen(string Type, string Name, int Step, long Revision);

    internal static long Number(string version) => long.Parse(version, CultureInfo.InvariantCulture);
}
