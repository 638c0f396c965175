using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>
/// Users by bearer token: the first kind of token that knows it decides (authentication/request/bearertoken,
/// authentication/token/union; v1.36).
/// </summary>
public sealed class BearerTokenAuthenticator(IReadOnlyList<ITokenAuthenticator> kinds, IReadOnlyList<string> apiAudiences) : IAuthenticator
{
    private const string InvalidToken = "invalid bearer token";

    /// <summary>Whom tokens for this server are meant for (<c>--api-audiences</c>, by default the issuers).</summary>
    public IReadOnlyList<string> ApiAudiences { get; } = apiAudiences;

    public async ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (BearerToken.From(context.Request) is not { } token)
        {
            if (BearerToken.HasExtraSpace(context.Request))
                Endpoints.WarningHeaders.Add(context.Response, ["the provided Authorization header contains extra space before the bearer token, and is ignored"]);
            return AuthenticationResult.NoOpinion;
        }

        var result = await AuthenticateAsync(token, ApiAudiences, cancellationToken).ConfigureAwait(false);
        return new AuthenticationResult(result.User, result.Error);
    }

    /// <summary>As a request with the token would be, but for these audiences; without a user there always is an error.</summary>
    public async ValueTask<TokenResult> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        List<string>? errors = null;
        for (var i = 0; i < kinds.Count; i++)
        {
            var result = await kinds[i].AuthenticateAsync(token, audiences, cancellationToken).ConfigureAwait(false);
            if (result.User is not null)
                return result;
            if (result.Error is { } error)
                (errors ??= [InvalidToken]).Add(error);
        }

        return TokenResult.Failed(errors is null ? InvalidToken : $"[{string.Join(", ", errors)}]");
    }
}
