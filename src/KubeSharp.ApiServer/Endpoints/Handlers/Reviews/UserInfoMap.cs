using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Authentication;

namespace KubeSharp.ApiServer.Endpoints.Handlers.Reviews;

/// <summary>Users as authentication.k8s.io and authorization.k8s.io write them.</summary>
internal static class UserInfoMap
{
    public static Map From(UserInfo user)
    {
        var map = new Map(4);
        if (user.Name.Length > 0)
            map.Set("username", user.Name);
        if (user.Uid.Length > 0)
            map.Set("uid", user.Uid);
        if (user.Groups.Count > 0)
            map.Set("groups", List(user.Groups));
        if (user.Extra.Count > 0)
        {
            var extra = map.EditMap("extra");
            foreach (var (key, values) in user.Extra.OrderBy(e => e.Key, StringComparer.Ordinal))
                extra.Set(key, List(values));
        }

        return map;
    }

    /// <summary>The user of a SubjectAccessReviewSpec.</summary>
    public static UserInfo Of(Map spec)
    {
        var user = new UserInfo(spec.GetString("user") ?? "", spec.GetString("uid") ?? "", Strings(spec.GetSequence("groups")));
        if (spec.GetMap("extra") is not { Count: > 0 } given)
            return user;
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (key, values) in given)
            extra[key] = Strings(values.AsSequence);
        return user with { Extra = extra };
    }

    public static Sequence List(IReadOnlyList<string> values)
    {
        var list = new Sequence(values.Count);
        foreach (var value in values)
            list.Add(value);
        return list;
    }

    public static string[] Strings(Sequence? values) => [.. (values ?? Sequence.Empty).Select(v => v.AsString ?? "")];
}
