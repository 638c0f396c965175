using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Core.ServiceAllocation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>
/// Services are a union over <c>spec.type</c>: what an update leaves out of the values that the server gave is kept, and
/// what a new type has no use for goes, unless the caller changed it too (which validation refuses then).
/// Source: pkg/registry/core/service/{strategy.go dropTypeDependentFields, storage/storage.go patchAllocatedValues and
/// normalizeClusterIPs}, v1.36.
/// </summary>
internal static class ServiceTypeChange
{
    /// <summary>An update that leaves allocated values out keeps them.</summary>
    public static void KeepAllocatedValues(Map obj, Map old)
    {
        var (spec, oldSpec) = (obj.EditMap("spec"), old.Sub("spec"));
        if (ServiceStrategy.NeedsClusterIp(oldSpec) && ServiceStrategy.NeedsClusterIp(spec))
        {
            if (spec.Text("clusterIP").Length == 0 && oldSpec.Has("clusterIP"))
                spec.Set("clusterIP", oldSpec["clusterIP"]);
            if (spec.List("clusterIPs").Count == 0 && oldSpec.List("clusterIPs").Count > 0)
                spec.Set("clusterIPs", oldSpec["clusterIPs"]);
        }

        if (ServiceStrategy.NeedsNodePort(oldSpec) && ServiceStrategy.NeedsNodePort(spec) && spec.List("ports").Count > 0)
            KeepNodePorts(spec.EditSequence("ports"), oldSpec.List("ports"));
        if (ServiceStrategy.NeedsHealthCheckNodePort(oldSpec) && ServiceStrategy.NeedsHealthCheckNodePort(spec) && spec.Number("healthCheckNodePort") == 0 && oldSpec.Has("healthCheckNodePort"))
            spec.Set("healthCheckNodePort", oldSpec["healthCheckNodePort"]);
    }

    /// <summary>Brings clusterIP and clusterIPs in line for callers that know only the older of the two.</summary>
    public static void NormalizeClusterIps(Map obj, Map? old)
    {
        var spec = obj.EditMap("spec");
        var ip = spec.Text("clusterIP");
        if (old is null)
        {
            if (ip.Length > 0 && spec.List("clusterIPs").Count == 0)
                spec.Set("clusterIPs", new Sequence { ip });
            return;
        }

        var oldSpec = old.Sub("spec");
        var oldIp = oldSpec.Text("clusterIP");
        if (oldSpec.List("clusterIPs").Count > 0 && spec.List("clusterIPs").Count == 0 && oldIp == ip)
            spec.Set("clusterIPs", oldSpec["clusterIPs"]);
        if (oldIp == ip || !IpFamilyFields.SameTexts(spec, oldSpec, "clusterIPs"))
            return;
        if (ip.Length > 0)
            spec.Set("clusterIPs", new Sequence { ip });
        else
            spec.Remove("clusterIPs");
    }

    /// <summary>Drops what the service's new type has no use for, as far as the caller left it as it was.</summary>
    public static void DropDependentFields(Map obj, Map old)
    {
        var (spec, oldSpec) = (obj.EditMap("spec"), old.Sub("spec"));
        if (ServiceStrategy.NeedsClusterIp(oldSpec) && !ServiceStrategy.NeedsClusterIp(spec))
            DropClusterIps(spec, oldSpec);
        if (ServiceStrategy.IsNodePortType(oldSpec) && !ServiceStrategy.IsNodePortType(spec))
            DropNodePorts(spec, oldSpec);
        if (ServiceStrategy.NeedsHealthCheckNodePort(oldSpec) && !ServiceStrategy.NeedsHealthCheckNodePort(spec))
            DropIfSame(spec, oldSpec, "healthCheckNodePort");
        if (oldSpec.Text("type") == "LoadBalancer" && spec.Text("type") != "LoadBalancer")
        {
            DropIfSame(spec, oldSpec, "allocateLoadBalancerNodePorts");
            DropIfSame(spec, oldSpec, "loadBalancerClass");
        }

        if (IsExternallyAccessible(oldSpec) && !IsExternallyAccessible(spec))
            DropIfSame(spec, oldSpec, "externalTrafficPolicy");
        // Upstream hides it whenever it reads such a service.
        if (spec.Text("type") == "ExternalName")
            spec.Remove("internalTrafficPolicy");
        if (spec.Text("type") != "LoadBalancer" && obj.Sub("status").Has("loadBalancer"))
            obj.EditMap("status").Set("loadBalancer", new Map(0));
    }

    /// <summary>Whether traffic from outside of the cluster can reach the service (pkg/api/service/util.go ExternallyAccessible).</summary>
    public static bool IsExternallyAccessible(Map spec) =>
        ServiceStrategy.IsNodePortType(spec) || (spec.Text("type") == "ClusterIP" && spec.List("externalIPs").Count > 0);

    private static void KeepNodePorts(Sequence ports, Sequence oldPorts)
    {
        var used = Used(ports);
        used.IntersectWith(Used(oldPorts));
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i].AsMap is not { } port || port.Number("nodePort") != 0)
                continue;
            long known = 0;
            foreach (var oldPort in oldPorts)
            {
                if (oldPort.AsMap.Text("name") == port.Text("name"))
                    known = oldPort.AsMap.Number("nodePort");
            }

            if (known != 0 && !used.Contains(known))
                ports.EditMap(i).Set("nodePort", known);
        }
    }

    private static void DropClusterIps(Map spec, Map oldSpec)
    {
        if (spec.Text("clusterIP") == oldSpec.Text("clusterIP") && IpFamilyFields.SameTexts(spec, oldSpec, "clusterIPs"))
        {
            spec.Remove("clusterIP");
            spec.Remove("clusterIPs");
        }

        if (IpFamilyFields.SameTexts(spec, oldSpec, "ipFamilies"))
            spec.Remove("ipFamilies");
        DropIfSame(spec, oldSpec, "ipFamilyPolicy");
    }

    private static void DropNodePorts(Map spec, Map oldSpec)
    {
        var used = Used(spec.List("ports"));
        if (used.Count == 0 || !used.IsSubsetOf(Used(oldSpec.List("ports"))))
            return;
        var ports = spec.EditSequence("ports");
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i].AsMap is not null)
                ports.EditMap(i).Remove("nodePort");
        }
    }

    private static HashSet<long> Used(Sequence ports)
    {
        var used = new HashSet<long>();
        foreach (var port in ports)
        {
            if (port.AsMap.Number("nodePort") is > 0 and var number)
                used.Add(number);
        }

        return used;
    }

    private static void DropIfSame(Map spec, Map oldSpec, string field)
    {
        if (spec[field] == oldSpec[field])
            spec.Remove(field);
    }
}
