using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Authentication.ServiceAccounts;

/// <summary>Looks after the objects that tokens name: they must still be the ones that they were
/// (pkg/serviceaccount/claims.go Validate, legacy.go; v1.36). Each method returns what is wrong, or null.</summary>
public sealed class TokenObjects(ResourceStore accounts, ResourceStore secrets, ResourceStore pods, ResourceStore nodes)
{
    private const string Invalidated = "service account token has been invalidated";
    private const string InvalidSinceLabel = "kubernetes.io/legacy-token-invalid-since";

    /// <summary>Identity and end of an object, read once from each of its states.</summary>
    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<CachedObject, Identity> _identities = [];

    private sealed record Identity(string Uid, DateTimeOffset? DeletedAt);

    /// <param name="claims">The verified claims.</param>
    /// <param name="deletedBefore">An object that was to be deleted before this is gone, whatever still holds it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<string?> CheckAsync(TokenClaims claims, DateTimeOffset deletedBefore, CancellationToken cancellationToken)
    {
        var account = claims.ServiceAccount ?? new TokenReference("", "");
        if (await FindAsync(accounts, claims.Namespace, account.Name, cancellationToken).ConfigureAwait(false) is not { } found)
            return $"serviceaccounts \"{account.Name}\" not found";
        if (found.Uid != account.Uid)
            return $"service account UID ({found.Uid}) does not match claim ({account.Uid})";
        if (found.DeletedAt < deletedBefore)
            return $"service account {claims.Namespace}/{account.Name} has been deleted";
        if (claims.Secret is { } secret && await CheckAsync(secrets, "secret", claims.Namespace, secret, deletedBefore, cancellationToken).ConfigureAwait(false) is { } secretError)
            return secretError;
        if (claims.Pod is { } pod)
            return await CheckAsync(pods, "pod", claims.Namespace, pod, deletedBefore, cancellationToken).ConfigureAwait(false);
        return claims.Node is { } node ? await CheckAsync(nodes, "node", "", node, deletedBefore, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>A token of a Secret must be what the Secret has.</summary>
    public async ValueTask<string?> CheckLegacyAsync(TokenClaims claims, string token, CancellationToken cancellationToken)
    {
        var account = claims.ServiceAccount!;
        if (claims.Subject.Length == 0)
            return "sub claim is missing";
        if (claims.Namespace.Length == 0)
            return "namespace claim is missing";
        if (claims.Secret is not { Name.Length: > 0 } reference)
            return "secretName claim is missing";
        if (account.Name.Length == 0)
            return "serviceAccountName claim is missing";
        if (account.Uid.Length == 0)
            return "serviceAccountUID claim is missing";
        if (!ServiceAccountName.TryParse(claims.Subject, out var @namespace, out var name) || @namespace != claims.Namespace || name != account.Name)
            return "sub claim is invalid";

        var secret = secrets.Peek(@namespace, reference.Name) ?? await secrets.FindAsync(@namespace, reference.Name, cancellationToken).ConfigureAwait(false);
        if (secret is null || IdentityOf(secret).DeletedAt is not null)
            return "Token has been invalidated";
        var tree = secret.Tree();
        var stored = Convert.FromBase64String(tree.GetMap("data")?.GetString("token") ?? "");
        if (!CryptographicOperations.FixedTimeEquals(stored, Encoding.UTF8.GetBytes(token)))
            return "Token does not match server's copy";
        if (await FindAsync(accounts, @namespace, name, cancellationToken).ConfigureAwait(false) is not { } found)
            return $"serviceaccounts \"{name}\" not found";
        if (found.DeletedAt is not null)
            return $"ServiceAccount {@namespace}/{name} has been deleted";
        if (found.Uid != account.Uid)
            return $"ServiceAccount UID ({found.Uid}) does not match claim ({account.Uid})";
        return string.IsNullOrEmpty(tree.GetMap("metadata")?.GetMap("labels")?.GetString(InvalidSinceLabel))
            ? null
            : $"the token in secret {@namespace}/{reference.Name} for service account {@namespace}/{name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '{InvalidSinceLabel}' label from the secret to temporarily allow use of this token";
    }

    private async ValueTask<string?> CheckAsync(ResourceStore store, string word, string @namespace, TokenReference reference, DateTimeOffset deletedBefore, CancellationToken cancellationToken)
    {
        if (await FindAsync(store, @namespace, reference.Name, cancellationToken).ConfigureAwait(false) is not { } found)
            return Invalidated;
        if (found.Uid != reference.Uid)
            return $"{word} UID ({found.Uid}) does not match service account {word} ref claim ({reference.Uid})";
        return found.DeletedAt < deletedBefore ? Invalidated : null;
    }

    private async ValueTask<Identity?> FindAsync(ResourceStore store, string @namespace, string name, CancellationToken cancellationToken)
    {
        var cached = store.Peek(@namespace, name) ?? await store.FindAsync(@namespace, name, cancellationToken).ConfigureAwait(false);
        return cached is null ? null : IdentityOf(cached);
    }

    private Identity IdentityOf(CachedObject cached) => _identities.GetValue(cached, Read);

    private static Identity Read(CachedObject cached)
    {
        Map? metadata = cached.Tree().GetMap("metadata");
        var deleted = metadata?.GetString("deletionTimestamp");
        return new Identity(metadata?.GetString("uid") ?? "", deleted is null ? null : DateTimeOffset.Parse(deleted, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
    }
}
