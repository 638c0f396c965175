namespace KubeSharp.ApiServer.Authentication;

/// <summary>
/// What a token is worth: a user and the audiences that it is good for (those asked for and its own), or an error for a token of
/// this kind that is wrong, or neither for a token of another kind.
/// </summary>
public readonly record struct TokenResult(UserInfo? User, IReadOnlyList<string> Audiences, string? Error)
{
    public static TokenResult NoOpinion => default;

    public static TokenResult Failed(string error) => new(null, [], error);
}

/// <summary>One kind of bearer token (apiserver/pkg/authentication/authenticator Token).</summary>
public interface ITokenAuthenticator
{
    /// <param name="token">The token, not empty.</param>
    /// <param name="audiences">Whom it must be meant for, one of these.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<TokenResult> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken);
}
