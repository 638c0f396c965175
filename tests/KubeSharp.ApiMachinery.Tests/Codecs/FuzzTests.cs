using KubeSharp.Fuzz;

namespace KubeSharp.ApiMachinery.Tests.Codecs;

/// <summary>A short run of every fuzz target with fixed seeds; `make fuzz` goes on for longer with others.</summary>
public sealed class FuzzTests
{
    private const int Runs = 3000;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Targets))]
    public void No_input_breaks_a_decoder(string name)
    {
        var fuzzer = new Fuzzer(FuzzTargets.All[name], seed: 36);
        for (var run = 0; run < Runs; run++)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            fuzzer.Step();
        }
    }

    [Fact]
    public void A_target_that_breaks_is_found()
    {
        var fuzzer = new Fuzzer(new FuzzTarget(input => _ = input[3], ["abcdef"u8.ToArray()]), seed: 1);
        Assert.Throws<FuzzFailureException>(() =>
        {
            for (var run = 0; run < Runs; run++)
                fuzzer.Step();
        });
        var greedy = new Fuzzer(new FuzzTarget(_ => GC.KeepAlive(new byte[512 << 20]), ["a"u8.ToArray()]), seed: 1);
        Assert.Contains("bytes were allocated", Assert.Throws<FuzzFailureException>(greedy.Step).Message, StringComparison.Ordinal);
    }
}
