using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Resources;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>What the evaluator of claims looks up.</summary>
/// <param name="DeviceClasses">All device classes.</param>
/// <param name="FindPod">A pod by namespace and name.</param>
/// <param name="Claims">The claims of a namespace.</param>
public sealed record ResourceClaimSources(Func<IEnumerable<Map>> DeviceClasses, Func<string, string, Map?> FindPod, Func<string, IEnumerable<Map>> Claims);

/// <summary>Counts resource claims and the devices of each class that they may get
/// (pkg/quota/v1/evaluator/core/resource_claims.go, v1.36).</summary>
public sealed class ResourceClaimEvaluator(ResourceClaimSources sources, PodEvaluator pods) : QuotaEvaluator(new("resource.k8s.io", "resourceclaims"))
{
    private const string PerClassSuffix = ".deviceclass.resource.k8s.io/devices";
    private const string ImplicitPrefix = "requests.deviceclass.resource.kubernetes.io/";
    private const string RequestsPrefix = "requests.";
    private const string ExtendedClaimAnnotation = "resource.kubernetes.io/extended-resource-claim";

    /// <summary>How many devices a claim for all of them may get at most.</summary>
    private const long MaxDevices = 32;

    public override bool Handles(QuotaWrite write) => write.Subresource.Length == 0;

    public override IReadOnlyList<string> MatchingResources(IEnumerable<string> names) => [.. names.Where(IsCounted)];

    private bool IsCounted(string name)
    {
        if (name == CountName || name.EndsWith(PerClassSuffix, StringComparison.Ordinal))
            return true;
        if (name.StartsWith(ImplicitPrefix, StringComparison.Ordinal) && ExtendedResourceOf(name[ImplicitPrefix.Length..]).Length > 0)
            return true;
        return PodEvaluator.IsExtendedForQuota(name)
            && sources.DeviceClasses().Any(c => c.GetMap("spec")?.GetString("extendedResourceName") == name[RequestsPrefix.Length..]);
    }

    private string ExtendedResourceOf(string deviceClass) =>
        sources.DeviceClasses().FirstOrDefault(c => ObjectMetaAccessor.GetName(c) == deviceClass)?.GetMap("spec")?.GetString("extendedResourceName") ?? "";

    public override ResourceList Usage(Map obj)
    {
        var usage = new ResourceList { { CountName, Quantity.FromInt64(1) } };
        foreach (var item in obj.GetMap("spec")?.GetMap("devices")?.GetSequence("requests") ?? Sequence.Empty)
        {
            if (item.AsMap?.GetSequence("firstAvailable") is { Count: > 0 } alternatives)
            {
                // Which of them it will be is open: of each class the most counts.
                var most = new ResourceList();
                foreach (var alternative in alternatives)
                    most.RaiseTo(DevicesOf(alternative.AsMap ?? Map.Empty));
                usage.AddAll(most);
            }
            else if (item.AsMap?.GetMap("exactly") is { } exactly)
            {
                usage.AddAll(DevicesOf(exactly));
            }
        }

        AddExtended(usage, UsageOfOwner(obj));
        return usage;
    }

    private static ResourceList DevicesOf(Map request)
    {
        var count = request.GetString("allocationMode") switch { "ExactCount" => request.GetInteger("count") ?? 0, "All" => MaxDevices, _ => 0 };
        return new ResourceList { { (request.GetString("deviceClassName") ?? "") + PerClassSuffix, Quantity.FromInt64(count) } };
    }

    /// <summary>Devices count as extended resources too, less what the pod that they are for was charged.</summary>
    private void AddExtended(ResourceList usage, ResourceList charged)
    {
        var extended = new ResourceList();
        foreach (var (name, quantity) in usage)
        {
            if (!name.EndsWith(PerClassSuffix, StringComparison.Ordinal) || name.Length == PerClassSuffix.Length)
                continue;
            var deviceClass = name[..^PerClassSuffix.Length];
            extended[ImplicitPrefix + deviceClass] = quantity;
            if (ExtendedResourceOf(deviceClass) is { Length: > 0 } resource)
                extended[RequestsPrefix + resource] = quantity;
        }

        foreach (var (name, quantity) in extended)
        {
            var rest = charged.TryGet(name, out var already) ? quantity - already : quantity;
            if (rest.Sign > 0)
                usage[name] = rest;
        }
    }

    /// <summary>What the pod was charged for which the scheduler made this claim; empty for other claims.</summary>
    private ResourceList UsageOfOwner(Map claim)
    {
        if (!IsExtendedClaim(claim) || Owner(claim) is not { } owner)
            return new ResourceList();
        var (ns, name) = (ObjectMetaAccessor.GetNamespace(claim), ObjectMetaAccessor.GetName(claim));
        if (sources.FindPod(ns, owner.GetString("name") ?? "") is not { } pod || ObjectMetaAccessor.GetUid(pod) != owner.GetString("uid"))
            return new ResourceList();
        if (pod.GetMap("status")?.GetMap("extendedResourceClaimStatus") is { } status)
            return status.GetString("resourceClaimName") == name ? pods.Usage(pod) : new ResourceList();
        // The pod does not say which claim is its: the first one is.
        var created = claim.GetMap("metadata")?.GetString("creationTimestamp");
        foreach (var other in sources.Claims(ns))
        {
            if (!IsExtendedClaim(other) || Owner(other)?.GetString("uid") != owner.GetString("uid"))
                continue;
            var order = string.CompareOrdinal(other.GetMap("metadata")?.GetString("creationTimestamp"), created);
            if (order < 0 || (order == 0 && string.CompareOrdinal(ObjectMetaAccessor.GetName(other), name) < 0))
                return new ResourceList();
        }

        return pods.Usage(pod);
    }

    private static bool IsExtendedClaim(Map claim) => claim.GetMap("metadata")?.GetMap("annotations")?.GetString(ExtendedClaimAnnotation) == "true";

    private static Map? Owner(Map claim)
    {
        foreach (var item in claim.GetMap("metadata")?.GetSequence("ownerReferences") ?? Sequence.Empty)
        {
            if (item.AsMap is { } owner && owner.GetBoolean("controller") == true)
                return owner.GetString("kind") == "Pod" && owner.GetString("apiVersion") == "v1" ? owner : null;
        }

        return null;
    }
}
