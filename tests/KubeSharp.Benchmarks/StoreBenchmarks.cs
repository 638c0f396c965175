using System.Diagnostics;
using System.Globalization;
using KubeSharp.Storage;

namespace KubeSharp.Benchmarks;

/// <summary>
/// Both stores on the same work, <c>store [sqlite|etcd]</c> on the command line: creates, conditional updates, reads and ranges of 10,000
/// keys of 3 KB, deletions, and changes seen by 1, 10 and 100 watches. For each operation: wall time, CPU time of this process and
/// of etcd's, bytes allocated here, and what was forced to the disk. Nothing is judged.
/// </summary>
internal static class StoreBenchmarks
{
    private const int Keys = 10_000;
    private const int Clients = 16;
    private const int ValueBytes = 3000;
    private const int WatchedUpdates = 2000;

    public static async Task<int> RunAsync(IEnumerable<string> which)
    {
        string[] kinds = which.ToArray() is { Length: > 0 } named ? named : ["sqlite", "etcd"];
        await Console.Out.WriteLineAsync("| store | operation | µs wall | µs CPU | µs CPU of etcd | bytes allocated | forced writes |\n|---|---|---|---|---|---|---|").ConfigureAwait(false);
        foreach (var kind in kinds)
        {
            // The first time everything is compiled, and forced writes are counted where that takes time; the second one is measured.
            var forced = new Dictionary<string, double?>(StringComparer.Ordinal);
            await RunAsync(kind, Keys / 10, forced, report: false).ConfigureAwait(false);
            await RunAsync(kind, Keys, forced, report: true).ConfigureAwait(false);
        }

        return 0;
    }

    private static async Task RunAsync(string kind, int keys, Dictionary<string, double?> forced, bool report)
    {
        await using var subject = await BenchmarkedStore.OpenAsync(kind, countForcedWrites: !report).ConfigureAwait(false);
        var store = subject.Store;
        var value = new byte[ValueBytes];
        new Random(1).NextBytes(value);
        var revisions = new long[keys];
        var others = new long[keys];

        async Task MeasureAsync(string name, int operations, int clients, Func<int, Task> operation)
        {
            var before = await subject.SampleAsync().ConfigureAwait(false);
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
            {
                for (var i = client; i < operations; i += clients)
                    await operation(i).ConfigureAwait(false);
            }))).ConfigureAwait(false);
            var wall = Stopwatch.GetElapsedTime(started);
            var used = (await subject.SampleAsync().ConfigureAwait(false)).Since(before);
            forced[name] = used.ForcedWrites / (double?)operations ?? forced.GetValueOrDefault(name);
            if (report)
                await Console.Out.WriteLineAsync(Row(kind, name, operations, wall, used, forced[name])).ConfigureAwait(false);
        }

        await MeasureAsync("create", keys, 1, async i => revisions[i] = (await store.PutAsync(Key("a", i), 0, value, 0, null, default).ConfigureAwait(false)).Revision).ConfigureAwait(false);
        await MeasureAsync($"create, {Clients} clients", keys, Clients, async i => others[i] = (await store.PutAsync(Key("b", i), 0, value, 0, null, default).ConfigureAwait(false)).Revision).ConfigureAwait(false);
        await MeasureAsync("update", keys, 1, async i => revisions[i] = (await store.PutAsync(Key("a", i), revisions[i], value, 0, null, default).ConfigureAwait(false)).Revision).ConfigureAwait(false);
        await MeasureAsync($"update, {Clients} clients", keys, Clients, async i => others[i] = (await store.PutAsync(Key("b", i), others[i], value, 0, null, default).ConfigureAwait(false)).Revision).ConfigureAwait(false);
        await MeasureAsync("refused update", keys, 1, i => store.PutAsync(Key("a", i), 1, value, 0, null, default).AsTask()).ConfigureAwait(false);
        await MeasureAsync("get", keys, 1, i => store.GetAsync(Key("a", i), 0, default).AsTask()).ConfigureAwait(false);
        await MeasureAsync($"get, {Clients} clients", keys, Clients, i => store.GetAsync(Key("a", i), 0, default).AsTask()).ConfigureAwait(false);
        await MeasureAsync("range of all", 10, 1, async _ => await store.RangeAsync(RangeRequest.Prefix("/registry/a/"), default).ConfigureAwait(false)).ConfigureAwait(false);
        await MeasureAsync("range of all in pages of 500", 10, 1, _ => PagesAsync(store)).ConfigureAwait(false);
        foreach (var watches in (int[])[0, 1, 10, 100])
            await WatchAsync(store, watches, keys, value, revisions, MeasureAsync).ConfigureAwait(false);
        await MeasureAsync($"delete, {Clients} clients", keys, Clients, i => store.DeleteAsync(Key("b", i), others[i], default).AsTask()).ConfigureAwait(false);
        if (!report)
            return;
        var size = await store.SizeAsync(default).ConfigureAwait(false) / 1e6;
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"\n{kind}: {size:F0} MB on disk\n")).ConfigureAwait(false);
    }

    private static async Task PagesAsync(IRevisionedStore store)
    {
        var request = RangeRequest.Prefix("/registry/a/", limit: 500);
        while (true)
        {
            var page = await store.RangeAsync(request, default).ConfigureAwait(false);
            if (!page.More)
                return;
            request = request with { Start = page.Items[^1].Key + "\0", Revision = request.Revision == 0 ? page.Revision : request.Revision };
        }
    }

    /// <summary>Updates that a number of watches see; the operation is the update with all its deliveries.</summary>
    private static async Task WatchAsync(IRevisionedStore store, int watches, int keys, byte[] value, long[] revisions, Func<string, int, int, Func<int, Task>, Task> measure)
    {
        var updates = Math.Min(WatchedUpdates, keys);
        using var end = new CancellationTokenSource();
        var start = await store.CurrentRevisionAsync(default).ConfigureAwait(false) + 1;
        var all = Enumerable.Range(0, watches).Select(_ => FollowAsync(store, start, updates, end.Token)).ToArray();
        await measure($"update seen by {watches} watches", updates, Clients, async i =>
        {
            revisions[i] = (await store.PutAsync(Key("a", i), revisions[i], value, 0, null, default).ConfigureAwait(false)).Revision;
            if (i == updates - 1)
                await Task.WhenAll(all).ConfigureAwait(false);
        }).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
    }

    private static async Task FollowAsync(IRevisionedStore store, long start, int count, CancellationToken cancellationToken)
    {
        await foreach (var batch in store.WatchAsync("/registry/a/", start, cancellationToken).ConfigureAwait(false))
        {
            if ((count -= batch.Events.Count) <= 0)
                return;
        }
    }

    private static string Key(string prefix, int i) => string.Create(CultureInfo.InvariantCulture, $"/registry/{prefix}/{i:d6}");

    private static string Row(string kind, string name, int operations, TimeSpan wall, StoreSample used, double? forced)
    {
        string PerOperation(TimeSpan time) => (time.TotalMicroseconds / operations).ToString(operations < 100 ? "N0" : "F1", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {kind} | {name} | {PerOperation(wall)} | {PerOperation(used.Cpu)} | {(used.StoreCpu is { } cpu ? PerOperation(cpu) : "")} | {used.Allocated / operations:N0} | {forced:F2} |");
    }
}
