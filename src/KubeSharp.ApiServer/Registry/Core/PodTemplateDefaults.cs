using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Defaults of pod templates, wherever they stand.</summary>
internal static class PodTemplateDefaults
{
    public static void ApplyToTemplate(Map spec)
    {
        if (spec["template"].AsMap is null)
            return;
        var template = spec.EditMap("template");
        PodSpecDefaults.Apply(template.EditMap("spec"));
    }

    public static void ApplyToPodTemplate(Map obj) => ApplyToTemplate(obj);
}

/// <summary>pkg/apis/core/v1/defaults.go SetDefaults_ReplicationController.</summary>
internal static class ReplicationControllerDefaults
{
    public static void Apply(Map obj) => PodSpecDefaults.Sub(obj, "spec", spec =>
    {
        if (spec.GetMap("template")?.GetMap("metadata")?.GetMap("labels") is { Count: > 0 } labels)
        {
            if (spec.GetMap("selector") is not { Count: > 0 })
                spec.Set("selector", labels);
            if (obj.GetMap("metadata")?.GetMap("labels") is not { Count: > 0 })
                obj.EditMap("metadata").Set("labels", labels);
        }

        PodSpecDefaults.Default(spec, "replicas", 1);
        PodTemplateDefaults.ApplyToTemplate(spec);
    });
}

/// <summary>SetDefaults_Endpoints: every port has a protocol.</summary>
internal static class EndpointsDefaults
{
    public static void Apply(Map obj) => PodSpecDefaults.Each(obj, "subsets", subset =>
        PodSpecDefaults.Each(subset, "ports", port => PodSpecDefaults.Default(port, "protocol", "TCP")));
}

/// <summary>SetDefaults_LimitRangeItem: defaults follow limits, default requests follow defaults, then minimums.</summary>
internal static class LimitRangeDefaults
{
    public static void Apply(Map obj) => PodSpecDefaults.Sub(obj, "spec", spec => PodSpecDefaults.Each(spec, "limits", item =>
    {
        if (item.GetString("type") != "Container")
            return;
        Fill(item.EditMap("default"), item.GetMap("max"));
        Fill(item.EditMap("defaultRequest"), item.GetMap("default"));
        Fill(item.EditMap("defaultRequest"), item.GetMap("min"));
        foreach (var key in (ReadOnlySpan<string>)["default", "defaultRequest"])
        {
            if (item.GetMap(key) is { Count: 0 })
                item.Remove(key);
        }
    }));

    private static void Fill(Map target, Map? source)
    {
        foreach (var (name, value) in source ?? Map.Empty)
        {
            if (!target.ContainsKey(name))
                target.Set(name, value);
        }
    }
}
