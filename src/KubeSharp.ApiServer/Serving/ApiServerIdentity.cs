using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace KubeSharp.ApiServer.Serving;

/// <summary>The name that tells one API server from another, made of the host's
/// (NewConfig in apiserver/pkg/server/config.go, v1.36; KEP-1965).</summary>
internal static class ApiServerIdentity
{
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    public static string OfThisHost() => Of(Dns.GetHostName());

    /// <summary><c>apiserver-</c> and half a hash in base32 without padding.</summary>
    public static string Of(string hostName)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(hostName)).AsSpan(0, 16);
        var text = new StringBuilder("apiserver-");
        var (bits, count) = (0, 0);
        foreach (var next in hash)
        {
            bits = bits << 8 | next;
            for (count += 8; count >= 5; count -= 5)
                text.Append(Base32[bits >> (count - 5) & 31]);
            bits &= (1 << count) - 1;
        }

        if (count > 0)
            text.Append(Base32[bits << (5 - count) & 31]);
        return text.ToString();
    }
}
