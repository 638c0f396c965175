using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>What one authenticator says of a request.</summary>
public readonly record struct AuthenticationResult(UserInfo? User, string? Error)
{
    /// <summary>The request has no credentials of this kind: ask the next.</summary>
    public static AuthenticationResult NoOpinion => default;

    /// <summary>The credentials are of this kind and wrong.</summary>
    public static AuthenticationResult Failed(string error) => new(null, error);
}

/// <summary>One way to find out who a request comes from (apiserver/pkg/authentication/authenticator).</summary>
public interface IAuthenticator
{
    ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context, CancellationToken cancellationToken);
}
