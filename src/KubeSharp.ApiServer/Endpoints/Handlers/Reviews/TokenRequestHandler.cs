using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Authentication.ServiceAccounts;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers.Reviews;

/// <summary>Makes a token for a service account: the token subresource (pkg/registry/core/serviceaccount/storage/token.go, v1.36).</summary>
public sealed class TokenRequestHandler(WriteFlow flow, ApiServerOptions options, TokenKeys keys, TimeProvider time) : ReviewHandler(flow)
{
    private const long DefaultSeconds = 60 * 60;
    private const long MinimumSeconds = 10 * 60;
    private const long MaximumSeconds = 1L << 32;

    /// <summary>The life of pods' own tokens, by which they are told from others, and how long they are good for in fact.</summary>
    private const long PodTokenSeconds = 60 * 60 + 7;
    private const long ExtendedSeconds = 365 * 24 * 60 * 60;

    private static readonly GroupVersionKind Kind = new("authentication.k8s.io", "v1", "TokenRequest");
    private static readonly SchemaType Schema = BuiltInSchema.Find(Kind)!;

    protected override bool KeepsSystemFields => true;

    protected override (GroupVersionKind Kind, SchemaType Schema) KindOf(ApiRequest request) => (Kind, Schema);

    protected override async ValueTask<Map> AnswerAsync(ApiRequest request, OperationContext operation, Map obj, Func<ValueTask> admit)
    {
        var name = request.Info.Name;
        var @namespace = request.Info.Namespace;
        var metadata = obj.EditMap("metadata");
        CheckName(metadata, "name", name, name, "must match the service account name if specified");
        CheckName(metadata, "namespace", @namespace, name, "must match the service account namespace if specified");
        var account = (await request.Served.Store.GetAsync(@namespace, name, request.Aborted).ConfigureAwait(false)).Tree();
        var uid = Uid(account);
        if (metadata.GetString("uid") is { Length: > 0 } given && given != uid)
            throw StatusErrors.Conflict(new GroupResource(Kind.Group, Kind.Kind), name, $"the UID in the token request ({given}) does not match the UID of the service account ({uid})");

        var now = time.GetUtcNow();
        metadata.Set("name", name);
        metadata.Set("namespace", @namespace);
        metadata.Set("uid", uid);
        metadata.Set("creationTimestamp", Text(now));
        var spec = obj.EditMap("spec");
        if (spec.GetSequence("audiences") is not { Count: > 0 })
            spec.Set("audiences", UserInfoMap.List(options.EffectiveApiAudiences));
        var seconds = spec.GetInteger("expirationSeconds") ?? DefaultSeconds;
        spec.Set("expirationSeconds", seconds);
        obj.Remove("status");
        Validate(seconds);
        await admit().ConfigureAwait(false);

        var bound = await BindAsync(request, spec.GetMap("boundObjectRef")).ConfigureAwait(false);
        var longest = (long)options.ServiceAccountMaxTokenExpiration.TotalSeconds;
        if (longest > 0 && seconds > longest)
        {
            operation.AddWarning($"requested expiration of {seconds} seconds shortened to {longest} seconds");
            spec.Set("expirationSeconds", seconds = longest);
        }

        var audiences = UserInfoMap.Strings(spec.GetSequence("audiences"));
        var token = CompactToken.Sign(keys.Signing, ClaimsOf(new TokenReference(name, uid), @namespace, audiences, bound, seconds, now));
        obj.Set("status", new Map(2) { { "token", token }, { "expirationTimestamp", Text(now.AddSeconds(seconds)) } });
        return obj;
    }

    private static void CheckName(Map metadata, string field, string expected, string accountName, string problem)
    {
        if (metadata.GetString(field) is not { Length: > 0 } given || given == expected)
            return;
        var errors = new FieldErrorList { FieldError.Invalid(new FieldPath("metadata").Child(field), given, problem) };
        throw StatusErrors.Invalid(new GroupKind(Kind.Group, Kind.Kind), accountName, errors);
    }

