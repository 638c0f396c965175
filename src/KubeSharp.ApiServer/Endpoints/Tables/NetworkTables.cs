using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>Tables of services, their endpoints and networking (pkg/printers/internalversion/printers.go, v1.36).</summary>
internal static class NetworkTables
{
    public static readonly ObjectTable Services = new(
        static (obj, now) =>
        [
            Name(obj), Text(obj, "spec", "type"), Texts(obj, "spec", "clusterIPs") is [var ip, ..] ? ip : None, ExternalIp(obj),
            Ports(obj), Age(obj, now), Labels(At(obj, "spec", "selector").AsMap),
        ],
        ObjectColumns.Name,
        new("Type", "string", "", "type determines how the Service is exposed. Defaults to ClusterIP. Valid options are ExternalName, ClusterIP, NodePort, and LoadBalancer. \"ClusterIP\" allocates a cluster-internal IP address for load-balancing to endpoints. Endpoints are determined by the selector or if that is not specified, by manual construction of an Endpoints object or EndpointSlice objects. If clusterIP is \"None\", no virtual IP is allocated and the endpoints are published as a set of endpoints rather than a virtual IP. \"NodePort\" builds on ClusterIP and allocates a port on every node which routes to the same endpoints as the clusterIP. \"LoadBalancer\" builds on NodePort and creates an external load-balancer (if supported in the current cloud) which routes to the same endpoints as the clusterIP. \"ExternalName\" aliases this service to the specified externalName. Several other fields do not apply to ExternalName services. More info: https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types"),
        new("Cluster-IP", "string", "", "clusterIP is the IP address of the service and is usually assigned randomly. If an address is specified manually, is in-range (as per system configuration), and is not in use, it will be allocated to the service; otherwise creation of the service will fail. This field may not be changed through updates unless the type field is also being changed to ExternalName (which requires this field to be blank) or the type field is being changed from ExternalName (in which case this field may optionally be specified, as describe above).  Valid values are \"None\", empty string (\"\"), or a valid IP address. Setting this to \"None\" makes a \"headless service\" (no virtual IP), which is useful when direct endpoint connections are preferred and proxying is not required.  Only applies to types ClusterIP, NodePort, and LoadBalancer. If this field is specified when creating a Service of type ExternalName, creation will fail. This field will be wiped when updating a Service to type ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies"),
        new("External-IP", "string", "", "externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.  These IPs are not managed by Kubernetes.  The user is responsible for ensuring that traffic arrives at a node with this IP.  A common example is external load-balancers that are not part of the Kubernetes system."),
        new("Port(s)", "string", "", "The list of ports that are exposed by this service. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies"),
        ObjectColumns.Age,
        new("Selector", "string", "", "Route service traffic to pods with label keys and values matching this selector. If empty or not present, the service is assumed to have an external process managing its endpoints, which Kubernetes will not modify. Only applies to types ClusterIP, NodePort, and LoadBalancer. Ignored if type is ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/", 1));

    public static readonly ObjectTable Endpoints = new(
        static (obj, now) => [Name(obj), EndpointAddresses(obj), Age(obj, now)],
        ObjectColumns.Name,
        new("Endpoints", "string", "", "The set of all endpoints is the union of all subsets. Addresses are placed into subsets according to the IPs they share. A single address with multiple ports, some of which are ready and some of which are not (because they come from different containers) will result in the address being displayed in different subsets for the different ports. No address will appear in both Addresses and NotReadyAddresses in the same subset. Sets of addresses and ports that comprise a service."),
        ObjectColumns.Age);

    public static readonly ObjectTable EndpointSlices = new(
        static (obj, now) =>
        [
            Name(obj), Text(obj, "addressType"), Shortened([.. Items(obj, "ports").Select(SlicePort)], Unset),
            Shortened([.. Items(obj, "endpoints").SelectMany(endpoint => Texts(endpoint, "addresses"))], Unset), Age(obj, now),
        ],
        ObjectColumns.Name,
        new("AddressType", "string", "", "addressType specifies the type of address carried by this EndpointSlice. All addresses in this slice must be the same type. This field is immutable after creation. The following address types are currently supported: * IPv4: Represents an IPv4 Address. * IPv6: Represents an IPv6 Address. * FQDN: Represents a Fully Qualified Domain Name. (Deprecated) The EndpointSlice controller only generates, and kube-proxy only processes, slices of addressType \"IPv4\" and \"IPv6\". No semantics are defined for the \"FQDN\" type."),
        new("Ports", "string", "", "ports specifies the list of network ports exposed by each endpoint in this slice. Each port must have a unique name. Each slice may include a maximum of 100 ports. Services always have at least 1 port, so EndpointSlices generated by the EndpointSlice controller will likewise always have at least 1 port. EndpointSlices used for other purposes may have an empty ports list."),
        new("Endpoints", "string", "", "endpoints is a list of unique endpoints in this slice. Each slice may include a maximum of 1000 endpoints."),
        ObjectColumns.Age);

    public static readonly ObjectTable Ingresses = new(
        static (obj, now) =>
        [
            Name(obj), At(obj, "spec", "ingressClassName").AsString ?? None, Hosts(Items(obj, "spec", "rules")), LoadBalancer(obj),
            Count(obj, "spec", "tls") != 0 ? "80, 443" : "80", Age(obj, now),
        ],
        ObjectColumns.Name,
        new("Class", "string", "", "The name of the IngressClass resource that should be used for additional configuration"),
        new("Hosts", "string", "", "Hosts that incoming requests are matched against before the ingress rule"),
        new("Address", "string", "", "Address is a list containing ingress points for the load-balancer"),
        new("Ports", "string", "", "Ports of TLS configurations that open"),
        ObjectColumns.Age);

