namespace KubeSharp.ComponentBase;

/// <summary>Time for measuring durations: it only goes forward, and at the pace of seconds, while the wall clock may be set. What Go's
/// time.Time carries beside the wall clock.</summary>
public static class SteadyClock
{
    /// <summary>The time since some fixed moment of this process.</summary>
    public static TimeSpan SteadyNow(this TimeProvider time) => time.GetElapsedTime(0);
}
