using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>Pods with gates are not tried (plugins/schedulinggates/scheduling_gates.go).</summary>
internal sealed class SchedulingGates : IPreEnqueuePlugin
{
    public string Name => "SchedulingGates";

    public Status PreEnqueue(PodInfo pod)
    {
        var gates = pod.Pod.Spec.SchedulingGates;
        return gates.IsEmpty
            ? Status.Success
            : new Status(
                Code.UnschedulableAndUnresolvable, Name, $"waiting for scheduling gates: [{string.Join(' ', gates.Select(gate => gate.Name))}]");
    }
}
