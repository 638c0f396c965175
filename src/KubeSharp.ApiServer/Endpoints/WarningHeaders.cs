using System.Text;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>Warning headers: <c>299 - "text"</c> (apiserver/pkg/endpoints/filters/warning.go, v1.36; KEP-1693).</summary>
public static class WarningHeaders
{
    private const int TruncateAtTotal = 4 * 1024;
    private const int TruncateItemTo = 256;

    public static void Add(HttpResponse response, IReadOnlyList<string> warnings)
    {
        if (warnings.Count == 0)
            return;
        var total = warnings.Sum(w => w.Length);
        foreach (var warning in warnings)
        {
            var text = total > TruncateAtTotal && warning.Length > TruncateItemTo ? warning[..TruncateItemTo] : warning;
            response.Headers.Append("Warning", $"299 - \"{Quote(text)}\"");
        }
    }

    /// <summary>Backslashes and quotes are escaped, control characters become blanks (net/http.go NewWarningHeader).</summary>
    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (char.IsControl(c))
                quoted.Append(' ');
            else
                quoted.Append(c);
        }

        return quoted.ToString();
    }
}
