namespace KubeSharp.ComponentBase.Tests;

/// <summary>Waits on conditions that other tasks bring about, with a bound.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            if (bound.IsCancellationRequested)
                Assert.Fail($"In vain waited for: {what}");
            await Task.Yield();
        }
    }
}
