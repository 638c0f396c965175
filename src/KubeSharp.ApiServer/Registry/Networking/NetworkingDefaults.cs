using KubeSharp.ApiMachinery.Documents;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Networking;

/// <summary>pkg/apis/networking/v1/defaults.go SetDefaults_NetworkPolicy.</summary>
internal static class NetworkPolicyDefaults
{
    public static void Apply(Map obj) => Sub(obj, "spec", spec =>
    {
        if (spec.GetSequence("policyTypes") is not { Count: > 0 })
        {
            var types = new Sequence(2);
            types.Add("Ingress");
            if (spec.GetSequence("egress") is { Count: > 0 })
                types.Add("Egress");
            spec.Set("policyTypes", types);
        }

        foreach (var direction in (ReadOnlySpan<string>)["ingress", "egress"])
            Each(spec, direction, rule => Each(rule, "ports", port => Default(port, "protocol", "TCP", keepEmpty: true)));
    });
}

/// <summary>pkg/apis/networking/v1/defaults.go SetDefaults_IngressClass.</summary>
internal static class IngressClassDefaults
{
    public static void Apply(Map obj) => Sub(obj, "spec", spec => Sub(spec, "parameters", parameters => Default(parameters, "scope", "Cluster", keepEmpty: true)));
}

/// <summary>pkg/apis/discovery/v1/defaults.go SetDefaults_EndpointPort.</summary>
internal static class EndpointSliceDefaults
{
    public static void Apply(Map obj) => Each(obj, "ports", port =>
    {
        Default(port, "name", "", keepEmpty: true);
        Default(port, "protocol", "TCP", keepEmpty: true);
    });
}
