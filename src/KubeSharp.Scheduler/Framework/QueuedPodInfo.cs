namespace KubeSharp.Scheduler.Framework;

/// <summary>A pod that waits to be scheduled, with its history. Changed only by the queue and the one cycle that took it.</summary>
internal sealed class QueuedPodInfo(PodInfo pod, TimeSpan timestamp)
{
    public PodInfo Pod { get; set; } = pod;

    /// <summary>When it was put into the queue last, by a clock that is never set (SteadyClock).</summary>
    public TimeSpan Timestamp { get; set; } = timestamp;

    public int Attempts { get; set; }

    /// <summary>A PreEnqueue plugin keeps it from being tried.</summary>
    public bool Gated { get; set; }

    /// <summary>Events that the plugins registered that rejected it.</summary>
    public ClusterEvent WaitsFor { get; set; }

    public TimeSpan BackoffExpiration { get; set; }

    /// <summary>The queue's cycle count when it was taken.</summary>
    public long SchedulingCycle { get; set; }

    /// <summary>Its place in the heap that holds it.</summary>
    internal int HeapIndex { get; set; } = -1;
}
