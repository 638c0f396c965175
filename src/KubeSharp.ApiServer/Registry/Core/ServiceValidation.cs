using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Networking;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Services (validateService in pkg/apis/core/validation/validation.go, v1.36);
/// the rules of cluster IPs are <see cref="ServiceAddressValidation"/>'s.</summary>
internal static class ServiceValidation
{
    private const string TopologyHints = "service.kubernetes.io/topology-aware-hints";
    private const string TopologyMode = "service.kubernetes.io/topology-mode";
    private const string SourceRanges = "service.beta.kubernetes.io/load-balancer-source-ranges";
    private const int MaxAffinitySeconds = 86400;
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private static readonly string[] Affinities = ["ClientIP", "None"];
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];
    private static readonly string[] TrafficPolicies = ["Cluster", "Local"];
    private static readonly string[] Distributions = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    private static readonly string[] IpModes = ["Proxy", "VIP"];
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsLabel);
        ValidateService(errors, obj, null);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ServiceAddressValidation.ValidateChange(errors, obj.Sub("spec"), old.Sub("spec"));
        ValidateLoadBalancerClass(errors, obj.Sub("spec"), old.Sub("spec"));
        if (ServiceStrategy.NeedsHealthCheckNodePort(old.Sub("spec")) && ServiceStrategy.NeedsHealthCheckNodePort(obj.Sub("spec"))
            && old.Sub("spec").Number("healthCheckNodePort") != obj.Sub("spec").Number("healthCheckNodePort"))
            errors.Forbidden(Spec.Child("healthCheckNodePort"), "field is immutable");
        ValidateService(errors, obj, old);
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var path = MetadataValidation.Status.Child("loadBalancer", "ingress");
        var ingress = obj.Sub("status").Sub("loadBalancer").List("ingress");
        if (obj.Sub("spec").Text("type") != "LoadBalancer")
        {
            if (ingress.Count > 0)
                errors.Forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'");
            return;
        }

        var existing = LoadBalancerStatus.Addresses(old);
        for (var i = 0; i < ingress.Count; i++)
            ValidateIngress(errors, ingress.At(i), path.Index(i), existing);
    }

    private static void ValidateIngress(FieldErrorList errors, Map ingress, FieldPath path, List<string> existing)
    {
        var (ip, mode) = (ingress.Text("ip"), ingress.GetString("ipMode"));
        if (ip.Length > 0)
            IpValidation.IsValidIpForLegacyField(errors, path.Child("ip"), ip, true, existing);
        if (mode is null && ip.Length > 0)
            errors.Required(path.Child("ipMode"), "must be specified when `ip` is set");
        else if (mode is not null && ip.Length == 0)
            errors.Forbidden(path.Child("ipMode"), "may not be specified when `ip` is not set");
        else if (mode is not null)
            errors.OneOf(path, "ipMode", mode, IpModes);
        LoadBalancerStatus.ValidateHostname(errors, ingress, path);
    }

    private static void ValidateService(FieldErrorList errors, Map obj, Map? old)
    {
        var spec = obj.Sub("spec");
        var annotations = obj.Sub("metadata").Sub("annotations");
        if (annotations.GetString(TopologyMode) is { } mode && annotations.GetString(TopologyHints) is { } hints && mode != hints)
        {
            errors.Invalid(MetadataValidation.Path.Child("annotations").Key(TopologyMode), mode,
                $"must match annotations[{TopologyHints}] when both are specified");
        }

        var type = spec.Text("type");
        var headless = ServiceAddressValidation.IsHeadless(spec);
        var ports = spec.List("ports");
        if (ports.Count == 0 && !headless && type != "ExternalName")
            errors.Required(Spec.Child("ports"));
        if (headless && type is ("LoadBalancer" or "NodePort"))
            errors.Invalid(Spec.Child("clusterIPs").Index(0), "None", $"may not be set to 'None' for {type} services");
        if (type == "ExternalName")
            ValidateExternalName(errors, spec);
        HashSet<string> names = new(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
            ValidatePort(errors, ports.At(i), Spec.Child("ports").Index(i), ports.Count > 1, names);
        LabelValidation.ValidateLabels(errors, spec.GetMap("selector"), Spec.Child("selector"));
        ValidateAffinity(errors, spec);
        ServiceAddressValidation.Validate(errors, spec, old?.Sub("spec"));
        ValidateExternalIps(errors, spec, old?.Sub("spec"));
        if (type.Length == 0)
            errors.Required(Spec.Child("type"));
        else
            errors.OneOf(Spec, "type", type, Types);
        ValidatePortNumbers(errors, ports, type);
        ValidateSourceRanges(errors, spec, annotations, old);
        if (spec.Has("allocateLoadBalancerNodePorts") && type != "LoadBalancer")
            errors.Forbidden(Spec.Child("allocateLoadBalancerNodePorts"), "may only be used when `type` is 'LoadBalancer'");
        if (type == "LoadBalancer" && !spec.Has("allocateLoadBalancerNodePorts"))
            errors.Required(new FieldPath("allocateLoadBalancerNodePorts"));
        ValidateLoadBalancerClass(errors, spec, null);
        ValidateTraffic(errors, spec, type);
    }

    private static void ValidateExternalName(FieldErrorList errors, Map spec)
    {
        foreach (var field in (ReadOnlySpan<string>)["clusterIPs", "ipFamilies"])
        {
            if (spec.List(field).Count > 0)
                errors.Forbidden(Spec.Child(field), "may not be set for ExternalName services");
        }

        if (spec.Has("ipFamilyPolicy"))
            errors.Forbidden(Spec.Child("ipFamilyPolicy"), "may not be set for ExternalName services");
        var name = spec.Text("externalName");
        if (name.EndsWith('.'))
            name = name[..^1];
        if (name.Length > 0)
            errors.AddInvalid(Spec.Child("externalName"), name, NameValidation.IsDns1123Subdomain(name));
        else
            errors.Required(Spec.Child("externalName"));
    }

    private static void ValidatePort(FieldErrorList errors, Map port, FieldPath path, bool requireName, HashSet<string> names)
    {
        var name = port.Text("name");
        if (name.Length > 0)
        {
            errors.AddInvalid(path.Child("name"), name, NameValidation.IsDns1123Label(name));
            if (!names.Add(name))
                errors.Duplicate(path.Child("name"), name);
        }
        else if (requireName)
        {
            errors.Required(path.Child("name"));
        }

        errors.AddInvalid(path.Child("port"), port.Number("port"), NameValidation.IsValidPortNum(port.Number("port")));
        if (port.Text("protocol").Length == 0)
            errors.Required(path.Child("protocol"));
        else
            errors.OneOf(path, "protocol", port.Text("protocol"), Protocols);
        if (port["targetPort"].AsString is { } targetName)
            errors.AddInvalid(path.Child("targetPort"), targetName, NameValidation.IsValidPortName(targetName));
        else
            errors.AddInvalid(path.Child("targetPort"), port.Number("targetPort"), NameValidation.IsValidPortNum(port.Number("targetPort")));
        if (port.GetString("appProtocol") is { } protocol)
            errors.AddInvalid(path.Child("appProtocol"), protocol, NameValidation.IsQualifiedName(protocol));
    }

    private static void ValidateAffinity(FieldErrorList errors, Map spec)
    {
        var affinity = spec.Text("sessionAffinity");
        if (affinity.Length == 0)
            errors.Required(Spec.Child("sessionAffinity"));
        else
            errors.OneOf(Spec, "sessionAffinity", affinity, Affinities);
        var path = Spec.Child("sessionAffinityConfig");
        if (affinity == "None" && spec.Has("sessionAffinityConfig"))
            errors.Forbidden(path, "must not be set when session affinity is None");
        if (affinity != "ClientIP")
            return;
        if (!spec.Has("sessionAffinityConfig"))
            errors.Required(path, "when session affinity type is ClientIP");
        else if (spec.Sub("sessionAffinityConfig").GetMap("clientIP") is not { } client)
            errors.Required(path.Child("clientIP"), "when session affinity type is ClientIP");
        else if (client.GetInteger("timeoutSeconds") is not { } seconds)
            errors.Required(path.Child("clientIP", "timeoutSeconds"), "when session affinity type is ClientIP");
        else if (seconds is <= 0 or > MaxAffinitySeconds)
            errors.Invalid(path.Child("clientIP", "timeoutSeconds"), seconds, $"must be greater than 0 and less than {MaxAffinitySeconds}");
    }

    private static void ValidateExternalIps(FieldErrorList errors, Map spec, Map? oldSpec)
    {
        var ips = spec.List("externalIPs");
        var existing = ServiceAddressValidation.Texts(oldSpec.List("externalIPs"));
        for (var i = 0; i < ips.Count; i++)
        {
            var before = errors.Count;
            IpValidation.IsValidIpForLegacyField(errors, Spec.Child("externalIPs").Index(i), ips.TextAt(i), true, existing);
            if (errors.Count == before)
                EndpointAddressValidation.Validate(errors, ips.TextAt(i), Spec.Child("externalIPs").Index(i));
        }
    }

    private static void ValidatePortNumbers(FieldErrorList errors, Sequence ports, string type)
    {
        var path = Spec.Child("ports");
        for (var i = 0; type == "ClusterIP" && i < ports.Count; i++)
        {
            if (ports.At(i).Number("nodePort") != 0)
                errors.Forbidden(path.Index(i).Child("nodePort"), "may not be used when `type` is 'ClusterIP'");
        }

        HashSet<(string, long)> nodePorts = [], numbers = [];
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports.At(i);
            if (port.Number("nodePort") is not 0 and var nodePort && !nodePorts.Add((port.Text("protocol"), nodePort)))
                errors.Duplicate(path.Index(i).Child("nodePort"), nodePort);
        }

        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports.At(i);
            if (numbers.Add((port.Text("protocol"), port.Number("port"))))
                continue;
            // The value is a port of which only the two are set, printed with the internal type's names.
            errors.Duplicate(path.Index(i), new Map
            {
                { "Name", "" }, { "Protocol", port.Text("protocol") }, { "AppProtocol", Value.Null }, { "Port", port.Number("port") },
                { "TargetPort", 0 }, { "NodePort", 0 },
            });
        }
    }

    private static void ValidateSourceRanges(FieldErrorList errors, Map spec, Map annotations, Map? old)
    {
        var ranges = spec.List("loadBalancerSourceRanges");
        var isLoadBalancer = spec.Text("type") == "LoadBalancer";
        if (ranges.Count > 0)
        {
            var path = Spec.Child("LoadBalancerSourceRanges");
            if (!isLoadBalancer)
                errors.Forbidden(path, "may only be used when `type` is 'LoadBalancer'");
            var existing = ServiceAddressValidation.Texts(old.Sub("spec").List("loadBalancerSourceRanges")).ConvertAll(text => text.Trim());
            for (var i = 0; i < ranges.Count; i++)
                IpValidation.IsValidCidrForLegacyField(errors, path.Index(i), ranges.TextAt(i).Trim(), true, existing);
        }
        else if (annotations.GetString(SourceRanges) is { } text)
        {
            var path = MetadataValidation.Path.Child("annotations").Key(SourceRanges);
            if (!isLoadBalancer)
                errors.Forbidden(path, "may only be used when `type` is 'LoadBalancer'");
            if (text.Trim().Length == 0 || old.Sub("metadata").Sub("annotations").GetString(SourceRanges) == text)
                return;
            foreach (var range in text.Trim().Split(','))
                IpValidation.IsValidCidrForLegacyField(errors, path, range.Trim());
        }
    }

    private static void ValidateLoadBalancerClass(FieldErrorList errors, Map spec, Map? oldSpec)
    {
        var path = Spec.Child("loadBalancerClass");
        var isLoadBalancer = spec.Text("type") == "LoadBalancer";
        var name = spec.GetString("loadBalancerClass");
        if (oldSpec is not null && isLoadBalancer && oldSpec.Text("type") == "LoadBalancer" && oldSpec.GetString("loadBalancerClass") != name)
            errors.Invalid(path, name is null ? Value.Null : name, "may not change once set");
        if (name is null)
            return;
        if (isLoadBalancer)
            errors.AddInvalid(path, name, NameValidation.IsQualifiedName(name));
        else
            errors.Forbidden(path, "may only be used when `type` is 'LoadBalancer'");
    }

    private static void ValidateTraffic(FieldErrorList errors, Map spec, string type)
    {
        var policy = spec.Text("externalTrafficPolicy");
        if (!ServiceTypeChange.IsExternallyAccessible(spec))
        {
            if (policy.Length > 0)
                errors.Invalid(Spec.Child("externalTrafficPolicy"), policy, "may only be set for externally-accessible services");
        }
        else if (policy.Length == 0)
        {
            errors.Required(Spec.Child("externalTrafficPolicy"));
        }
        else
        {
            errors.OneOf(Spec, "externalTrafficPolicy", policy, TrafficPolicies);
        }

        var port = spec.Number("healthCheckNodePort");
        if (!ServiceStrategy.NeedsHealthCheckNodePort(spec))
        {
            if (port != 0)
                errors.Invalid(Spec.Child("healthCheckNodePort"), port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }
        else if (port == 0)
        {
            errors.Required(Spec.Child("healthCheckNodePort"));
        }
        else
        {
            errors.AddInvalid(Spec.Child("healthCheckNodePort"), port, NameValidation.IsValidPortNum(port));
        }

        if (spec.GetString("internalTrafficPolicy") is { } inner)
            errors.OneOf(Spec, "internalTrafficPolicy", inner, TrafficPolicies);
        else if (type is "NodePort" or "LoadBalancer" or "ClusterIP")
            errors.Required(Spec.Child("internalTrafficPolicy"));
        if (spec.GetString("trafficDistribution") is { } distribution)
            errors.OneOf(Spec, "trafficDistribution", distribution, Distributions);
    }
}
