using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Names of and for a pod: DNS settings, host aliases and host names (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class PodDnsValidation
{
    private const int MaxNameservers = 3;
    private const int MaxSearchPaths = 32;
    private const int MaxSearchCharacters = 2048;
    private static readonly string[] Policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

    public static void ValidatePolicy(FieldErrorList errors, string policy, FieldPath path)
    {
        if (policy.Length == 0)
            errors.Required(path);
        else if (Array.IndexOf(Policies, policy) < 0)
            errors.NotSupported(path, policy, Policies);
    }

    public static void ValidateConfig(FieldErrorList errors, Map? config, string policy, FieldPath path)
    {
        if (policy == "None")
        {
            if (config is null)
            {
                errors.Required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
                return;
            }

            if (config.List("nameservers").Count == 0)
            {
                errors.Required(path.Child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None");
                return;
            }
        }

        if (config is null)
            return;
        var (servers, searches, options) = (config.List("nameservers"), config.List("searches"), config.List("options"));
        if (servers.Count > MaxNameservers)
            errors.Invalid(path.Child("nameservers"), servers, "must not have more than 3 nameservers");
        for (var i = 0; i < servers.Count; i++)
            IpValidation.IsValidIpForLegacyField(errors, path.Child("nameservers").Index(i), servers.TextAt(i));
        if (searches.Count > MaxSearchPaths)
            errors.Invalid(path.Child("searches"), searches, "must not have more than 32 search paths");
        if (CharactersOf(searches) > MaxSearchCharacters)
            errors.Invalid(path.Child("searches"), searches, "must not have more than 2048 characters (including spaces) in the search list");
        for (var i = 0; i < searches.Count; i++)
        {
            var search = searches.TextAt(i);
            if (search == ".")
                continue;
            if (search.EndsWith('.'))
                search = search[..^1];
            errors.AddInvalid(path.Child("searches").Index(i), search, NameValidation.IsDns1123SubdomainWithUnderscore(search));
        }

        for (var i = 0; i < options.Count; i++)
        {
            if (options.At(i).Text("name").Length == 0)
                errors.Required(path.Child("options").Index(i), "must not be empty");
        }
    }

    public static void ValidateHostAliases(FieldErrorList errors, Sequence aliases, FieldPath path)
    {
        for (var i = 0; i < aliases.Count; i++)
        {
            var at = path.Index(i);
            IpValidation.IsValidIpForLegacyField(errors, at.Child("ip"), aliases.At(i).Text("ip"));
            var names = aliases.At(i).List("hostnames");
            for (var j = 0; j < names.Count; j++)
                errors.AddInvalid(at.Child("hostnames").Index(j), names.TextAt(j), NameValidation.IsDns1123Subdomain(names.TextAt(j)));
        }
    }

    /// <summary>validatePodHostName.</summary>
    public static void ValidateHostnameOverride(FieldErrorList errors, Map spec, FieldPath path)
    {
        if (spec.GetString("hostnameOverride") is not { } name)
            return;
        path = path.Child("hostnameOverride");
        if (spec.Flag("setHostnameAsFQDN"))
            errors.Forbidden(path, "may not be specified when setHostnameAsFQDN is true");
        if (spec.Flag("hostNetwork"))
            errors.Forbidden(path, "may not be specified when hostNetwork is true");
        if (Encoding.UTF8.GetByteCount(name) > 64)
            errors.Add(FieldError.TooLong(path, 64));
        errors.AddInvalid(path, name, NameValidation.IsDns1123Subdomain(name));
    }

    private static int CharactersOf(Sequence searches)
    {
        var total = Math.Max(0, searches.Count - 1);
        foreach (var search in searches)
            total += Encoding.UTF8.GetByteCount(search.AsString ?? "");
        return total;
    }
}
