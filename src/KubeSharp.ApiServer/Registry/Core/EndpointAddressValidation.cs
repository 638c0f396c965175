using System.Net;
using System.Net.Sockets;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Addresses that traffic may be sent to (ValidateEndpointIP in pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class EndpointAddressValidation
{
    public static void Validate(FieldErrorList errors, string text, FieldPath path)
    {
        if (!IpAddressText.TryParse(text, out var address, out _, out _))
        {
            errors.Invalid(path, text, "must be a valid IP address");
            return;
        }

        var ip = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bytes = ip.GetAddressBytes();
        var isFour = ip.AddressFamily == AddressFamily.InterNetwork;
        if (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
            errors.Invalid(path, text, $"may not be unspecified ({text})");
        if (isFour ? bytes[0] == 127 : ip.Equals(IPAddress.IPv6Loopback))
            errors.Invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        if (isFour ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)
            errors.Invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        if (isFour ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0 : bytes[0] == 0xff && (bytes[1] & 0x0f) == 0x02)
            errors.Invalid(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
    }
}
