namespace KubeSharp.Scheduler.Framework;

/// <summary>Changes that may let a waiting pod fit (kubernetes/pkg/scheduler/framework/events.go).</summary>
[Flags]
internal enum ClusterEvent
{
    None = 0,
    NodeAdd = 1 << 0,
    NodeUpdateAllocatable = 1 << 1,
    NodeUpdateLabel = 1 << 2,

    /// <summary>Taints or <c>spec.unschedulable</c>.</summary>
    NodeUpdateTaint = 1 << 3,
    AssignedPodDelete = 1 << 4,

    /// <summary>A pod on a node asks for less than before.</summary>
    AssignedPodScaleDown = 1 << 5,
}
