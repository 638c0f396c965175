using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

using KubeSharp.Benchmarks;

if (args is ["budget"])
    return await AllocationBudget.RunAsync().ConfigureAwait(false);
if (args is ["store", .. var stores])
    return await StoreBenchmarks.RunAsync(stores).ConfigureAwait(false);

// In this process: a build of its own for each benchmark would need the whole solution again. Short runs by default;
// --job medium on the command line adds precision. Figures of a shared machine are for ratios within one run.
var config = DefaultConfig.Instance
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithId("short"))
    .WithOptions(ConfigOptions.DisableLogFile | ConfigOptions.JoinSummary);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
return 0;
