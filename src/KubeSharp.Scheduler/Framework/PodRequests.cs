using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.Scheduler.Framework;

/// <summary>What a pod asks for: its containers together, or its init containers where one of them needs more, or what the
/// pod as a whole asks for, plus overhead. Follows k8s.io/component-helpers/resource/helpers.go.</summary>
internal static class PodRequests
{
    /// <summary>What a container that does not say how much is taken to use when nodes are scored
    /// (kubernetes/pkg/scheduler/util/pod_resources.go).</summary>
    public const long DefaultMilliCpu = 100;

    public const long DefaultMemory = 200L * 1024 * 1024;

    /// <param name="pod">The pod.</param>
    /// <param name="nonZero">Containers without a CPU or memory request count with the defaults.</param>
    public static Resource Compute(Pod pod, bool nonZero)
    {
        var spec = pod.Spec;
        var status = pod.Status;
        var infeasible = IsResizeInfeasible(status);
        var sum = new Resource();
        foreach (var container in spec.Containers)
            sum.Add(OfContainer(container, StatusOf(status.ContainerStatuses, container.Name), infeasible, nonZero));

        var sidecars = new Resource();
        var peak = new Resource();
        foreach (var container in spec.InitContainers)
        {
            var restartable = container.RestartPolicy == "Always";
            var requests = OfContainer(
                container, restartable ? StatusOf(status.InitContainerStatuses, container.Name) : default, infeasible, nonZero);
            if (restartable)
            {
                sum.Add(requests);
                sidecars.Add(requests);
                peak.Max(sidecars);
            }
            else
            {
                requests.Add(sidecars);
                peak.Max(requests);
            }
        }

        sum.Max(peak);
        ApplyPodLevel(sum, spec.Resources.Requests.Map);
        if (spec.Overhead.Map is { } overhead)
            sum.Add(Resource.FromList(overhead));
        return sum;
    }

    private static Resource OfContainer(Container container, ContainerStatus status, bool infeasible, bool nonZero)
    {
        var requests = container.Resources.Requests.Map;
        Resource result;
        if (status.Resources.Exists)
        {
            // While a container is being resized the largest of wanted, allocated and in use counts.
            result = Resource.FromList(status.Resources.Requests.Map);
            result.Max(Resource.FromList(status.AllocatedResources.Map));
            if (!infeasible)
                result.Max(Resource.FromList(requests));
        }
        else
        {
            result = Resource.FromList(requests);
        }

        if (nonZero)
        {
            if (requests?.ContainsKey("cpu") != true)
                result.MilliCpu = Math.Max(result.MilliCpu, DefaultMilliCpu);
            if (requests?.ContainsKey("memory") != true)
                result.Memory = Math.Max(result.Memory, DefaultMemory);
        }

        return result;
    }

    private static void ApplyPodLevel(Resource sum, Map? requests)
    {
        if (requests is null)
            return;
        foreach (var (name, value) in requests)
        {
            if (name is "cpu" or "memory" || name.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                var quantity = Quantity.FromValue(value);
                sum.Set(name, name == "cpu" ? quantity.MilliValue() : quantity.Value());
            }
        }
    }

    private static ContainerStatus StatusOf(KubeSharp.ApiMachinery.Views.ViewList<ContainerStatus> statuses, string name)
    {
        foreach (var status in statuses)
        {
            if (status.Name == name)
                return status;
        }

        return default;
    }

    private static bool IsResizeInfeasible(PodStatus status)
    {
        foreach (var condition in status.Conditions)
        {
            if (condition.Type == "PodResizePending")
                return condition.Reason == "Infeasible";
        }

        return false;
    }
}
