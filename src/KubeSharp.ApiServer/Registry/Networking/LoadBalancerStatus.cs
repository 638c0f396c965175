using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Networking;

/// <summary>The status that services and ingresses share: the addresses at which a load balancer answers.</summary>
internal static class LoadBalancerStatus
{
    public static bool IsIp(string text) => IpAddressText.TryParse(text, out _, out _, out _);

    /// <summary>The addresses of a stored object, which stay valid whatever their form.</summary>
    public static List<string> Addresses(Map obj)
    {
        var ingress = obj.Sub("status").Sub("loadBalancer").List("ingress");
        var addresses = new List<string>(ingress.Count);
        for (var i = 0; i < ingress.Count; i++)
        {
            if (ingress.At(i).Text("ip") is { Length: > 0 } ip)
                addresses.Add(ip);
        }

        return addresses;
    }

    public static void ValidateHostname(FieldErrorList errors, Map ingress, FieldPath path)
    {
        var host = ingress.Text("hostname");
        if (host.Length == 0)
            return;
        errors.AddInvalid(path.Child("hostname"), host, NameValidation.IsDns1123Subdomain(host));
        if (IsIp(host))
            errors.Invalid(path.Child("hostname"), host, "must be a DNS name, not an IP address");
    }
}
