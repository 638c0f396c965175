using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>Higher priority first, then who waits longer (plugins/queuesort/priority_sort.go).</summary>
internal sealed class PrioritySort : IQueueSortPlugin
{
    public string Name => "PrioritySort";

    public int Compare(QueuedPodInfo left, QueuedPodInfo right)
    {
        var byPriority = right.Pod.Priority.CompareTo(left.Pod.Priority);
        return byPriority != 0 ? byPriority : left.Timestamp.CompareTo(right.Timestamp);
    }
}