    private static void Validate(long seconds)
    {
        var errors = new FieldErrorList();
        var path = new FieldPath("spec", "expirationSeconds");
        if (seconds < MinimumSeconds)
            errors.Add(FieldError.Invalid(path, seconds, "may not specify a duration less than 10 minutes"));
        if (seconds > MaximumSeconds)
            errors.Add(FieldError.Invalid(path, seconds, "may not specify a duration larger than 2^32 seconds"));
        if (errors.Count > 0)
            throw StatusErrors.Invalid(new GroupKind(Kind.Group, Kind.Kind), "", errors);
    }

    /// <summary>The objects that the token will be good with only: a pod and its node, a secret, or a node.</summary>
    private static async ValueTask<Bound> BindAsync(ApiRequest request, Map? reference)
    {
        if (reference is null)
            return new Bound(null, null, null);
        var name = reference.GetString("name") ?? "";
        var version = reference.GetString("apiVersion") ?? "";
        var slash = version.IndexOf('/', StringComparison.Ordinal);
        var (group, kind) = (slash < 0 ? "" : version[..slash], reference.GetString("kind") ?? "");
        var resource = (group, kind) switch { ("", "Pod") => "pods", ("", "Node") => "nodes", ("", "Secret") => "secrets", _ => null };
        if (resource is null)
            throw StatusErrors.BadRequest($"cannot bind token to object of type {group}/{version[(slash + 1)..]}, Kind={kind}");
        var store = request.All.Find(new GroupVersionResource("", "v1", resource))!.Store;
        var found = (await store.GetAsync(kind == "Node" ? "" : request.Info.Namespace, name, request.Aborted).ConfigureAwait(false)).Tree();
        if (kind == "Pod" && found.GetMap("spec")?.GetString("serviceAccountName") != request.Info.Name)
            throw StatusErrors.BadRequest($"cannot bind token for serviceaccount \"{request.Info.Name}\" to pod running with different serviceaccount name.");
        var uid = Uid(found);
        if (reference.GetString("uid") is { Length: > 0 } given && given != uid)
            throw StatusErrors.Conflict(new GroupResource(group, kind), name, $"the UID in the bound object reference ({given}) does not match the UID in record. The object might have been deleted and then recreated");
        var bound = new TokenReference(name, uid);
        return kind switch
        {
            "Pod" => new Bound(bound, null, await NodeOfAsync(request, found).ConfigureAwait(false)),
            "Secret" => new Bound(null, bound, null),
            _ => new Bound(null, null, bound),
        };
    }

    private static async ValueTask<TokenReference?> NodeOfAsync(ApiRequest request, Map pod)
    {
        if (pod.GetMap("spec")?.GetString("nodeName") is not { Length: > 0 } name)
            return null;
        var nodes = request.All.Find(new GroupVersionResource("", "v1", "nodes"))!.Store;
        var node = nodes.Peek("", name) ?? await nodes.FindAsync("", name, request.Aborted).ConfigureAwait(false);
        return new TokenReference(name, node is null ? "" : Uid(node.Tree()));
    }

    private TokenClaims ClaimsOf(TokenReference account, string @namespace, string[] audiences, Bound bound, long seconds, DateTimeOffset now)
    {
        // Pods' usual tokens outlive the hour that they ask for, so that old clients which never read them again go on.
        var extends = options.ServiceAccountExtendTokenExpiration && bound.Pod is not null && seconds == PodTokenSeconds
            && audiences.All(options.EffectiveApiAudiences.Contains);
        var start = now.ToUnixTimeSeconds();
        return new TokenClaims
        {
            Issuer = options.ServiceAccountIssuers[0],
            Subject = Authentication.ServiceAccountName.UserOf(@namespace, account.Name),
            Audiences = audiences,
            IssuedAt = start,
            NotBefore = start,
            Expiry = start + (extends ? ExtendedSeconds : seconds),
            Id = Guid.NewGuid().ToString(),
            Namespace = @namespace,
            ServiceAccount = account,
            Pod = bound.Pod,
            Secret = bound.Secret,
            Node = bound.Node,
            WarnAfter = extends ? start + seconds : 0,
        };
    }

    private static string Uid(Map obj) => obj.GetMap("metadata")?.GetString("uid") ?? "";

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private sealed record Bound(TokenReference? Pod, TokenReference? Secret, TokenReference? Node);
}
