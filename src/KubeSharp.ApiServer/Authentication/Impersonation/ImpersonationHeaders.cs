using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Text;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Authentication.Impersonation;

/// <summary>Reads whom a request wants to be (endpoints/filters/impersonation/constrained_impersonation.go
/// processImpersonationHeaders, v1.36).</summary>
internal static class ImpersonationHeaders
{
    private const string UserHeader = "Impersonate-User";
    private const string UidHeader = "Impersonate-Uid";
    private const string GroupHeader = "Impersonate-Group";
    private const string ExtraPrefix = "Impersonate-Extra-";

    /// <returns>The wanted user exactly as the headers have him, or null when there are none.</returns>
    /// <exception cref="StatusException">400: something else is wanted, but no user name.</exception>
    public static UserInfo? Read(IHeaderDictionary headers)
    {
        SortedDictionary<string, IReadOnlyList<string>>? extra = null;
        var any = false;
        foreach (var (name, values) in headers)
        {
            if (!name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))
                continue;
            any = true;
            if (!name.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
                continue;
            extra ??= new(StringComparer.Ordinal);
            var key = Unescape(name[ExtraPrefix.Length..].ToLowerInvariant());
            var known = extra.GetValueOrDefault(key) ?? [];
            extra[key] = [.. known, .. values.Select(v => v ?? "")];
        }

        if (!any)
            return null;
        var user = First(headers, UserHeader);
        var uid = First(headers, UidHeader);
        string[] groups = [.. headers[GroupHeader].Select(g => g ?? "")];
        if (user.Length == 0)
            return uid.Length == 0 && groups.Length == 0 && extra is null ? null : throw WithoutName(uid, groups, extra);
        var wanted = new UserInfo(user, uid, groups);
        return extra is null ? wanted : wanted with { Extra = extra };
    }

    private static string First(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var values) ? values.FirstOrDefault() ?? "" : "";

    /// <summary>The 400, with the user as Go's <c>%#v</c> prints it.</summary>
    private static StatusException WithoutName(string uid, string[] groups, SortedDictionary<string, IReadOnlyList<string>>? extra)
    {
        var pairs = extra?.Select(pair => $"{GoText.Quote(pair.Key)}:{Strings(pair.Value)}");
        var extraText = pairs is null ? "map[string][]string(nil)" : $"map[string][]string{{{string.Join(", ", pairs)}}}";
        return StatusErrors.BadRequest($"requested &user.DefaultInfo{{Name:\"\", UID:{GoText.Quote(uid)}, Groups:{Strings(groups)}, Extra:{extraText}}} without impersonating a user name");
    }

    private static string Strings(IReadOnlyList<string> values) =>
        values.Count == 0 ? "[]string(nil)" : $"[]string{{{string.Join(", ", values.Select(GoText.Quote))}}}";

    /// <summary>Percent decoding; a malformed key stays as it is.</summary>
    private static string Unescape(string key)
    {
        for (var i = key.IndexOf('%', StringComparison.Ordinal); i >= 0; i = key.IndexOf('%', i + 1))
        {
            if (i + 2 >= key.Length || !char.IsAsciiHexDigit(key[i + 1]) || !char.IsAsciiHexDigit(key[i + 2]))
                return key;
        }

        return Uri.UnescapeDataString(key);
    }
}
