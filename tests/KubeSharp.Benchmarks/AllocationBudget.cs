using System.Globalization;
using System.Text.Json;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.Benchmarks;

/// <summary>
/// What each write of a realistic pod may allocate, in process and with everything between client and store: the budget
/// file has bytes per operation, and <c>budget</c> on the command line fails when one is exceeded. Bytes, unlike times, are
/// the same on every machine.
/// </summary>
internal static class AllocationBudget
{
    private const int Warmup = 300;
    private const int Rounds = 300;

    /// <summary>How far above its budget an operation may be: whatever else the process does meanwhile is in the figure.</summary>
    private const double Tolerance = 1.35;

    /// <returns>0, or 1 when an operation is above its budget.</returns>
    public static async Task<int> RunAsync()
    {
        var budget = JsonSerializer.Deserialize<Dictionary<string, long>>(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "budget.json")).ConfigureAwait(false))!;
        var writes = new WriteBenchmarks();
        await writes.SetupAsync().ConfigureAwait(false);
        var exceeded = 0;
        foreach (var (name, operation) in Operations(writes))
        {
            var bytes = await MeasureAsync(operation).ConfigureAwait(false);
            var limit = budget.GetValueOrDefault(name);
            var verdict = bytes > limit * Tolerance ? "EXCEEDED" : "ok";
            exceeded += verdict == "ok" ? 0 : 1;
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name,-14} {bytes,9:N0} bytes, budget {limit,9:N0}  {verdict}")).ConfigureAwait(false);
        }

        await writes.CleanupAsync().ConfigureAwait(false);
        return exceeded == 0 ? 0 : 1;
    }

    private static IEnumerable<(string Name, Func<Task<Map>> Operation)> Operations(WriteBenchmarks writes) =>
    [
        ("create", writes.Create), ("get", writes.Get), ("update", writes.Update), ("mergePatch", writes.MergePatch),
        ("statusPatch", writes.StatusPatch), ("apply", writes.Apply), ("applyNoop", writes.ApplyNoop),
    ];

    private static async Task<long> MeasureAsync(Func<Task<Map>> operation)
    {
        for (var i = 0; i < Warmup; i++)
            await operation().ConfigureAwait(false);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Rounds; i++)
            await operation().ConfigureAwait(false);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Rounds;
    }
}
