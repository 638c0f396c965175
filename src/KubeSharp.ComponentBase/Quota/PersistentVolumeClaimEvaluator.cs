using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>Counts claims and the storage that they ask for, by storage class too
/// (pkg/quota/v1/evaluator/core/persistent_volume_claims.go, v1.36).</summary>
public sealed class PersistentVolumeClaimEvaluator() : QuotaEvaluator(new("", "persistentvolumeclaims"))
{
    private const string Claims = "persistentvolumeclaims";
    private const string Storage = "requests.storage";
    private const string ClassInfix = ".storageclass.storage.k8s.io/";

    /// <summary>Upstream's comparison of sizes in the status is one of addresses, and always sees a change.</summary>
    public override bool Handles(QuotaWrite write) => write.Subresource.Length == 0 || (write.Subresource == "status" && write.OldObject is not null);

    public override IReadOnlyList<string> MatchingResources(IEnumerable<string> names) => [.. names.Where(IsCounted)];

    private bool IsCounted(string name) =>
        name == CountName || name is Claims or Storage
        || name.EndsWith(ClassInfix + Claims, StringComparison.Ordinal) || name.EndsWith(ClassInfix + Storage, StringComparison.Ordinal);

    public override ResourceList Usage(Map obj)
    {
        var claim = new PersistentVolumeClaim(obj);
        var one = Quantity.FromInt64(1);
        var usage = new ResourceList { { Claims, one }, { CountName, one } };
        var storageClass = ClassOf(claim);
        if (storageClass.Length > 0)
            usage.Add(storageClass + ClassInfix + Claims, one);
        if (StorageOf(claim) is not { } storage)
            return usage;
        usage.Add(Storage, storage);
        if (storageClass.Length > 0)
            usage.Add(storageClass + ClassInfix + Storage, storage);
        return usage;
    }

    public override bool HasScopes => true;

    public override bool IsInScope(ScopedResourceSelectorRequirement scope, Map obj)
    {
        if (scope.ScopeName != "VolumeAttributesClass")
            return false;
        var classes = AttributesClasses(new PersistentVolumeClaim(obj));
        return classes.Count == 0 ? QuotaScopes.IsSatisfied(scope, null) : classes.Any(name => QuotaScopes.IsSatisfied(scope, name));
    }

    public override bool Frees(Map old, Map obj)
    {
        var (before, after) = (new PersistentVolumeClaim(old), new PersistentVolumeClaim(obj));
        return before.Status.AllocatedResources["storage"] != after.Status.AllocatedResources["storage"] || !AttributesClasses(before).SetEquals(AttributesClasses(after));
    }

    private static string ClassOf(PersistentVolumeClaim claim) =>
        claim.Metadata.Annotations["volume.beta.kubernetes.io/storage-class"] ?? claim.Spec.StorageClassName ?? "";

    /// <summary>What is asked for, or what was given when that is more, in whole bytes.</summary>
    private static Quantity? StorageOf(PersistentVolumeClaim claim)
    {
        if (claim.Spec.Resources.Requests["storage"] is not { } text || !Quantity.TryParse(text, out var storage, out _))
            return null;
        storage = storage.RoundUp(0);
        if (claim.Status.AllocatedResources["storage"] is { } given && Quantity.TryParse(given, out var allocated, out _) && allocated > storage)
            return allocated.RoundUp(0);
        return storage;
    }

    private static HashSet<string> AttributesClasses(PersistentVolumeClaim claim)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { claim.Spec.VolumeAttributesClassName ?? "", claim.Status.CurrentVolumeAttributesClassName ?? "", claim.Status.ModifyVolumeStatus.TargetVolumeAttributesClassName };
        names.Remove("");
        return names;
    }
}
