using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Networking;

/// <summary>Network policies (pkg/apis/networking/validation/validation.go, v1.36).</summary>
internal static class NetworkPolicyValidation
{
    private static readonly string[] Protocols = ["TCP", "UDP", "SCTP"];
    private static readonly string[] Types = ["Ingress", "Egress"];

    /// <summary>The two directions, with the name of their peers.</summary>
    private static readonly (string Direction, string Peers)[] Directions = [("ingress", "from"), ("egress", "to")];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("spec"), MetadataValidation.Spec, false, null);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var oldSpec = old.Sub("spec");
        ValidateSpec(errors, obj.Sub("spec"), MetadataValidation.Spec, LabelSelectorValidation.IsInvalid(oldSpec.GetMap("podSelector")), Cidrs(oldSpec));
    }

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        var spec = obj.Sub("spec");
        foreach (var (direction, peers) in Directions)
        {
            var rules = spec.List(direction);
            for (var i = 0; i < rules.Count; i++)
            {
                var list = rules.At(i).List(peers);
                for (var j = 0; j < list.Count; j++)
                {
                    if (list.At(j).GetMap("ipBlock") is { } block)
                        WarnOfBlock(context, block, MetadataValidation.Spec.Child(direction).Index(i).Child(peers).Index(j).Child("ipBlock"));
                }
            }
        }
    }

    private static void WarnOfBlock(OperationContext context, Map block, FieldPath path)
    {
        foreach (var warning in IpValidation.GetWarningsForCidr(path.Child("cidr"), block.Text("cidr")))
            context.AddWarning(warning);
        var except = block.List("except");
        for (var i = 0; i < except.Count; i++)
        {
            foreach (var warning in IpValidation.GetWarningsForCidr(path.Child("except").Index(i), except.TextAt(i)))
                context.AddWarning(warning);
        }
    }

    private static List<string> Cidrs(Map spec)
    {
        var cidrs = new List<string>();
        foreach (var (direction, peers) in Directions)
        {
            foreach (var rule in spec.List(direction))
            {
                foreach (var peer in rule.AsMap.List(peers))
                {
                    if (peer.AsMap?.GetMap("ipBlock") is not { } block)
                        continue;
                    cidrs.Add(block.Text("cidr"));
                    foreach (var except in block.List("except"))
                        cidrs.Add(except.AsString ?? "");
                }
            }
        }

        return cidrs;
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, FieldPath path, bool allowInvalidValues, List<string>? oldCidrs)
    {
        LabelSelectorValidation.Validate(errors, spec, "podSelector", path, allowInvalidValues);
        foreach (var (direction, peers) in Directions)
        {
            var rules = spec.List(direction);
            for (var i = 0; i < rules.Count; i++)
            {
                var at = path.Child(direction).Index(i);
                var (ports, list) = (rules.At(i).List("ports"), rules.At(i).List(peers));
                for (var j = 0; j < ports.Count; j++)
                    ValidatePort(errors, ports.At(j), at.Child("ports").Index(j));
                for (var j = 0; j < list.Count; j++)
                    ValidatePeer(errors, list.At(j), at.Child(peers).Index(j), allowInvalidValues, oldCidrs);
            }
        }

        var types = spec.List("policyTypes");
        if (types.Count > Types.Length)
        {
            errors.Invalid(path.Child("policyTypes"), types, "may not specify more than two policyTypes");
            return;
        }

        for (var i = 0; i < types.Count; i++)
        {
            if (!Types.Contains(types.TextAt(i)))
                errors.NotSupported(path.Child("policyTypes").Index(i), types.TextAt(i), Types);
        }
    }

    private static void ValidatePort(FieldErrorList errors, Map port, FieldPath path)
    {
        if (port.GetString("protocol") is { } protocol && !Protocols.Contains(protocol))
            errors.NotSupported(path.Child("protocol"), protocol, Protocols);
        var end = port.GetInteger("endPort");
        if (port["port"].AsInteger is { } number)
        {
            errors.AddInvalid(path.Child("port"), number, NameValidation.IsValidPortNum(number));
            if (end is not { } last)
                return;
            if (last < number)
                errors.Invalid(path.Child("endPort"), number, "must be greater than or equal to `port`");
            errors.AddInvalid(path.Child("endPort"), last, NameValidation.IsValidPortNum(last));
        }
        else if (port.Has("port"))
        {
            if (end is { } last)
                errors.Invalid(path.Child("endPort"), last, "may not be specified when `port` is non-numeric");
            errors.AddInvalid(path.Child("port"), port.Text("port"), NameValidation.IsValidPortName(port.Text("port")));
        }
        else if (end is { } last)
        {
            errors.Invalid(path.Child("endPort"), last, "may not be specified when `port` is not specified");
        }
    }

    private static void ValidatePeer(FieldErrorList errors, Map peer, FieldPath path, bool allowInvalidValues, List<string>? oldCidrs)
    {
        var selectors = (peer.Has("podSelector") ? 1 : 0) + (peer.Has("namespaceSelector") ? 1 : 0);
        LabelSelectorValidation.Validate(errors, peer, "podSelector", path, allowInvalidValues);
        LabelSelectorValidation.Validate(errors, peer, "namespaceSelector", path, allowInvalidValues);
        if (peer.GetMap("ipBlock") is { } block)
        {
            ValidateBlock(errors, block, path.Child("ipBlock"), oldCidrs);
            if (selectors > 0)
                errors.Forbidden(path, "may not specify both ipBlock and another peer");
        }
        else if (selectors == 0)
        {
            errors.Required(path, "must specify a peer");
        }
    }

    private static void ValidateBlock(FieldErrorList errors, Map block, FieldPath path, List<string>? oldCidrs)
    {
        var cidr = block.Text("cidr");
        if (cidr.Length == 0)
        {
            errors.Required(path.Child("cidr"));
            return;
        }

        IpValidation.IsValidCidrForLegacyField(errors, path.Child("cidr"), cidr, true, oldCidrs);
        if (!IpAddressText.TryParseCidr(cidr, out var network, out var prefix, out _, out _))
            return;
        var except = block.List("except");
        for (var i = 0; i < except.Count; i++)
        {
            var inner = except.TextAt(i);
            IpValidation.IsValidCidrForLegacyField(errors, path.Child("except").Index(i), inner, true, oldCidrs);
            if (!IpAddressText.TryParseCidr(inner, out var innerNetwork, out var innerPrefix, out _, out _))
                continue;
            var contains = network.AddressFamily == innerNetwork.AddressFamily
                && IpAddressText.Mask(innerNetwork, Math.Min(prefix, innerPrefix)).Equals(IpAddressText.Mask(network, Math.Min(prefix, innerPrefix)));
            if (!contains || prefix >= innerPrefix)
                errors.Invalid(path.Child("except").Index(i), inner, "must be a strict subset of `cidr`");
        }
    }
}