    public static readonly ObjectTable IngressClasses = new(
        static (obj, now) =>
        {
            var isDefault = ObjectMetaAccessor.GetAnnotation(obj, "ingressclass.kubernetes.io/is-default-class") == "true";
            var parameters = None;
            if (At(obj, "spec", "parameters").AsMap is { } found)
            {
                var group = At(found, "apiGroup").AsString is { } apiGroup ? "." + apiGroup : "";
                parameters = $"{Text(found, "kind")}{group}/{Text(found, "name")}";
            }

            return [isDefault ? Name(obj) + " (default)" : Name(obj), Text(obj, "spec", "controller"), parameters, Age(obj, now)];
        },
        ObjectColumns.Name,
        new("Controller", "string", "", "Controller that is responsible for handling this class"),
        new("Parameters", "string", "", "A reference to a resource with additional parameters"),
        ObjectColumns.Age);

    public static readonly ObjectTable NetworkPolicies = new(
        static (obj, now) => [Name(obj), Selector(At(obj, "spec", "podSelector").AsMap ?? Map.Empty), Age(obj, now)],
        ObjectColumns.Name,
        new("Pod-Selector", "string", "", "podSelector selects the pods to which this NetworkPolicy object applies. The array of rules is applied to any pods selected by this field. An empty selector matches all pods in the policy's namespace. Multiple network policies can select the same set of pods. In this case, the ingress rules for each are combined additively. This field is optional. If it is not specified, it defaults to an empty selector."),
        ObjectColumns.Age);

    public static readonly ObjectTable ServiceCidrs = new(
        static (obj, now) => [Name(obj), string.Join(',', Texts(obj, "spec", "cidrs")), Age(obj, now)],
        ObjectColumns.Name,
        new("CIDRs", "string", "", "CIDRs defines the IP blocks in CIDR notation (e.g. \"192.168.0.0/24\" or \"2001:db8::/64\") from which to assign service cluster IPs. Max of two CIDRs is allowed, one of each IP family. This field is immutable."),
        ObjectColumns.Age);

    public static readonly ObjectTable IpAddresses = new(
        // One cell more than there are columns, as upstream.
        static (obj, now) => [Name(obj), ParentReference(At(obj, "spec", "parentRef").AsMap), Age(obj, now)],
        ObjectColumns.Name,
        new("ParentRef", "string", "", "ParentRef references the resource that an IPAddress is attached to. An IPAddress must reference a parent object."));

    private static string ExternalIp(Map obj)
    {
        var addresses = Texts(obj, "spec", "externalIPs");
        switch (Text(obj, "spec", "type"))
        {
            case "ClusterIP" or "NodePort":
                return addresses.Length > 0 ? string.Join(',', addresses) : None;
            case "LoadBalancer":
                var balancer = LoadBalancer(obj);
                if (addresses.Length > 0)
                    return string.Join(',', balancer.Length > 0 ? [balancer, .. addresses] : addresses);
                return balancer.Length > 0 ? balancer : "<pending>";
            case "ExternalName":
                return Text(obj, "spec", "externalName");
            default:
                return Unknown;
        }
    }

    private static string LoadBalancer(Map obj)
    {
        var points = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var ingress in Items(obj, "status", "loadBalancer", "ingress"))
        {
            if (TextOr(Text(ingress, "hostname"), ingress, "ip") is { Length: > 0 } point)
                points.Add(point);
        }

        return string.Join(',', points);
    }

    private static string Ports(Map obj)
    {
        var ports = Items(obj, "spec", "ports").Select(port => Integer(port, "nodePort") > 0
            ? Format($"{Integer(port, "port")}:{Integer(port, "nodePort")}/{Text(port, "protocol")}")
            : Format($"{Integer(port, "port")}/{Text(port, "protocol")}"));
        return string.Join(',', ports) is { Length: > 0 } text ? text : None;
    }

    private static string EndpointAddresses(Map obj)
    {
        var subsets = Items(obj, "subsets");
        if (subsets.Length == 0)
            return None;
        var list = new List<string>();
        foreach (var subset in subsets)
        {
            var addresses = Items(subset, "addresses").Select(address => Text(address, "ip")).ToArray();
            var ports = Items(subset, "ports");
            if (ports.Length == 0)
                list.AddRange(addresses);
            foreach (var port in ports)
                list.AddRange(addresses.Select(address => HostPort(address, Integer(port, "port"))));
        }

        return Shortened(list, "");
    }

    private static string HostPort(string host, long port) =>
        host.Contains(':', StringComparison.Ordinal) ? Format($"[{host}]:{port}") : Format($"{host}:{port}");

    private static string SlicePort(Map port) =>
        At(port, "port").AsInteger is { } number ? Format($"{number}") : At(port, "name").AsString ?? "*";

    private static string Hosts(Map[] rules)
    {
        // Rules without a host take no place in the list, but count among those left out.
        var hosts = new List<string>();
        var more = false;
        foreach (var rule in rules)
        {
            more |= hosts.Count == 3;
            if (!more && Text(rule, "host") is { Length: > 0 } host)
                hosts.Add(host);
        }

        if (hosts.Count == 0)
            return "*";
        var list = string.Join(',', hosts);
        return more ? Format($"{list} + {rules.Length - 3} more...") : list;
    }

    private static string ParentReference(Map? parent)
    {
        if (parent is null)
            return None;
        var resource = Text(parent, "resource") + (Text(parent, "group") is { Length: > 0 } group ? "." + group : "");
        var ns = Text(parent, "namespace") is { Length: > 0 } found ? found + "/" : "";
        return $"{resource.ToLowerInvariant()}/{ns}{Text(parent, "name")}";
    }
}
