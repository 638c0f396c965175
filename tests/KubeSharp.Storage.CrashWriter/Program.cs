using KubeSharp.Storage;
using KubeSharp.Storage.CrashWriter;
using KubeSharp.Storage.Sqlite;

// CrashWriter DATABASE: writes without end, and prints "put KEY NUMBER REVISION" or "delete KEY NUMBER REVISION" for each
// write that the store has acknowledged. Its life ends by SIGKILL.
const int Writers = 8, KeysEach = 6;

await using var store = SqliteStore.Open(new SqliteStoreOptions { Path = args[0], StartupCheck = StartupCheck.Full });
using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
var printing = new Lock();
Print("ready");
await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer))).Append(Task.Run(CompactAsync)));

async Task WriteAsync(int writer)
{
    var random = new Random();
    for (var number = DateTime.UtcNow.Ticks; ; number++)
    {
        var key = $"/crash/{writer}/{random.Next(KeysEach)}";
        var current = (await store.GetAsync(key, 0, default)).KeyValue;
        var delete = current != null && random.Next(5) == 0;
        var result = delete
            ? await store.DeleteAsync(key, current!.ModRevision, default)
            : await store.PutAsync(key, current?.ModRevision ?? 0, CrashValue.Make(key, number), 0, null, default);
        if (!result.Succeeded)
            throw new InvalidOperationException($"{key} is this writer's alone");
        Print($"{(delete ? "delete" : "put")} {key} {number} {result.Revision}");
    }
}

async Task CompactAsync()
{
    while (true)
    {
        await Task.Delay(100);
        var revision = await store.CurrentRevisionAsync(default);
        try
        {
            await store.CompactAsync(revision - 200, default);
        }
        catch (Exception e) when (e is CompactedException)
        {
        }
    }
}

void Print(string line)
{
    lock (printing)
        output.WriteLine(line);
}
