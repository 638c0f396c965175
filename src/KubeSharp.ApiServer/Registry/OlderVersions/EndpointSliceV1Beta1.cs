using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.OlderVersions;

/// <summary>Endpoint slices with a map of topology, of which the zone has become a field (pkg/apis/discovery/v1beta1/conversion.go, v1.36).</summary>
internal static class EndpointSliceV1Beta1
{
    private const string Zone = "topology.kubernetes.io/zone";
    private const string HostName = "kubernetes.io/hostname";

    public static Map ToStorage(Map slice)
    {
        if (slice["endpoints"].AsSequence is null)
            return slice;
        var endpoints = slice.EditSequence("endpoints");
        for (var i = 0; i < endpoints.Count; i++)
        {
            if (endpoints[i].AsMap?.GetMap("topology") is not { } topology)
                continue;
            var endpoint = endpoints.EditMap(i);
            endpoint.Remove("topology");
            var rest = topology.DeepClone();
            if (topology.GetString(Zone) is { } zone)
            {
                endpoint.Set("zone", zone);
                rest.Remove(Zone);
            }

            // A host name that is not the node's has been said on purpose.
            if (topology.GetString(HostName) is { } host && host == endpoint.GetString("nodeName"))
                rest.Remove(HostName);
            if (rest.Count > 0)
                endpoint.Set("deprecatedTopology", rest);
        }

        return slice;
    }
}
