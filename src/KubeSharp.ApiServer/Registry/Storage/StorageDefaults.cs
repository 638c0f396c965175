using KubeSharp.ApiMachinery.Documents;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Storage;

/// <summary>pkg/apis/storage/v1/defaults.go SetDefaults_StorageClass.</summary>
internal static class StorageClassDefaults
{
    public static void Apply(Map obj)
    {
        Default(obj, "reclaimPolicy", "Delete", keepEmpty: true);
        Default(obj, "volumeBindingMode", "Immediate", keepEmpty: true);
    }
}

/// <summary>pkg/apis/storage/v1/defaults.go SetDefaults_CSIDriver.</summary>
internal static class CsiDriverDefaults
{
    public static void Apply(Map obj) => Sub(obj, "spec", spec =>
    {
        Default(spec, "attachRequired", true);
        Default(spec, "podInfoOnMount", false);
        Default(spec, "storageCapacity", false);
        Default(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType", keepEmpty: true);
        if (spec.GetSequence("volumeLifecycleModes") is not { Count: > 0 })
        {
            var modes = new Sequence(1);
            modes.Add("Persistent");
            spec.Set("volumeLifecycleModes", modes);
        }

        Default(spec, "requiresRepublish", false);
        Default(spec, "seLinuxMount", false);
    });
}

/// <summary>pkg/apis/scheduling/v1/defaults.go SetDefaults_PriorityClass.</summary>
internal static class PriorityClassDefaults
{
    public static void Apply(Map obj) => Default(obj, "preemptionPolicy", "PreemptLowerPriority", keepEmpty: true);
}
