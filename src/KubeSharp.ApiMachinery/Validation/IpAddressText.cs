using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KubeSharp.ApiMachinery.Validation;

/// <summary>IP addresses and CIDRs as Go reads and prints them (net.ParseIP with the leading zeros of k8s.io/utils/net's sloppy
/// variants, net.IP.String). IPAddress.Parse accepts much more (<c>1.2</c>, scopes, brackets).</summary>
public static class IpAddressText
{
    /// <summary>Parses; leading zeros in IPv4 octets are skipped and reported, as is the IPv4-mapped form (which is
    /// answered as the IPv4 address).</summary>
    public static bool TryParse(string text, out IPAddress address, out bool leadingZeros, out bool mapped)
    {
        mapped = false;
        Span<byte> bytes = stackalloc byte[16];
        if (!text.Contains(':'))
        {
            var valid = TryParseV4(text, bytes[..4], out leadingZeros);
            address = valid ? new IPAddress(bytes[..4]) : IPAddress.None;
            return valid;
        }

        if (!TryParseV6(text, bytes, out leadingZeros))
        {
            address = IPAddress.None;
            return false;
        }

        address = new IPAddress(bytes);
        if (address.IsIPv4MappedToIPv6)
        {
            mapped = true;
            address = address.MapToIPv4();
        }

        return true;
    }

    /// <summary>Parses <c>address/prefix</c>; the address is answered with its host bits.</summary>
    public static bool TryParseCidr(string text, out IPAddress address, out int prefix, out bool leadingZeros, out bool mapped)
    {
        prefix = 0;
        var slash = text.IndexOf('/');
        if (slash < 0)
        {
            (address, leadingZeros, mapped) = (IPAddress.None, false, false);
            return false;
        }

        if (!TryParse(text[..slash], out address, out leadingZeros, out mapped))
            return false;
        var digits = text.AsSpan(slash + 1);
        if (digits.Length == 0 || digits.ContainsAnyExceptInRange('0', '9') || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out prefix))
            return false;
        leadingZeros |= digits.Length > 1 && digits[0] == '0';
        return prefix <= (mapped || address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);
    }

    /// <summary>The canonical text: dotted decimal, or RFC 5952.</summary>
    public static string Format(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return address.ToString();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        var (start, length) = LongestZeroRun(bytes);
        var builder = new StringBuilder(39);
        for (var group = 0; group < 8; group++)
        {
            if (group == start)
            {
                builder.Append("::");
                group += length - 1;
                continue;
            }

            if (builder.Length > 0 && builder[^1] != ':')
                builder.Append(':');
            builder.Append(((bytes[group * 2] << 8) | bytes[(group * 2) + 1]).ToString("x", CultureInfo.InvariantCulture));
        }

        return builder.ToString();
    }

    /// <summary>The network's canonical text, host bits cleared.</summary>
    public static string FormatNetwork(IPAddress address, int prefix) => $"{Format(Mask(address, prefix))}/{prefix}";

    /// <summary>The address with all bits after the prefix cleared.</summary>
    public static IPAddress Mask(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var bits = Math.Clamp(prefix - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - bits));
        }

        return new IPAddress(bytes);
    }

    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<byte> bytes)
    {
        var (start, length) = (-1, 1);
        for (var group = 0; group < 8; group++)
        {
            var end = group;
            while (end < 8 && bytes[end * 2] == 0 && bytes[(end * 2) + 1] == 0)
                end++;
            if (end - group > length)
                (start, length) = (group, end - group);
            if (end > group)
                group = end;
        }

        return (start, start < 0 ? 0 : length);
    }

    private static bool TryParseV4(ReadOnlySpan<char> text, Span<byte> bytes, out bool leadingZeros)
    {
        leadingZeros = false;
        for (var octet = 0; octet < 4; octet++)
        {
            var dot = text.IndexOf('.');
            var digits = octet < 3 ? (dot < 0 ? default : text[..dot]) : text;
            if (digits.Length == 0 || digits.ContainsAnyExceptInRange('0', '9'))
                return false;
            leadingZeros |= digits.Length > 1 && digits[0] == '0';
            var significant = digits.TrimStart('0');
            if (significant.Length > 3 || !int.TryParse(significant.Length == 0 ? "0" : significant, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > 255)
                return false;
            bytes[octet] = (byte)value;
            if (octet < 3)
                text = text[(dot + 1)..];
        }

        return true;
    }

    private static bool TryParseV6(ReadOnlySpan<char> text, Span<byte> bytes, out bool leadingZeros)
    {
        leadingZeros = false;
        bytes.Clear();
        var ellipsis = -1;
        var at = 0;
        if (text.StartsWith("::"))
        {
            ellipsis = 0;
            text = text[2..];
            if (text.Length == 0)
                return true;
        }

        while (at < 16)
        {
            var end = 0;
            while (end < text.Length && char.IsAsciiHexDigit(text[end]))
                end++;
            if (end < text.Length && text[end] == '.')
            {
                if ((ellipsis < 0 && at != 12) || at + 4 > 16 || !TryParseV4(text, bytes.Slice(at, 4), out leadingZeros))
                    return false;
                text = default;
                at += 4;
                break;
            }

            if (end is 0 or > 4)
                return false;
            var value = int.Parse(text[..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            bytes[at] = (byte)(value >> 8);
            bytes[at + 1] = (byte)value;
            at += 2;
            text = text[end..];
            if (text.Length == 0)
                break;
            if (text[0] != ':' || text.Length == 1)
                return false;
            text = text[1..];
            if (text[0] != ':')
                continue;
            if (ellipsis >= 0)
                return false;
            ellipsis = at;
            text = text[1..];
            if (text.Length == 0)
                break;
        }

        if (text.Length != 0)
            return false;
        if (at == 16)
            return ellipsis < 0;
        if (ellipsis < 0)
            return false;
        var moved = at - ellipsis;
        bytes.Slice(ellipsis, moved).ToArray().CopyTo(bytes[(16 - moved)..]);
        bytes[ellipsis..(16 - moved)].Clear();
        return true;
    }
}
