using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>User and group names of service accounts (apiserver/pkg/authentication/serviceaccount/util.go, v1.36).</summary>
public static class ServiceAccountName
{
    private const string UserPrefix = "system:serviceaccount:";
    private const string AllGroup = "system:serviceaccounts";

    public static string UserOf(string @namespace, string name) => $"{UserPrefix}{@namespace}:{name}";

    public static string[] GroupsOf(string @namespace) => [AllGroup, $"{AllGroup}:{@namespace}"];

    /// <summary>Takes a user name apart; false when it is no valid service account's.</summary>
    public static bool TryParse(string user, out string @namespace, out string name)
    {
        @namespace = name = "";
        if (!user.StartsWith(UserPrefix, StringComparison.Ordinal) || user[UserPrefix.Length..].Split(':') is not [var first, var second])
            return false;
        if (NameRules.DnsLabel(first, false).Count > 0 || NameRules.DnsSubdomain(second, false).Count > 0)
            return false;
        (@namespace, name) = (first, second);
        return true;
    }
}
