using System.Diagnostics;

namespace KubeSharp.Tests;

/// <summary>Holds tests/KubeSharp.Benchmarks/budget.json: what each write of a pod may allocate.</summary>
public sealed class AllocationBudgetTests
{
    [Fact]
    public async Task No_write_allocates_more_than_its_budget()
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var executable = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "KubeSharp.Benchmarks", configuration, "KubeSharp.Benchmarks"));
        // Debug builds keep more alive; the budget is that of what is shipped.
        if (configuration != "release" || !File.Exists(executable))
            Assert.Skip("the budget is measured with a Release build of the benchmarks");
        using var process = Process.Start(new ProcessStartInfo(executable, "budget") { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
    }
}
