using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Authorization.Rbac;

/// <summary>
/// One rule of a role in a form that is cheap to ask: nothing here allocates while deciding.
/// Source: pkg/apis/rbac/v1/evaluation_helpers.go, v1.36.
/// </summary>
public sealed record PolicyRule(string[] Verbs, string[] ApiGroups, string[] Resources, string[] ResourceNames, string[] NonResourceUrls)
{
    private const string All = "*";

    public static PolicyRule From(ApiMachinery.Views.Rbac.V1.PolicyRule rule) =>
        new([.. rule.Verbs], [.. rule.APIGroups], [.. rule.Resources], [.. rule.ResourceNames], [.. rule.NonResourceURLs]);

    public static PolicyRule[] From(ApiMachinery.Views.ViewList<ApiMachinery.Views.Rbac.V1.PolicyRule> rules)
    {
        if (rules.Count == 0)
            return [];
        var compiled = new PolicyRule[rules.Count];
        for (var i = 0; i < compiled.Length; i++)
            compiled[i] = From(rules[i]);
        return compiled;
    }

    public bool Allows(RequestInfo request)
    {
        if (!HasOrAll(Verbs, request.Verb))
            return false;
        return request.IsResourceRequest
            ? HasOrAll(ApiGroups, request.ApiGroup) && AllowsResource(request.Resource, request.Subresource) && (ResourceNames.Length == 0 || Has(ResourceNames, request.Name))
            : AllowsPath(request.Path);
    }

    internal static bool Has(string[] set, string value)
    {
        foreach (var item in set)
        {
            if (item == value)
                return true;
        }

        return false;
    }

    internal static bool HasOrAll(string[] set, string value)
    {
        foreach (var item in set)
        {
            if (item == All || item == value)
                return true;
        }

        return false;
    }

    /// <summary>Whether an owned path pattern, which may end in a star, takes in a path or pattern.</summary>
    internal static bool PathCovers(string pattern, string path) =>
        pattern == path || (pattern.EndsWith('*') && path.AsSpan().StartsWith(pattern.AsSpan().TrimEnd('*')));

    private bool AllowsPath(string path)
    {
        foreach (var url in NonResourceUrls)
        {
            if (PathCovers(url, path))
                return true;
        }

        return false;
    }

    private bool AllowsResource(string resource, string subresource)
    {
        foreach (var item in Resources)
        {
            if (item == All)
                return true;
            if (subresource.Length == 0)
            {
                if (item == resource)
                    return true;
            }
            else if (IsPath(item, resource, subresource) || IsPath(item, All, subresource))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPath(string item, string resource, string subresource) =>
        item.Length == resource.Length + 1 + subresource.Length
        && item[resource.Length] == '/'
        && item.StartsWith(resource, StringComparison.Ordinal)
        && item.EndsWith(subresource, StringComparison.Ordinal);
}
