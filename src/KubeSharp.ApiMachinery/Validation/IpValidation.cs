using System.Net;
using System.Net.Sockets;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Validation;

/// <summary>Checks of IP addresses and CIDRs, and the warnings for doubtful forms (apimachinery/pkg/util/validation/ip.go).</summary>
public static class IpValidation
{
    /// <summary>For fields of kinds that came after strict validation: the canonical form only.</summary>
    public static void IsValidIp(FieldErrorList errors, FieldPath path, string value)
    {
        var before = errors.Count;
        var address = ParseIp(errors, path, value, true);
        if (errors.Count == before && IpAddressText.Format(address!) is var canonical && canonical != value)
            errors.Add(FieldError.Invalid(path, value, $"must be in canonical form ({GoText.Quote(canonical)})"));
    }

    /// <summary>For fields older than strict validation; values of the old object stay valid.</summary>
    public static void IsValidIpForLegacyField(
        FieldErrorList errors, FieldPath path, string value, bool strict = true, IReadOnlyCollection<string>? validOldValues = null)
    {
        if (validOldValues is null || !validOldValues.Contains(value))
            ParseIp(errors, path, value, strict);
    }

    /// <summary>For new fields: a network in canonical form.</summary>
    public static void IsValidCidr(FieldErrorList errors, FieldPath path, string value)
    {
        var before = errors.Count;
        var (address, prefix) = ParseCidr(errors, path, value, true);
        if (errors.Count == before && IpAddressText.FormatNetwork(address!, prefix) is var canonical && canonical != value)
            errors.Add(FieldError.Invalid(path, value, $"must be in canonical form ({GoText.Quote(canonical)})"));
    }

    /// <inheritdoc cref="IsValidIpForLegacyField"/>
    public static void IsValidCidrForLegacyField(
        FieldErrorList errors, FieldPath path, string value, bool strict = true, IReadOnlyCollection<string>? validOldValues = null)
    {
        if (validOldValues is null || !validOldValues.Contains(value))
            ParseCidr(errors, path, value, strict);
    }

    /// <summary>An interface's address with its prefix length (<c>192.168.1.5/24</c>), canonical.</summary>
    public static void IsValidInterfaceAddress(FieldErrorList errors, FieldPath path, string value)
    {
        if (!IpAddressText.TryParseCidr(value, out var address, out var prefix, out _, out var mapped))
        {
            errors.Add(FieldError.Invalid(path, value, "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)"));
            return;
        }

        var canonical = $"{IpAddressText.Format(address)}/{(mapped && prefix > 32 ? prefix - 96 : prefix)}";
        if (canonical != value)
            errors.Add(FieldError.Invalid(path, value, $"must be in canonical form ({GoText.Quote(canonical)})"));
    }

    /// <summary>What a legacy field accepts but warns about.</summary>
    public static IEnumerable<string> GetWarningsForIp(FieldPath path, string value)
    {
        if (!IpAddressText.TryParse(value, out var address, out var leadingZeros, out var mapped))
            yield break;
        var canonical = IpAddressText.Format(address);
        if (leadingZeros || mapped)
            yield return $"{path}: non-standard IP address {GoText.Quote(value)} is invalid: use {GoText.Quote(canonical)}";
        else if (address.AddressFamily == AddressFamily.InterNetworkV6 && canonical != value)
            yield return $"{path}: IPv6 address {GoText.Quote(value)} should be in RFC 5952 canonical format ({GoText.Quote(canonical)})";
    }

    /// <inheritdoc cref="GetWarningsForIp"/>
    public static IEnumerable<string> GetWarningsForCidr(FieldPath path, string value)
    {
        if (!IpAddressText.TryParseCidr(value, out var address, out var prefix, out var leadingZeros, out var mapped))
            yield break;
        var bits = mapped ? Math.Max(prefix - 96, 0) : prefix;
        var network = IpAddressText.FormatNetwork(address, bits);
        var ambiguous = !IpAddressText.Mask(address, bits).Equals(address);
        if (ambiguous)
        {
            var single = $"{IpAddressText.Format(address)}/{(address.AddressFamily == AddressFamily.InterNetwork && !mapped ? 32 : 128)}";
            yield return $"{path}: CIDR value {GoText.Quote(value)} is ambiguous in this context (should be {GoText.Quote(network)} or {GoText.Quote(single)}?)";
        }

        if (leadingZeros || mapped)
            yield return $"{path}: non-standard CIDR value {GoText.Quote(value)} is invalid: use {GoText.Quote(network)}";
        else if (!ambiguous && address.AddressFamily == AddressFamily.InterNetworkV6 && network != value)
            yield return $"{path}: IPv6 CIDR value {GoText.Quote(value)} should be in RFC 5952 canonical format ({GoText.Quote(network)})";
    }

    private static IPAddress? ParseIp(FieldErrorList errors, FieldPath path, string value, bool strict)
    {
        if (!IpAddressText.TryParse(value, out var address, out var leadingZeros, out var mapped))
        {
            errors.Add(FieldError.Invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
            return null;
        }

        if (strict && leadingZeros)
            errors.Add(FieldError.Invalid(path, value, "must not have leading 0s"));
        else if (strict && mapped)
            errors.Add(FieldError.Invalid(path, value, "must not be an IPv4-mapped IPv6 address"));
        return address;
    }

    private static (IPAddress? Address, int Prefix) ParseCidr(FieldErrorList errors, FieldPath path, string value, bool strict)
    {
        if (!IpAddressText.TryParseCidr(value, out var address, out var prefix, out var leadingZeros, out var mapped))
        {
            errors.Add(FieldError.Invalid(path, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
            return (null, 0);
        }

        if (strict && leadingZeros)
            errors.Add(FieldError.Invalid(path, value, "must not have leading 0s in IP or prefix length"));
        else if (strict && mapped)
            errors.Add(FieldError.Invalid(path, value, "must not have an IPv4-mapped IPv6 address"));
        else if (strict && !IpAddressText.Mask(address, prefix).Equals(address))
            errors.Add(FieldError.Invalid(path, value, "must not have bits set beyond the prefix length"));
        return (address, prefix);
    }
}
