using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Endpoints.Negotiation;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>Who am I: SelfSubjectReview (pkg/registry/authentication/selfsubjectreview, v1.36).</summary>
public sealed class SelfSubjectReviewHandler : IVerbHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: false);
        var body = await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var review = RequestBody.Decode(body.Span, Negotiator.Input(request.Http.Request), request.Served.Kind, request.Served.Schema, strict: false).Root;
        var groups = new Sequence();
        foreach (var group in request.User.Groups)
            groups.Add(group);
        var user = new Map(4) { { "username", request.User.Name } };
        if (request.User.Uid.Length > 0)
            user.Set("uid", request.User.Uid);
        user.Set("groups", groups);
        if (request.User.Extra.Count > 0)
        {
            var extra = user.EditMap("extra");
            foreach (var (key, values) in request.User.Extra.OrderBy(e => e.Key, StringComparer.Ordinal))
            {
                var list = extra.EditSequence(key);
                foreach (var value in values)
                    list.Add(value);
            }
        }

        review.Set("status", new Map(1) { { "userInfo", user } });
        await ResponseWriter.WriteTreeAsync(request.Http, format, review, request.Served.Schema, 201).ConfigureAwait(false);
    }
}

/// <summary>May he: the three access reviews (pkg/registry/authorization, v1.36).</summary>
public sealed class AccessReviewHandler(IAuthorizer authorizer) : IVerbHandler
{
    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: false);
        var body = await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var review = RequestBody.Decode(body.Span, Negotiator.Input(request.Http.Request), request.Served.Kind, request.Served.Schema, strict: false).Root;
        var spec = review.GetMap("spec") ?? Map.Empty;
        var user = request.Resource.Kind == "SelfSubjectAccessReview" ? request.User : UserOf(spec);
        var (decision, reason) = authorizer.Authorize(user, InfoOf(spec));
        var status = new Map(3) { { "allowed", decision == Decision.Allow } };
        if (decision == Decision.Deny)
            status.Set("denied", true);
        if (reason.Length > 0)
            status.Set("reason", reason);
        review.Set("status", status);
        await ResponseWriter.WriteTreeAsync(request.Http, format, review, request.Served.Schema, 201).ConfigureAwait(false);
    }

    private static UserInfo UserOf(Map spec)
    {
        var groups = (spec.GetSequence("groups") ?? Sequence.Empty).Select(g => g.AsString ?? "").ToList();
        return new UserInfo(spec.GetString("user") ?? "", spec.GetString("uid") ?? "", groups);
    }

    private static RequestInfo InfoOf(Map spec)
    {
        if (spec.GetMap("nonResourceAttributes") is { } path)
            return new RequestInfo { Path = path.GetString("path") ?? "", Verb = path.GetString("verb") ?? "" };
        var resource = spec.GetMap("resourceAttributes") ?? Map.Empty;
        return new RequestInfo
        {
            IsResourceRequest = true,
            Path = "",
            Verb = resource.GetString("verb") ?? "",
            ApiGroup = resource.GetString("group") ?? "",
            ApiVersion = resource.GetString("version") ?? "*",
            Resource = resource.GetString("resource") ?? "",
            Subresource = resource.GetString("subresource") ?? "",
            Namespace = resource.GetString("namespace") ?? "",
            Name = resource.GetString("name") ?? "",
        };
    }
}
