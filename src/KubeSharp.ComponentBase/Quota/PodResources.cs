using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>How a pod's resources are summed up.</summary>
/// <param name="UseStatus">While a container is being resized, the largest of what it has, was given and wants counts.</param>
/// <param name="IncludeOverhead">What running the pod at all costs is added.</param>
/// <param name="HugePagesOfPod">Huge pages of the pod as a whole count, besides cpu and memory.</param>
public readonly record struct PodResourceOptions(bool UseStatus, bool IncludeOverhead, bool HugePagesOfPod);

/// <summary>What a pod asks for and is limited to: all containers together, or its init containers where those need more, or
/// what is said of the pod as a whole (component-helpers/resource/helpers.go, v1.36).</summary>
public static class PodResources
{
    public static ResourceList Requests(Pod pod, PodResourceOptions options)
    {
        var sum = Sum(pod, options.UseStatus, isLimit: false);
        ApplyPodLevel(sum, pod.Spec.Resources.Requests, options);
        if (options.IncludeOverhead)
            sum.AddAll(ResourceList.From(pod.Spec.Overhead));
        return sum;
    }

    public static ResourceList Limits(Pod pod, PodResourceOptions options)
    {
        var sum = Sum(pod, options.UseStatus, isLimit: true);
        ApplyPodLevel(sum, pod.Spec.Resources.Limits, options);
        if (!options.IncludeOverhead)
            return sum;
        foreach (var (name, overhead) in ResourceList.From(pod.Spec.Overhead))
        {
            // No limit stays no limit.
            if (sum.TryGet(name, out var limit) && !limit.IsZero)
                sum[name] = limit + overhead;
        }

        return sum;
    }

    /// <summary>Whether the pod as a whole asks for something or is limited.</summary>
    public static bool AreSetForPod(PodSpec spec)
    {
        var resources = spec.Resources;
        return Any(resources.Requests) || Any(resources.Limits);

        static bool Any(StringMap map)
        {
            foreach (var (name, _) in map)
            {
                if (IsPodLevel(name, hugePages: true))
                    return true;
            }

            return false;
        }
    }

    private static bool IsPodLevel(string name, bool hugePages) =>
        name is "cpu" or "memory" || (hugePages && name.StartsWith("hugepages-", StringComparison.Ordinal));

    private static void ApplyPodLevel(ResourceList sum, StringMap resources, PodResourceOptions options)
    {
        foreach (var (name, quantity) in ResourceList.From(resources))
        {
            if (IsPodLevel(name, options.HugePagesOfPod))
                sum[name] = quantity;
        }
    }

    private static ResourceList Sum(Pod pod, bool useStatus, bool isLimit)
    {
        var isInfeasible = useStatus && IsResizeInfeasible(pod.Status);
        var sum = new ResourceList();
        foreach (var container in pod.Spec.Containers)
            sum.AddAll(Of(container, useStatus ? StatusOf(pod.Status.ContainerStatuses, container.Name) : default, isLimit, isInfeasible));
        var sidecars = new ResourceList();
        var peak = new ResourceList();
        foreach (var container in pod.Spec.InitContainers)
        {
            var isSidecar = container.RestartPolicy == "Always";
            var own = Of(container, useStatus && isSidecar ? StatusOf(pod.Status.InitContainerStatuses, container.Name) : default, isLimit, isInfeasible);
            if (isSidecar)
            {
                sum.AddAll(own);
                sidecars.AddAll(own);
                peak.RaiseTo(sidecars);
            }
            else
            {
                peak.RaiseTo(own.Plus(sidecars));
            }
        }

        sum.RaiseTo(peak);
        return sum;
    }

    private static ResourceList Of(Container container, ContainerStatus status, bool isLimit, bool isInfeasible)
    {
        var wanted = isLimit ? container.Resources.Limits : container.Resources.Requests;
        if (!status.Resources.Exists)
            return ResourceList.From(wanted);
        var actual = ResourceList.From(isLimit ? status.Resources.Limits : status.Resources.Requests);
        if (!isLimit)
            actual.RaiseTo(ResourceList.From(status.AllocatedResources));
        if (!isInfeasible)
            actual.RaiseTo(ResourceList.From(wanted));
        return actual;
    }

    private static ContainerStatus StatusOf(ViewList<ContainerStatus> statuses, string name) => statuses.Find(status => status.Name == name);

    private static bool IsResizeInfeasible(PodStatus status) => status.Conditions.Find(static condition => condition.Type == "PodResizePending").Reason == "Infeasible";
}
