using System.Net.Sockets;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Discovery;

/// <summary>Endpoint slices (pkg/apis/discovery/validation/validation.go, pkg/registry/discovery/endpointslice/strategy.go, v1.36).</summary>
internal static class EndpointSliceValidation
{
    private const int MaxTopologyLabels = 16;
    private const int MaxAddresses = 100;
    private const int MaxPorts = 20000;
    private const int MaxEndpoints = 1000;
    private const int MaxHints = 8;
    private static readonly string[] AddressTypes = ["FQDN", "IPv4", "IPv6"];
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors) => ValidateSlice(errors, obj, null);

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ValidateSlice(errors, obj, old);
        if (obj.Text("addressType") != old.Text("addressType"))
            errors.Invalid(new FieldPath("addressType"), obj.Text("addressType"), ValidationMessages.FieldImmutable);
    }

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is null && obj.Text("addressType") == "FQDN")
            context.AddWarning("spec.addressType: FQDN endpoints are deprecated");
        if (obj.Sub("metadata").Sub("labels").GetString("endpointslice.kubernetes.io/managed-by") is
            "endpointslice-controller.k8s.io" or "endpointslicemirroring-controller.k8s.io")
            return;
        var endpoints = obj.List("endpoints");
        for (var i = 0; i < endpoints.Count; i++)
        {
            var addresses = endpoints.At(i).List("addresses");
            for (var j = 0; j < addresses.Count; j++)
            {
                foreach (var warning in IpValidation.GetWarningsForIp(new FieldPath("endpoints").Index(i).Child("addresses").Index(j), addresses.TextAt(j)))
                    context.AddWarning(warning);
            }
        }
    }

    private static void ValidateSlice(FieldErrorList errors, Map obj, Map? old)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        var type = obj.Text("addressType");
        if (type.Length == 0)
            errors.Required(new FieldPath("addressType"));
        else if (!AddressTypes.Contains(type))
            errors.NotSupported(new FieldPath("addressType"), type, AddressTypes);
        ValidatePorts(errors, obj.List("ports"), new FieldPath("ports"));
        if (old is null || !obj["endpoints"].SemanticallyEquals(old["endpoints"]))
            ValidateEndpoints(errors, obj.List("endpoints"), type, new FieldPath("endpoints"));
    }

    private static void ValidateEndpoints(FieldErrorList errors, Sequence endpoints, string type, FieldPath path)
    {
        if (endpoints.Count > MaxEndpoints)
        {
            errors.Add(FieldError.TooMany(path, endpoints.Count, MaxEndpoints));
            return;
        }

        for (var i = 0; i < endpoints.Count; i++)
            ValidateEndpoint(errors, endpoints.At(i), type, path.Index(i));
    }

    private static void ValidateEndpoint(FieldErrorList errors, Map endpoint, string type, FieldPath path)
    {
        var addresses = endpoint.List("addresses");
        if (addresses.Count == 0)
            errors.Required(path.Child("addresses"), "must contain at least 1 address");
        else if (addresses.Count > MaxAddresses)
            errors.Add(FieldError.TooMany(path.Child("addresses"), addresses.Count, MaxAddresses));
        for (var i = 0; i < addresses.Count; i++)
            ValidateAddress(errors, addresses.TextAt(i), type, path.Child("addresses"), i);
        if (endpoint.GetString("nodeName") is { } node)
            MetadataValidation.Name(errors, node, NameRules.DnsSubdomain, path.Child("nodeName"));
        var topology = endpoint.Sub("deprecatedTopology");
        if (topology.Count > MaxTopologyLabels)
            errors.Add(FieldError.TooMany(path.Child("deprecatedTopology"), topology.Count, MaxTopologyLabels));
        LabelValidation.ValidateLabels(errors, topology, path.Child("deprecatedTopology"));
        if (endpoint.GetString("hostname") is { } host)
            errors.AddInvalid(path.Child("hostname"), host, NameValidation.IsDns1123Label(host));
        if (endpoint.GetMap("hints") is { } hints && ValidateHints(errors, hints.List("forZones"), path.Child("hints", "forZones"), NameValidation.IsLabelValue))
            ValidateHints(errors, hints.List("forNodes"), path.Child("hints", "forNodes"), NameValidation.IsDns1123Subdomain);
    }

    private static void ValidateAddress(FieldErrorList errors, string address, string type, FieldPath path, int index)
    {
        var before = errors.Count;
        switch (type)
        {
            case "IPv4":
                IpValidation.IsValidIpForLegacyField(errors, path.Index(index), address);
                break;
            case "IPv6":
                IpValidation.IsValidIp(errors, path.Index(index), address);
                break;
            case "FQDN":
                NameValidation.IsFullyQualifiedDomainName(errors, path.Index(index), address);
                return;
            default:
                return;
        }

        if (errors.Count > before)
            return;
        var isSix = IpAddressText.TryParse(address, out var ip, out _, out var mapped) && !mapped && ip.AddressFamily == AddressFamily.InterNetworkV6;
        if (isSix != (type == "IPv6"))
            errors.Invalid(path, address, $"must be an {type} address");
        EndpointAddressValidation.Validate(errors, address, path.Index(index));
    }

    private static bool ValidateHints(FieldErrorList errors, Sequence hints, FieldPath path, Func<string, IReadOnlyList<string>> rule)
    {
        if (hints.Count > MaxHints)
        {
            errors.Add(FieldError.TooMany(path, hints.Count, MaxHints));
            return false;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < hints.Count; i++)
        {
            var name = hints.At(i).Text("name");
            if (!seen.Add(name))
                errors.Duplicate(path.Index(i).Child("name"), name);
            errors.AddInvalid(path.Index(i).Child("name"), name, rule(name));
        }

        return true;
    }

    private static void ValidatePorts(FieldErrorList errors, Sequence ports, FieldPath path)
    {
        if (ports.Count > MaxPorts)
        {
            errors.Add(FieldError.TooMany(path, ports.Count, MaxPorts));
            return;
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, at) = (ports.At(i), path.Index(i));
            var name = port.Text("name");
            if (name.Length > 0)
                errors.AddInvalid(at.Child("name"), name, NameValidation.IsDns1123Label(name));
            if (!names.Add(name))
                errors.Duplicate(at.Child("name"), name);
            if (port.GetString("protocol") is { } protocol)
                errors.OneOf(at, "protocol", protocol, Protocols);
            else
                errors.Required(at.Child("protocol"));
            if (port.GetString("appProtocol") is { } application)
                errors.AddInvalid(at.Child("appProtocol"), application, NameValidation.IsQualifiedName(application));
        }
    }
}
