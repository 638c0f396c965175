using System.Diagnostics;
using KubeSharp.Storage.CrashWriter;
using KubeSharp.Storage.Sqlite;

namespace KubeSharp.Storage.Tests.Sqlite;

/// <summary>A process that writes is killed at random moments, many times, on one database.</summary>
public sealed class CrashTests
{
    private const int Rounds = 30;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private sealed record Acknowledged(long Revision, long? Number);

    [Fact]
    public async Task Every_acknowledged_write_outlives_kill_9()
    {
        using var folder = new ScratchFolder();
        var random = new Random(36);
        var known = new Dictionary<string, Acknowledged>();
        var newest = 1L;
        var total = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var acknowledged = await WriteAndKillAsync(folder.Database, random.Next(1, 400));
            total += acknowledged.Count;
            foreach (var (verb, key, number, revision) in acknowledged)
            {
                if (!known.TryGetValue(key, out var before) || revision > before.Revision)
                    known[key] = new Acknowledged(revision, verb == "put" ? number : null);
                newest = Math.Max(newest, revision);
            }
            newest = await CheckAsync(folder.Database, known, newest);
        }
        Assert.True(total > Rounds, "the writer hardly wrote");
    }

    private static async Task<List<(string Verb, string Key, long Number, long Revision)>> WriteAndKillAsync(string database, int milliseconds)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileName(path).StartsWith("dotnet", StringComparison.Ordinal) ? path : "dotnet")
        {
            ArgumentList = { typeof(CrashValue).Assembly.Location, database },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(Stop);
            var first = await process.StandardOutput.ReadLineAsync(Stop);
            Assert.True(first == "ready", first ?? await errors);
            var rest = process.StandardOutput.ReadToEndAsync(Stop);
            await Task.WhenAny(rest, Task.Delay(milliseconds, Stop));
            Assert.False(process.HasExited, process.HasExited ? await errors : "");
            process.Kill();
            await process.WaitForExitAsync(Stop);
            // A line that the kill cut off counts for nothing.
            return [.. (await rest).Split('\n')[..^1].Select(line => line.Split(' ')).Select(f => (f[0], f[1], long.Parse(f[2]), long.Parse(f[3])))];
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    // What was acknowledged is there, or something newer of the same key that was committed but not yet acknowledged.
    private static async Task<long> CheckAsync(string database, Dictionary<string, Acknowledged> known, long newest)
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = database, StartupCheck = StartupCheck.Full });
        var current = await store.CurrentRevisionAsync(Stop);
        Assert.True(current >= newest, $"acknowledged revision {newest}, found {current}");

        var all = await store.RangeAsync(RangeRequest.Prefix("/crash/"), Stop);
        foreach (var item in all.Items)
            Assert.NotNull(CrashValue.Check(item.Key, item.Value.Span));
        var changes = await ReadHistoryAsync(store, current);
        foreach (var (key, acknowledged) in known.ToArray())
        {
            var found = all.Items.SingleOrDefault(item => item.Key == key);
            if (found == null)
            {
                if (acknowledged.Number != null)
                    Assert.True(changes.TryGetValue(key, out var last) && last.Type == StoreEventType.Delete && last.KeyValue.ModRevision > acknowledged.Revision, $"{key} is lost");
                known[key] = acknowledged with { Number = null };
                continue;
            }
            var number = CrashValue.Check(key, found.Value.Span);
            Assert.True(found.ModRevision >= acknowledged.Revision, $"{key}: acknowledged at {acknowledged.Revision}, found {found.ModRevision}");
            if (found.ModRevision == acknowledged.Revision)
                Assert.Equal(acknowledged.Number, number);
            known[key] = new Acknowledged(found.ModRevision, number);
        }
        return current;
    }

    // Each key's last change since the compaction; fails when a revision is missing or a value is not whole.
    private static async Task<Dictionary<string, StoreEvent>> ReadHistoryAsync(SqliteStore store, long current)
    {
        var changes = new Dictionary<string, StoreEvent>();
        long from = 2;
        while (true)
        {
            try
            {
                if (from > current)
                    return changes;
                long? last = null;
                await foreach (var batch in store.WatchAsync("/crash/", from, Stop))
                {
                    // Of the compacted revision itself there may be nothing left.
                    if (last == null && from > 2 && batch.Revision == from + 1)
                        last = from;
                    Assert.Equal((last ?? (from - 1)) + 1, batch.Revision);
                    last = batch.Revision;
                    foreach (var change in batch.Events)
                    {
                        if (change.Type == StoreEventType.Put)
                            Assert.NotNull(CrashValue.Check(change.KeyValue.Key, change.KeyValue.Value.Span));
                        changes[change.KeyValue.Key] = change;
                    }
                    if (batch.Revision == current)
                        return changes;
                }
            }
            catch (CompactedException e)
            {
                from = e.CompactRevision;
            }
        }
    }
}
