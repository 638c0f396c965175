namespace KubeSharp.ComponentBase.Cache;

/// <summary>Delays between attempts: doubling from 800 ms up to 30 s, each stretched by up to as much again, and from the
/// start after two quiet minutes (client-go/tools/cache/reflector.go). Not thread-safe.</summary>
internal sealed class ReflectorBackoff(TimeProvider time, Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(2);

    private TimeSpan _next = First;
    private long? _lastAsked;

    public TimeSpan Next()
    {
        var now = time.GetTimestamp();
        if (_lastAsked is { } last && time.GetElapsedTime(last, now) > ResetAfter)
            _next = First;
        _lastAsked = now;
        var delay = _next;
        _next = _next * 2 > Longest ? Longest : _next * 2;
        return delay + (delay * random.NextDouble());
    }
}
