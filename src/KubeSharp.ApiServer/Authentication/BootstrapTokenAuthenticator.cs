using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>
/// Users by the tokens that new nodes join with: <c>id.secret</c>, kept in Secrets of kube-system
/// (plugin/pkg/auth/authenticator/token/bootstrap, v1.36; <c>--enable-bootstrap-token-auth</c>).
/// </summary>
public sealed partial class BootstrapTokenAuthenticator(ResourceStore secrets, TimeProvider time) : ITokenAuthenticator
{
    private const string Namespace = "kube-system";
    private const string DefaultGroup = "system:bootstrappers";

    public ValueTask<TokenResult> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        if (TokenPattern().Match(token) is not { Success: true } match)
            return ValueTask.FromResult(TokenResult.NoOpinion);
        var id = match.Groups[1].Value;
        return ValueTask.FromResult(
            secrets.Peek(Namespace, $"bootstrap-token-{id}")?.Tree() is { } secret && UserOf(secret, id, match.Groups[2].Value) is { } user
                ? new TokenResult(user, audiences, null)
                : TokenResult.NoOpinion);
    }

    private UserInfo? UserOf(Map secret, string id, string tokenSecret)
    {
        if (secret.GetMap("metadata")?.GetString("deletionTimestamp") is not null || secret.GetString("type") != "bootstrap.kubernetes.io/token")
            return null;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Data(secret, "token-secret")), Encoding.UTF8.GetBytes(tokenSecret)))
            return null;
        if (Data(secret, "token-id") != id || HasExpired(secret) || Data(secret, "usage-bootstrap-authentication") != "true")
            return null;
        var groups = new SortedSet<string>(StringComparer.Ordinal) { DefaultGroup };
        foreach (var group in Data(secret, "auth-extra-groups").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!GroupPattern().IsMatch(group))
                return null;
            groups.Add(group);
        }

        return new UserInfo($"system:bootstrap:{id}", "", [.. groups, UserInfo.AllAuthenticated]);
    }

    private bool HasExpired(Map secret)
    {
        var text = Data(secret, "expiration");
        if (text.Length == 0)
            return false;
        return !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration) || time.GetUtcNow() > expiration;
    }

    private static string Data(Map secret, string key)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(secret.GetMap("data")?.GetString(key) ?? ""));
        }
        catch (FormatException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"\A([a-z0-9]{6})\.([a-z0-9]{16})\z", RegexOptions.CultureInvariant)]
    private static partial Regex TokenPattern();

    [GeneratedRegex(@"\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex GroupPattern();
}
