using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>The node has what the pod requests; emptier nodes are better (plugins/noderesources/fit.go, least_allocated.go
/// with CPU and memory counting alike).</summary>
internal sealed class NodeResourcesFit : IFilterPlugin, IScorePlugin
{
    private const int Pods = 1;
    private const int Cpu = 2;
    private const int Memory = 4;
    private const int EphemeralStorage = 8;
    private const int Unresolvable = 16;

    // Answers for all that is not about other resources, by what lacks.
    private static readonly Status[] Rejections = [.. Enumerable.Range(0, 32).Select(lacking => Rejection(lacking, []))];

    public string Name => "NodeResourcesFit";

    public ClusterEvent EventsToRegister =>
        ClusterEvent.NodeAdd | ClusterEvent.NodeUpdateAllocatable | ClusterEvent.AssignedPodDelete | ClusterEvent.AssignedPodScaleDown;

    public Status Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var lacking = node.PodCount + 1 > node.Allocatable.AllowedPodNumber ? Pods : 0;
        var wanted = pod.Requests;
        var all = node.Allocatable;
        var used = node.Requested;
        lacking |= Check(wanted.MilliCpu, all.MilliCpu, used.MilliCpu, Cpu);
        lacking |= Check(wanted.Memory, all.Memory, used.Memory, Memory);
        lacking |= Check(wanted.EphemeralStorage, all.EphemeralStorage, used.EphemeralStorage, EphemeralStorage);
        List<string>? scalars = null;
        if (wanted.Scalars is not null)
        {
            foreach (var (name, amount) in wanted.Scalars)
            {
                var verdict = Check(amount, all.Get(name), used.Get(name), 0x100);
                lacking |= verdict & Unresolvable;
                if (verdict != 0)
                    (scalars ??= []).Add($"Insufficient {name}");
            }
        }

        if (scalars is not null)
            return Rejection(lacking, scalars);
        return lacking == 0 ? Status.Success : Rejections[lacking];
    }

    /// <summary>The mean of the shares of CPU and memory that would stay free, in percent.</summary>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        long sum = 0;
        var count = 0;
        Add(node.NonZeroRequested.MilliCpu + pod.NonZeroRequests.MilliCpu, node.Allocatable.MilliCpu, ref sum, ref count);
        Add(node.NonZeroRequested.Memory + pod.NonZeroRequests.Memory, node.Allocatable.Memory, ref sum, ref count);
        return count == 0 ? 0 : sum / count;
    }

    private static int Check(long wanted, long all, long used, int bit)
    {
        if (wanted <= 0 || wanted <= all - used)
            return 0;
        return wanted > all ? bit | Unresolvable : bit;
    }

    private static Status Rejection(int lacking, List<string> scalars)
    {
        var reasons = new List<string>(4);
        if ((lacking & Pods) != 0)
            reasons.Add("Too many pods");
        if ((lacking & Cpu) != 0)
            reasons.Add("Insufficient cpu");
        if ((lacking & Memory) != 0)
            reasons.Add("Insufficient memory");
        if ((lacking & EphemeralStorage) != 0)
            reasons.Add("Insufficient ephemeral-storage");
        reasons.AddRange(scalars);
        var code = (lacking & Unresolvable) != 0 ? Code.UnschedulableAndUnresolvable : Code.Unschedulable;
        return new Status(code, "NodeResourcesFit", [.. reasons]);
    }

    private static void Add(long requested, long capacity, ref long sum, ref int count)
    {
        if (capacity == 0)
            return;
        count++;
        if (requested <= capacity)
            sum += (capacity - requested) * IScorePlugin.MaxNodeScore / capacity;
    }
}
