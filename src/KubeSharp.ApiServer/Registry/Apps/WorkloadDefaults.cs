using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Core;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Apps;

/// <summary>pkg/apis/apps/v1/defaults.go SetDefaults_Deployment.</summary>
internal static class DeploymentDefaults
{
    public static void Apply(Map obj) => Sub(obj, "spec", spec =>
    {
        Default(spec, "replicas", 1);
        var strategy = spec.EditMap("strategy");
        Default(strategy, "type", "RollingUpdate");
        if (strategy.GetString("type") == "RollingUpdate")
        {
            var rolling = strategy.EditMap("rollingUpdate");
            Default(rolling, "maxUnavailable", "25%", keepEmpty: true);
            Default(rolling, "maxSurge", "25%", keepEmpty: true);
        }

        Default(spec, "revisionHistoryLimit", 10);
        Default(spec, "progressDeadlineSeconds", 600);
        PodTemplateDefaults.ApplyToTemplate(spec);
    });
}

/// <summary>SetDefaults_ReplicaSet.</summary>
internal static class ReplicaSetDefaults
{
    public static void Apply(Map obj) => Sub(obj, "spec", spec =>
    {
        Default(spec, "replicas", 1);
        PodTemplateDefaults.ApplyToTemplate(spec);
    });
}

/// <summary>SetDefaults_DaemonSet.</summary>
internal static class DaemonSetDefaults
{
    public static void Apply(Map obj)
    {
        // Every object that went through the internal form has the annotation, and so its managers know it.
        var annotations = obj.EditMap("metadata").EditMap("annotations");
        if (!annotations.ContainsKey(DaemonSetStrategy.TemplateGeneration))
        {
            annotations.Set(DaemonSetStrategy.TemplateGeneration, "0");
            annotations.Sort(string.CompareOrdinal);
        }

        ApplyToSpec(obj);
    }

    private static void ApplyToSpec(Map obj) => Sub(obj, "spec", spec =>
    {
        var strategy = spec.EditMap("updateStrategy");
        Default(strategy, "type", "RollingUpdate");
        if (strategy.GetString("type") == "RollingUpdate")
        {
            var rolling = strategy.EditMap("rollingUpdate");
            Default(rolling, "maxUnavailable", 1);
            Default(rolling, "maxSurge", 0);
        }

        Default(spec, "revisionHistoryLimit", 10);
        PodTemplateDefaults.ApplyToTemplate(spec);
    });
}

/// <summary>SetDefaults_StatefulSet.</summary>
internal static class StatefulSetDefaults
{
    /// <summary>Claim templates say what they are, before everything else (pkg/apis/apps/v1/conversion.go).</summary>
    public static void SetKind(Map claim)
    {
        foreach (var (position, key, value) in (ReadOnlySpan<(int, string, string)>)[(0, "kind", "PersistentVolumeClaim"), (1, "apiVersion", "v1")])
        {
            if (claim.GetString(key) is { Length: > 0 })
                continue;
            claim.Remove(key);
            claim.InsertAt(position, key, value);
        }
    }

    public static void Apply(Map obj) => Sub(obj, "spec", spec =>
    {
        Default(spec, "podManagementPolicy", "OrderedReady");
        var strategy = spec.EditMap("updateStrategy");
        if (string.IsNullOrEmpty(strategy.GetString("type")))
        {
            strategy.Set("type", "RollingUpdate");
            Default(strategy.EditMap("rollingUpdate"), "partition", 0);
        }
        else if (strategy.GetString("type") == "RollingUpdate" && strategy["rollingUpdate"].AsMap is not null)
        {
            Default(strategy.EditMap("rollingUpdate"), "partition", 0);
        }

        var retention = spec.EditMap("persistentVolumeClaimRetentionPolicy");
        Default(retention, "whenDeleted", "Retain");
        Default(retention, "whenScaled", "Retain");
        Default(spec, "replicas", 1);
        Default(spec, "revisionHistoryLimit", 10);
        Each(spec, "volumeClaimTemplates", claim =>
        {
            SetKind(claim);
            PersistentVolumeClaimStrategy.ApplyDefaults(claim);
        });
        PodTemplateDefaults.ApplyToTemplate(spec);
    });
}
