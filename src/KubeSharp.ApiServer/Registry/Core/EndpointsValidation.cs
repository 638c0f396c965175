using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Endpoints (pkg/apis/core/validation/validation.go, pkg/registry/core/endpoint/strategy.go, v1.36).</summary>
internal static class EndpointsValidation
{
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];
    private static readonly string[] AddressLists = ["addresses", "notReadyAddresses"];
    private static readonly FieldPath Path = new("subsets");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateSubsets(errors, obj.List("subsets"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        if (!obj["subsets"].SemanticallyEquals(old["subsets"]))
            ValidateSubsets(errors, obj.List("subsets"));
    }

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        if (obj.Sub("metadata").Sub("labels").GetString("endpoints.kubernetes.io/managed-by") == "endpoint-controller")
            return;
        var subsets = obj.List("subsets");
        for (var i = 0; i < subsets.Count; i++)
        {
            foreach (var list in AddressLists)
            {
                var addresses = subsets.At(i).List(list);
                for (var j = 0; j < addresses.Count; j++)
                {
                    foreach (var warning in IpValidation.GetWarningsForIp(Path.Index(i).Child(list).Index(j).Child("ip"), addresses.At(j).Text("ip")))
                        context.AddWarning(warning);
                }
            }
        }
    }

    private static void ValidateSubsets(FieldErrorList errors, Sequence subsets)
    {
        for (var i = 0; i < subsets.Count; i++)
        {
            var (subset, path) = (subsets.At(i), Path.Index(i));
            if (subset.List("addresses").Count == 0 && subset.List("notReadyAddresses").Count == 0)
                errors.Required(path, "must specify `addresses` or `notReadyAddresses`");
            foreach (var list in AddressLists)
            {
                var addresses = subset.List(list);
                for (var j = 0; j < addresses.Count; j++)
                    ValidateAddress(errors, addresses.At(j), path.Child(list).Index(j));
            }

            var ports = subset.List("ports");
            for (var j = 0; j < ports.Count; j++)
                ValidatePort(errors, ports.At(j), path.Child("ports").Index(j), ports.Count > 1);
        }
    }

    private static void ValidateAddress(FieldErrorList errors, Map address, FieldPath path)
    {
        var ip = address.Text("ip");
        IpValidation.IsValidIpForLegacyField(errors, path.Child("ip"), ip);
        if (address.Text("hostname") is { Length: > 0 } host)
            errors.AddInvalid(path.Child("hostname"), host, NameValidation.IsDns1123Label(host));
        if (address.GetString("nodeName") is { } node)
            MetadataValidation.Name(errors, node, NameRules.DnsSubdomain, path.Child("nodeName"));
        EndpointAddressValidation.Validate(errors, ip, path.Child("ip"));
    }

    private static void ValidatePort(FieldErrorList errors, Map port, FieldPath path, bool requireName)
    {
        var name = port.Text("name");
        if (name.Length > 0)
            errors.AddInvalid(path.Child("name"), name, NameValidation.IsDns1123Label(name));
        else if (requireName)
            errors.Required(path.Child("name"));
        errors.AddInvalid(path.Child("port"), port.Number("port"), NameValidation.IsValidPortNum(port.Number("port")));
        if (port.Text("protocol").Length == 0)
            errors.Required(path.Child("protocol"));
        else
            errors.OneOf(path, "protocol", port.Text("protocol"), Protocols);
        if (port.GetString("appProtocol") is { } protocol)
            errors.AddInvalid(path.Child("appProtocol"), protocol, NameValidation.IsQualifiedName(protocol));
    }
}
