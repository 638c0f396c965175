using System.Text;

namespace KubeSharp.ApiServer.Registry.Certificates;

/// <summary>One block of PEM text: its label, its bytes, and whether it has headers of RFC 1421.</summary>
internal readonly record struct PemBlock(string Label, byte[] Data, bool HasHeaders);

/// <summary>PEM as Go's encoding/pem reads it: blocks anywhere in a text, with optional headers, which .NET's reader takes for
/// damage; what is no block is passed over.</summary>
internal static class PemBlocks
{
    private const string Begin = "-----BEGIN ";
    private const string Dashes = "-----";

    public static IEnumerable<PemBlock> Read(string text)
    {
        var at = 0;
        while ((at = text.IndexOf(Begin, at, StringComparison.Ordinal)) >= 0)
        {
            if (at > 0 && text[at - 1] != '\n')
            {
                at += Begin.Length;
                continue;
            }

            var line = text.IndexOf('\n', at);
            if (line < 0)
                yield break;
            var opening = text[at..line].TrimEnd();
            at += Begin.Length;
            if (opening.Length <= Begin.Length + Dashes.Length || !opening.EndsWith(Dashes, StringComparison.Ordinal))
                continue;
            var label = opening[Begin.Length..^Dashes.Length];
            var closing = $"-----END {label}-----";
            var end = text.IndexOf(closing, line, StringComparison.Ordinal);
            if (end < 0)
                continue;
            var (data, hasHeaders) = Decode(text[(line + 1)..end]);
            if (data is null)
                continue;
            yield return new PemBlock(label, data, hasHeaders);
            at = end + closing.Length;
        }
    }

    private static (byte[]? Data, bool HasHeaders) Decode(string body)
    {
        var base64 = new StringBuilder(body.Length);
        var hasHeaders = false;
        foreach (var line in body.Split('\n'))
        {
            if (base64.Length == 0 && line.Contains(':'))
                hasHeaders = true;
            else
                base64.Append(line.AsSpan().Trim());
        }

        var data = new byte[base64.Length];
        return Convert.TryFromBase64String(base64.ToString(), data, out var written) ? (data[..written], hasHeaders) : (null, hasHeaders);
    }
}
