using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Authentication.Impersonation;

/// <summary>
/// One way to be allowed to act as another user. The constrained modes (KEP-5284) ask whether this request may be made under
/// another name and then for each thing that is impersonated; the legacy mode (no name) asks only for the things, with
/// the verb <c>impersonate</c>. Source: endpoints/filters/impersonation/mode.go, v1.36.
/// Differs: decisions are not cached, because they are cheap here.
/// </summary>
internal sealed class ImpersonationMode(IAuthorizer authorizer, string name, Func<UserInfo, UserInfo, bool> applies)
{
    private const string AuthenticationGroup = "authentication.k8s.io";
    private const string NodeNameKey = "authentication.kubernetes.io/node-name";

    /// <summary>From this many groups or extra values on, permission for all of them is asked for first.</summary>
    private const int ManyChecks = 4;

    private bool IsConstrained => name.Length > 0;

    private string Verb => IsConstrained ? $"impersonate:{name}" : "impersonate";

    /// <summary>All modes in the order in which they are tried.</summary>
    public static ImpersonationMode[] All(IAuthorizer authorizer) =>
    [
        new(authorizer, "associated-node", (wanted, requestor) => OnlyName(wanted) && IsOwnNode(requestor, wanted.Name)),
        new(authorizer, "arbitrary-node", (wanted, _) => OnlyName(wanted) && IsNode(wanted.Name, out string _)),
        new(authorizer, "serviceaccount", (wanted, _) => OnlyName(wanted) && ServiceAccountName.TryParse(wanted.Name, out string _, out string _)),
        new(authorizer, "user-info", (wanted, _) => !IsNode(wanted.Name, out string _) && !ServiceAccountName.TryParse(wanted.Name, out string _, out string _)),
        new(authorizer, "", (_, _) => true),
    ];

    /// <returns>The user that the request goes on as; null when the mode is not for such users.</returns>
    /// <exception cref="StatusException">403.</exception>
    public UserInfo? Check(UserInfo wanted, UserInfo requestor, RequestInfo request)
    {
        if (!applies(wanted, requestor))
            return null;
        if (IsConstrained)
            Ask(requestor, request with { Verb = $"impersonate-on:{name}:{request.Verb}" });
        var groups = AskName(wanted, requestor);
        if (wanted.Uid.Length > 0)
            Ask(requestor, AuthenticationGroup, "uids", wanted.Uid);
        AskGroups(wanted.Groups, requestor);
        AskExtra(wanted.Extra, requestor);

        if (wanted.Name == UserInfo.Anonymous)
            groups = With(groups, UserInfo.AllUnauthenticated);
        else if (!groups.Contains(UserInfo.AllUnauthenticated))
            groups = With(groups, UserInfo.AllAuthenticated);
        return wanted with { Groups = groups };
    }

    /// <summary>Asks for the name and returns the groups that come with it.</summary>
    private IReadOnlyList<string> AskName(UserInfo wanted, UserInfo requestor)
    {
        var group = IsConstrained ? AuthenticationGroup : "";
        if (IsConstrained && IsNode(wanted.Name, out var node))
        {
            // The decision must hold for whichever node the account is on, and so it is asked for all of them.
            Ask(requestor, group, "nodes", name == "associated-node" ? "*" : node);
            return [NodeIdentity.Group];
        }

        if (ServiceAccountName.TryParse(wanted.Name, out var @namespace, out var account))
        {
            Ask(requestor, group, "serviceaccounts", account, @namespace);
            return wanted.Groups.Count == 0 ? ServiceAccountName.GroupsOf(@namespace) : wanted.Groups;
        }

        Ask(requestor, group, "users", wanted.Name);
        return wanted.Groups;
    }

    private void AskGroups(IReadOnlyList<string> groups, UserInfo requestor)
    {
        if (groups.Count == 0)
            return;
        var api = IsConstrained ? AuthenticationGroup : "";
        if (IsConstrained)
        {
            if (groups.Contains(""))
                throw ForbiddenMessage.For(requestor, About(api, "groups", ""), "impersonating the empty string group is not allowed");
            if (groups.Contains(UserInfo.PrivilegedGroup))
                throw ForbiddenMessage.For(requestor, About(api, "groups", UserInfo.PrivilegedGroup), "impersonating the system:masters group is not allowed");
            if (groups.Count >= ManyChecks && authorizer.Authorize(requestor, About(api, "groups", "*")).Decision == Decision.Allow)
                return;
        }

        foreach (var group in groups)
            Ask(requestor, api, "groups", group);
    }

    private void AskExtra(IReadOnlyDictionary<string, IReadOnlyList<string>> extra, UserInfo requestor)
    {
        if (extra.Count == 0)
            return;
        var about = About(AuthenticationGroup, "userextras", "");
        if (IsConstrained)
        {
            if (Problem(extra) is { } problem)
                throw ForbiddenMessage.For(requestor, about, problem);
            var isLarge = extra.Count >= ManyChecks || extra.Values.Sum(v => v.Count) >= ManyChecks;
            if (isLarge && authorizer.Authorize(requestor, about with { Subresource = "*", Name = "*" }).Decision == Decision.Allow)
                return;
        }

        foreach (var (key, values) in extra)
        {
            foreach (var value in values)
                Ask(requestor, about with { Subresource = key, Name = value });
        }
    }

    private static string? Problem(IReadOnlyDictionary<string, IReadOnlyList<string>> extra)
    {
        foreach (var (key, values) in extra)
        {
            if (key.Length == 0)
                return "impersonating the empty string key in extra is not allowed";
            var errors = new FieldErrorList();
            NameValidation.IsDomainPrefixedPath(errors, new FieldPath("extra", "key"), key);
            if (errors.ToAggregate() is { } problem)
                return $"impersonating an invalid key in extra is not allowed: {problem}";
            if (values.Count == 0)
                return "impersonating empty values in extra is not allowed";
            if (values.Contains(""))
                return "impersonating the empty string value in extra is not allowed";
        }

        return null;
    }

    private RequestInfo About(string group, string resource, string resourceName) =>
        new() { IsResourceRequest = true, Path = "", Verb = Verb, ApiGroup = group, ApiVersion = "v1", Resource = resource, Name = resourceName };

    private void Ask(UserInfo requestor, string group, string resource, string resourceName, string @namespace = "") =>
        Ask(requestor, About(group, resource, resourceName) with { Namespace = @namespace });

    private void Ask(UserInfo requestor, RequestInfo request)
    {
        var (decision, reason) = authorizer.Authorize(requestor, request);
        if (decision != Decision.Allow)
            throw ForbiddenMessage.For(requestor, request, reason);
    }

    private static IReadOnlyList<string> With(IReadOnlyList<string> groups, string group) => groups.Contains(group) ? groups : [.. groups, group];

    private static bool OnlyName(UserInfo user) => user.Uid.Length == 0 && user.Groups.Count == 0 && user.Extra.Count == 0;

    private static bool IsNode(string user, out string node)
    {
        node = user.StartsWith(NodeIdentity.UserPrefix, StringComparison.Ordinal) ? user[NodeIdentity.UserPrefix.Length..] : "";
        return node.Length > 0 && NameRules.DnsSubdomain(node, false).Count == 0;
    }

    private static bool IsOwnNode(UserInfo requestor, string wanted) =>
        IsNode(wanted, out var node)
        && ServiceAccountName.TryParse(requestor.Name, out _, out _)
        && requestor.Extra.TryGetValue(NodeNameKey, out var names) && names is [var own] && own == node;
}
