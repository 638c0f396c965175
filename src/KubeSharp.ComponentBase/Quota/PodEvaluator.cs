using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>Counts pods and what they ask for (pkg/quota/v1/evaluator/core/pods.go, v1.36).</summary>
public sealed class PodEvaluator(TimeProvider time) : QuotaEvaluator(new("", "pods"))
{
    private const string RequestsPrefix = "requests.";
    private const string DeviceClassPrefix = "deviceclass.resource.kubernetes.io/";

    /// <summary>What each container must state where a quota limits it, as it was before there were classes of service.</summary>
    private static readonly string[] Required = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

    private static readonly HashSet<string> Compute = new(StringComparer.Ordinal)
    {
        "count/pods", "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
        "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods",
    };

    private static readonly PodResourceOptions Options = new(UseStatus: true, IncludeOverhead: true, HugePagesOfPod: true);

    public override bool Handles(QuotaWrite write) => write.Subresource switch
    {
        "" => write.IsCreate || (write.OldObject is { } old && IsTerminating(new Pod(old)) != IsTerminating(new Pod(write.Object))),
        "resize" => !write.IsCreate,
        _ => false,
    };

    public override IReadOnlyList<string> MatchingResources(IEnumerable<string> names) => [.. names.Where(static name =>
        Compute.Contains(name)
        || name.StartsWith("hugepages-", StringComparison.Ordinal) || name.StartsWith("requests.hugepages-", StringComparison.Ordinal)
        || IsExtendedForQuota(name))];

    /// <summary><c>requests.</c> before an extended resource, or before a device class.</summary>
    internal static bool IsExtendedForQuota(string name) =>
        name.StartsWith(RequestsPrefix, StringComparison.Ordinal)
        && (!IsNative(name) || name.StartsWith(RequestsPrefix + DeviceClassPrefix, StringComparison.Ordinal));

    private static bool IsNative(string name) => !name.Contains('/') || name.Contains("kubernetes.io/", StringComparison.Ordinal);

    public override string? Problem(IReadOnlyList<string> restricted, Map obj)
    {
        var spec = new Pod(obj).Spec;
        if (PodResources.AreSetForPod(spec))
            return null;
        List<string>? missing = null;
        foreach (var name in Required)
        {
            if (!restricted.Contains(name))
                continue;
            var containers = new SortedSet<string>(StringComparer.Ordinal);
            AddWithout(name, spec.Containers, containers);
            AddWithout(name, spec.InitContainers, containers);
            if (containers.Count > 0)
                (missing ??= []).Add($"{name} for: {string.Join(',', containers)}");
        }

        return missing is null ? null : $"must specify {string.Join("; ", missing)}";
    }

    private static void AddWithout(string name, ViewList<Container> containers, SortedSet<string> names)
    {
        var isLimit = name.StartsWith("limits.", StringComparison.Ordinal);
        var resource = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
        foreach (var container in containers)
        {
            if (!(isLimit ? container.Resources.Limits : container.Resources.Requests).ContainsKey(resource))
                names.Add(container.Name);
        }
    }

    public override ResourceList Usage(Map obj)
    {
        var pod = new Pod(obj);
        // All pods count as objects; only those that run, or will, use something.
        var usage = new ResourceList { { CountName, Quantity.FromInt64(1) } };
        if (!Uses(pod))
            return usage;
        usage.Add("pods", Quantity.FromInt64(1));
        foreach (var (name, request) in PodResources.Requests(pod, Options))
        {
            if (name is "cpu" or "memory" or "ephemeral-storage" || name.StartsWith("hugepages-", StringComparison.Ordinal))
                usage[name] = usage[RequestsPrefix + name] = request;
            else if (IsExtended(name))
                usage[RequestsPrefix + name] = request;
        }

        foreach (var (name, limit) in PodResources.Limits(pod, Options))
        {
            if (name is "cpu" or "memory" or "ephemeral-storage")
                usage["limits." + name] = limit;
        }

        return usage;
    }

    private static bool IsExtended(string name) =>
        name.StartsWith(DeviceClassPrefix, StringComparison.Ordinal)
        || (!IsNative(name) && !name.StartsWith(RequestsPrefix, StringComparison.Ordinal) && ApiMachinery.Validation.NameValidation.IsQualifiedName(RequestsPrefix + name).Count == 0);

    /// <summary>A pod that is over uses nothing, nor does one whose deletion has taken longer than its grace.</summary>
    private bool Uses(Pod pod)
    {
        if (pod.Status.Phase is "Failed" or "Succeeded")
            return false;
        return pod.Metadata.Map?.GetInteger("deletionGracePeriodSeconds") is not { } grace
            || Rfc3339.ParseOrNull(pod.Metadata.Map?.GetString("deletionTimestamp")) is not { } deletion
            || time.GetUtcNow() <= deletion.AddSeconds(grace);
    }

    public override bool HasScopes => true;

    public override bool IsInScope(ScopedResourceSelectorRequirement scope, Map obj)
    {
        var pod = new Pod(obj);
        return scope.ScopeName switch
        {
            "Terminating" => IsTerminating(pod),
            "NotTerminating" => !IsTerminating(pod),
            "BestEffort" => IsBestEffort(pod),
            "NotBestEffort" => !IsBestEffort(pod),
            "PriorityClass" => QuotaScopes.IsSatisfied(scope, pod.Spec.PriorityClassName is { Length: > 0 } name ? name : null),
            "CrossNamespacePodAffinity" => ReachesOut(pod.Spec.Affinity),
            _ => false,
        };
    }

    public override bool Frees(Map old, Map obj)
    {
        var (before, after) = (new Pod(old), new Pod(obj));
        return IsTerminating(before) != IsTerminating(after)
            || (Uses(before) && !Uses(after))
            || WasResized(before.Status.ContainerStatuses, after.Status.ContainerStatuses)
            || WasResized(before.Status.InitContainerStatuses, after.Status.InitContainerStatuses);
    }

    private static bool WasResized(ViewList<ContainerStatus> before, ViewList<ContainerStatus> after)
    {
        foreach (var status in before)
        {
            var next = after.Find(candidate => candidate.Name == status.Name);
            if (next.Exists && !(status.Resources.Map ?? Map.Empty).DeepEquals(next.Resources.Map ?? Map.Empty))
                return true;
        }

        return false;
    }

    private static bool IsTerminating(Pod pod) => pod.Spec.ActiveDeadlineSeconds >= 0;

    private static bool IsBestEffort(Pod pod)
    {
        if (pod.Status.QOSClass is { Length: > 0 } known)
            return known == "BestEffort";
        return !Asks(pod.Spec.Resources) && !pod.Spec.Containers.Any(static c => Asks(c.Resources)) && !pod.Spec.InitContainers.Any(static c => Asks(c.Resources));

        static bool Asks(ResourceRequirements resources) => IsPositive(resources.Requests) || IsPositive(resources.Limits);

        static bool IsPositive(StringMap map)
        {
            var list = ResourceList.From(map);
            return list["cpu"].Sign > 0 || list["memory"].Sign > 0;
        }
    }

    private static bool ReachesOut(Affinity affinity) =>
        affinity.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution.Any(IsCrossNamespace)
        || affinity.PodAffinity.PreferredDuringSchedulingIgnoredDuringExecution.Any(static term => IsCrossNamespace(term.PodAffinityTerm))
        || affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution.Any(IsCrossNamespace)
        || affinity.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution.Any(static term => IsCrossNamespace(term.PodAffinityTerm));

    private static bool IsCrossNamespace(PodAffinityTerm term) => term.Namespaces.Count > 0 || term.NamespaceSelector.Exists;
}
