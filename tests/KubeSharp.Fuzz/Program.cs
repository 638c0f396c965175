using System.Diagnostics;
using KubeSharp.Fuzz;

// kubesharp-fuzz TARGET|all [SECONDS [SEED]]: exit 1 and the input when a target fails.
var names = args is ["all", ..] or [] ? FuzzTargets.All.Keys : [args[0]];
var seconds = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 30;
var seed = args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : Environment.TickCount;
foreach (var name in names)
{
    if (!FuzzTargets.All.TryGetValue(name, out var target))
    {
        Console.Error.WriteLine($"no target {name}; there are: {string.Join(", ", FuzzTargets.All.Keys)}");
        return 2;
    }

    var fuzzer = new Fuzzer(target, seed);
    var runs = 0;
    var slowest = TimeSpan.Zero;
    for (var watch = Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < seconds; runs++)
    {
        var started = watch.Elapsed;
        try
        {
            fuzzer.Step();
        }
        catch (FuzzFailureException failure)
        {
            Console.Error.WriteLine($"{name} (seed {seed}, run {runs}): {failure.Message}");
            return 1;
        }

        slowest = watch.Elapsed - started > slowest ? watch.Elapsed - started : slowest;
    }

    Console.WriteLine($"{name}: {runs} runs, seed {seed}, slowest {slowest.TotalMilliseconds:0.0} ms");
}

return 0;
