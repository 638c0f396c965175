using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Networking;

/// <summary>Ingresses (pkg/apis/networking/validation/validation.go, pkg/registry/networking/ingress/strategy.go, v1.36).</summary>
internal static class IngressValidation
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";
    private static readonly string[] PathTypes = ["Exact", "ImplementationSpecific", "Prefix"];
    private static readonly string[] InvalidSequences = ["//", "/./", "/../", "%2f", "%2F"];
    private static readonly string[] InvalidSuffixes = ["/..", "/."];

    /// <summary>What a stored ingress may keep although it would not be accepted today.</summary>
    private readonly record struct Options(bool AllowInvalidSecretName, bool AllowInvalidWildcardHostRule);

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        ValidateIngress(errors, obj, default);
        var annotation = obj.Sub("metadata").Sub("annotations").GetString(ClassAnnotation);
        if (annotation is not null && obj.Sub("spec").GetString("ingressClassName") is { } name && annotation != name)
            errors.Invalid(new FieldPath("annotations").Child(ClassAnnotation), annotation, "must match `ingressClassName` when both are specified");
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateIngress(errors, obj, new Options(HasInvalidSecretName(old.Sub("spec")), HasInvalidWildcardHost(old.Sub("spec"))));
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var ingress = obj.Sub("status").Sub("loadBalancer").List("ingress");
        var existing = LoadBalancerStatus.Addresses(old);
        var path = MetadataValidation.Status.Child("loadBalancer", "ingress");
        for (var i = 0; i < ingress.Count; i++)
        {
            if (ingress.At(i).Text("ip") is { Length: > 0 } ip)
                IpValidation.IsValidIpForLegacyField(errors, path.Index(i).Child("ip"), ip, true, existing);
            LoadBalancerStatus.ValidateHostname(errors, ingress.At(i), path.Index(i));
        }
    }

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is null && obj.Sub("metadata").Sub("annotations").ContainsKey(ClassAnnotation) && !obj.Sub("spec").Has("ingressClassName"))
            context.AddWarning($"annotation {GoText.Quote(ClassAnnotation)} is deprecated, please use 'spec.ingressClassName' instead");
    }

    private static void ValidateIngress(FieldErrorList errors, Map obj, Options options)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        var (spec, path) = (obj.Sub("spec"), MetadataValidation.Spec);
        var rules = spec.List("rules");
        if (rules.Count == 0 && !spec.Has("defaultBackend"))
            errors.Invalid(path, spec.GetSequence("rules") is { } empty ? empty : Value.Null, "either `defaultBackend` or `rules` must be specified");
        if (spec.GetMap("defaultBackend") is { } backend)
            ValidateBackend(errors, backend, path.Child("defaultBackend"));
        for (var i = 0; i < rules.Count; i++)
            ValidateRule(errors, rules.At(i), path.Child("rules").Index(i), options);
        var tls = spec.List("tls");
        for (var i = 0; i < tls.Count; i++)
            ValidateTls(errors, tls.At(i), path.Child("tls").Index(i), options);
        if (spec.GetString("ingressClassName") is { } name)
            MetadataValidation.Name(errors, name, NameRules.DnsSubdomain, path.Child("ingressClassName"));
    }

    private static void ValidateTls(FieldErrorList errors, Map tls, FieldPath path, Options options)
    {
        var hosts = tls.List("hosts");
        for (var i = 0; i < hosts.Count; i++)
        {
            var host = hosts.TextAt(i);
            errors.AddInvalid(path.Child("hosts").Index(i), host, HostProblems(host));
        }

        var secret = tls.Text("secretName");
        if (!options.AllowInvalidSecretName && secret.Length > 0)
            MetadataValidation.Name(errors, secret, NameRules.DnsSubdomain, path.Child("secretName"));
    }

    private static IReadOnlyList<string> HostProblems(string host) =>
        host.Contains('*') ? NameValidation.IsWildcardDns1123Subdomain(host) : NameValidation.IsDns1123Subdomain(host);

    private static void ValidateRule(FieldErrorList errors, Map rule, FieldPath path, Options options)
    {
        var host = rule.Text("host");
        if (host.Length > 0)
        {
            if (LoadBalancerStatus.IsIp(host))
                errors.Invalid(path.Child("host"), host, "must be a DNS name, not an IP address");
            errors.AddInvalid(path.Child("host"), host, HostProblems(host));
        }

        if (!host.Contains('*') || !options.AllowInvalidWildcardHostRule)
            ValidateRuleValue(errors, rule, path);
    }

    private static void ValidateRuleValue(FieldErrorList errors, Map rule, FieldPath path)
    {
        if (rule.GetMap("http") is not { } http)
            return;
        var paths = http.List("paths");
        if (paths.Count == 0)
            errors.Required(path.Child("http", "paths"));
        for (var i = 0; i < paths.Count; i++)
            ValidatePath(errors, paths.At(i), path.Child("http", "paths").Index(i));
    }

    private static void ValidatePath(FieldErrorList errors, Map rule, FieldPath path)
    {
        if (!rule.Has("pathType"))
        {
            errors.Required(path.Child("pathType"), "pathType must be specified");
            return;
        }

        var (type, text) = (rule.Text("pathType"), rule.Text("path"));
        switch (type)
        {
            case "Exact" or "Prefix":
                if (!text.StartsWith('/'))
                    errors.Invalid(path.Child("path"), text, "must be an absolute path");
                foreach (var sequence in InvalidSequences)
                {
                    if (text.Contains(sequence, StringComparison.Ordinal))
                        errors.Invalid(path.Child("path"), text, $"must not contain '{sequence}'");
                }

                foreach (var suffix in InvalidSuffixes)
                {
                    if (text.EndsWith(suffix, StringComparison.Ordinal))
                        errors.Invalid(path.Child("path"), text, $"cannot end with '{suffix}'");
                }

                break;
            case "ImplementationSpecific":
                if (text.Length > 0 && text[0] != '/')
                    errors.Invalid(path.Child("path"), text, "must be an absolute path");
                break;
            default:
                errors.NotSupported(path.Child("pathType"), type, PathTypes);
                break;
        }

        ValidateBackend(errors, rule.Sub("backend"), path.Child("backend"));
    }

    private static void ValidateBackend(FieldErrorList errors, Map backend, FieldPath path)
    {
        if (backend.Has("resource") && backend.Has("service"))
            errors.Invalid(path, "", "cannot set both resource and service backends");
        else if (backend.GetMap("resource") is { } resource)
            ValidateReference(errors, resource, path.Child("resource"));
        else if (backend.GetMap("service") is { } service)
            ValidateService(errors, service, path);
        else
            errors.Invalid(path, "", "resource or service backend is required");
    }

    private static void ValidateReference(FieldErrorList errors, Map reference, FieldPath path)
    {
        if (reference.GetString("apiGroup") is { } group)
            errors.AddInvalid(path.Child("apiGroup"), group, NameValidation.IsDns1123Subdomain(group));
        MetadataValidation.RequiredSegment(errors, reference, "kind", path);
        MetadataValidation.RequiredSegment(errors, reference, "name", path);
    }

    private static void ValidateService(FieldErrorList errors, Map service, FieldPath path)
    {
        var name = service.Text("name");
        if (name.Length == 0)
            errors.Required(path.Child("service", "name"));
        else
            MetadataValidation.Name(errors, name, NameRules.DnsLabel, path.Child("service", "name"));
        var (portName, number) = (service.Sub("port").Text("name"), service.Sub("port").Number("number"));
        if (portName.Length > 0 && number != 0)
            errors.Invalid(path, "", "cannot set both port name & port number");
        else if (portName.Length > 0)
            errors.AddInvalid(path.Child("service", "port", "name"), portName, NameValidation.IsValidPortName(portName));
        else if (number != 0)
            errors.AddInvalid(path.Child("service", "port", "number"), number, NameValidation.IsValidPortNum(number));
        else
            errors.Required(path, "port name or number is required");
    }

    private static bool HasInvalidSecretName(Map spec)
    {
        var tls = spec.List("tls");
        for (var i = 0; i < tls.Count; i++)
        {
            if (tls.At(i).Text("secretName") is { Length: > 0 } secret && NameRules.DnsSubdomain(secret, false).Count > 0)
                return true;
        }

        return false;
    }

    private static bool HasInvalidWildcardHost(Map spec)
    {
        var rules = spec.List("rules");
        var errors = new FieldErrorList();
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules.At(i).Text("host").Contains('*'))
                ValidateRuleValue(errors, rules.At(i), MetadataValidation.Spec);
        }

        return errors.Count > 0;
    }
}
