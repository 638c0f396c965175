using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>What is accepted in a service but worth a word (pkg/api/service/warnings.go, v1.36).</summary>
internal static class ServiceWarnings
{
    private const string TopologyHints = "service.kubernetes.io/topology-aware-hints";
    private const string TopologyMode = "service.kubernetes.io/topology-mode";
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        var spec = obj.Sub("spec");
        var type = spec.Text("type");
        var externalIps = spec.List("externalIPs");
        var headless = type == "ClusterIP" && spec.Text("clusterIP") == "None";
        if (obj.Sub("metadata").Sub("annotations").ContainsKey(TopologyHints))
            context.AddWarning($"annotation {TopologyHints} is deprecated, please use {TopologyMode} instead");
        if (spec.Text("clusterIP") is { Length: > 0 } clusterIp && clusterIp != "None")
            WarnOfIps(context, spec, "clusterIPs");
        if (headless)
        {
            if (spec.Text("loadBalancerIP").Length > 0)
                context.AddWarning("spec.loadBalancerIP is ignored for headless services");
            if (externalIps.Count > 0)
                context.AddWarning("spec.externalIPs is ignored for headless services");
            if (spec.Text("sessionAffinity") != "None")
                context.AddWarning("spec.SessionAffinity is ignored for headless services");
        }

        WarnOfIps(context, spec, "externalIPs");
        if (externalIps.Count > 0 && !headless && type != "ExternalName")
            context.AddWarning("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
        if (spec.Text("loadBalancerIP") is { Length: > 0 } address)
            AddAll(context, IpValidation.GetWarningsForIp(Spec.Child("loadBalancerIP"), address));
        var ranges = spec.List("loadBalancerSourceRanges");
        for (var i = 0; i < ranges.Count; i++)
            AddAll(context, IpValidation.GetWarningsForCidr(Spec.Child("loadBalancerSourceRanges").Index(i), ranges.TextAt(i)));
        if (type == "ExternalName" && externalIps.Count > 0)
            context.AddWarning("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
        if (type != "ExternalName" && spec.Text("externalName").Length > 0)
            context.AddWarning("spec.externalName is ignored when spec.type is not \"ExternalName\"");
        if (spec.GetString("trafficDistribution") == "PreferClose")
            context.AddWarning("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
    }

    private static void WarnOfIps(OperationContext context, Map spec, string key)
    {
        var ips = spec.List(key);
        for (var i = 0; i < ips.Count; i++)
            AddAll(context, IpValidation.GetWarningsForIp(Spec.Child(key).Index(i), ips.TextAt(i)));
    }

    private static void AddAll(OperationContext context, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
            context.AddWarning(warning);
    }
}
