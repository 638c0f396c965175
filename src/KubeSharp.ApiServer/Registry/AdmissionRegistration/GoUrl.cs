using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiServer.Registry.AdmissionRegistration;

/// <summary>A URL taken apart as Go's net/url does, with its errors, as far as validation looks.</summary>
internal sealed record GoUrl(string Scheme, string? User, string Host, string Path, string Query, string Fragment)
{
    public static bool TryParse(string text, out GoUrl url, out string problem)
    {
        url = new GoUrl("", null, "", "", "", "");
        problem = "";
        if (text.Any(c => c < ' ' || c == 0x7f))
            return Fail(text, "net/url: invalid control character in URL", out problem);
        var rest = text;
        var fragment = Cut(ref rest, '#');
        if (rest.Length == 0)
        {
            url = url with { Fragment = fragment };
            return true;
        }

        if (!TryCutScheme(ref rest, out var scheme, out var reason))
            return Fail(text, reason, out problem);
        var query = Cut(ref rest, '?');
        if (!rest.StartsWith('/'))
        {
            if (scheme.Length > 0)
            {
                url = new GoUrl(scheme, null, "", "", query, fragment);
                return true;
            }

            var segment = rest.Split('/')[0];
            if (segment.Contains(':'))
                return Fail(text, "first path segment in URL cannot contain colon", out problem);
        }

        var (user, host) = ((string?)null, "");
        if (rest.StartsWith("//", StringComparison.Ordinal) && (scheme.Length > 0 || !rest.StartsWith("///", StringComparison.Ordinal)))
        {
            var end = rest.IndexOf('/', 2);
            var authority = end < 0 ? rest[2..] : rest[2..end];
            rest = end < 0 ? "" : rest[end..];
            var at = authority.LastIndexOf('@');
            host = authority[(at + 1)..];
            user = at < 0 ? null : authority[..at];
            if (HostProblem(host) is { } wrong)
                return Fail(text, wrong, out problem);
        }

        if (EscapeProblem(rest) is { } escape)
            return Fail(text, escape, out problem);
        url = new GoUrl(scheme, user, host, rest, query, fragment);
        return true;
    }

    private static string Cut(ref string text, char separator)
    {
        var at = text.IndexOf(separator);
        if (at < 0)
            return "";
        var after = text[(at + 1)..];
        text = text[..at];
        return after;
    }

    private static bool TryCutScheme(ref string text, out string scheme, out string problem)
    {
        (scheme, problem) = ("", "");
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiLetter(c))
                continue;
            if (char.IsAsciiDigit(c) || c is '+' or '-' or '.')
            {
                if (i == 0)
                    return true;
                continue;
            }

            if (c != ':')
                return true;
            if (i == 0)
            {
                problem = "missing protocol scheme";
                return false;
            }

            scheme = text[..i].ToLowerInvariant();
            text = text[(i + 1)..];
            return true;
        }

        return true;
    }

    private static string? HostProblem(string host)
    {
        if (host.StartsWith('['))
        {
            var close = host.LastIndexOf(']');
            if (close < 0)
                return "missing ']' in host";
            return IsPort(host[(close + 1)..]) ? null : $"invalid port {GoText.Quote(host[(close + 1)..])} after host";
        }

        var colon = host.LastIndexOf(':');
        if (colon >= 0 && !IsPort(host[colon..]))
            return $"invalid port {GoText.Quote(host[colon..])} after host";
        foreach (var c in host)
        {
            if (c is ' ' or '\\' or '^' or '`' or '{' or '|' or '}')
                return $"invalid character {GoText.Quote(c.ToString())} in host name";
        }

        return EscapeProblem(host);
    }

    private static bool IsPort(string text) => text.Length == 0 || (text[0] == ':' && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0);

    private static string? EscapeProblem(string text)
    {
        for (var i = text.IndexOf('%'); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
                continue;
            return $"invalid URL escape {GoText.Quote(text.Substring(i, Math.Min(3, text.Length - i)))}";
        }

        return null;
    }

    private static bool Fail(string text, string reason, out string problem)
    {
        problem = $"parse {GoText.Quote(text)}: {reason}";
        return false;
    }
}
