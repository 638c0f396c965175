namespace KubeSharp.Scheduler;

/// <summary>Settings of the scheduler, with upstream's names and defaults where it has them
/// (kubernetes/pkg/scheduler/apis/config/types.go).</summary>
public sealed record SchedulerOptions
{
    /// <summary>Pods whose <c>spec.schedulerName</c> is this one are scheduled.</summary>
    public string SchedulerName { get; init; } = "default-scheduler";

    /// <summary>Of how many nodes that fit the best is looked for, in percent; 0 means fewer the more nodes there are, 50 % to 5 %.</summary>
    public int PercentageOfNodesToScore { get; init; }

    /// <summary>How many pods are being bound, or have their status written, at a time. Further ones wait, and scheduling with them.</summary>
    public int MaxConcurrentBindings { get; init; } = 64;

    /// <summary>How long after its binding a pod counts without the informer having told of it; zero is for ever.</summary>
    public TimeSpan AssumedPodExpiry { get; init; }

    /// <summary>Chooses among nodes that are equally good.</summary>
    public Random Random { get; init; } = Random.Shared;
}
