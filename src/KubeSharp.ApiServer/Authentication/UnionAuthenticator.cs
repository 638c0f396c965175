using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>
/// Asks authenticators in order until one knows the user. Wrong credentials end the request with 401; none at all makes
/// it anonymous where that is allowed (apiserver/pkg/authentication/request/{union,anonymous}, v1.36).
/// </summary>
public sealed class UnionAuthenticator(IReadOnlyList<IAuthenticator> authenticators, bool allowAnonymous)
{
    private static readonly UserInfo AnonymousUser = new(UserInfo.Anonymous, "", [UserInfo.AllUnauthenticated]);

    /// <returns>The user, or null: 401.</returns>
    public async ValueTask<UserInfo?> AuthenticateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var failed = false;
        foreach (var authenticator in authenticators)
        {
            var result = await authenticator.AuthenticateAsync(context, cancellationToken).ConfigureAwait(false);
            if (result.User is { } user)
                return user;
            failed |= result.Error is not null;
        }

        // A bearer token that nobody knows is a wrong credential, not an absent one.
        return !failed && allowAnonymous && BearerToken.From(context.Request) is null ? AnonymousUser : null;
    }

    /// <summary>The user as a member of system:authenticated, which every authenticated user is.</summary>
    public static UserInfo AsAuthenticated(UserInfo user) =>
        user.IsIn(UserInfo.AllAuthenticated) || user.IsIn(UserInfo.AllUnauthenticated)
            ? user
            : user with { Groups = [.. user.Groups, UserInfo.AllAuthenticated] };
}
