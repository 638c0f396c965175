using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers.Reviews;

/// <summary>Whose token is this: TokenReview (pkg/registry/authentication/tokenreview/storage.go, v1.36).</summary>
public sealed class TokenReviewHandler(WriteFlow flow, BearerTokenAuthenticator tokens) : ReviewHandler(flow)
{
    protected override async ValueTask<Map> AnswerAsync(ApiRequest request, OperationContext operation, Map obj, Func<ValueTask> admit)
    {
        var spec = obj.GetMap("spec");
        var token = spec?.GetString("token") ?? "";
        if (token.Length == 0)
            throw StatusErrors.BadRequest("token is required for TokenReview in authentication");
        await admit().ConfigureAwait(false);

        var audiences = UserInfoMap.Strings(spec!.GetSequence("audiences"));
        var result = await tokens.AuthenticateAsync(token, audiences.Length > 0 ? audiences : tokens.ApiAudiences, request.Aborted).ConfigureAwait(false);
        var status = new Map(4);
        if (result.User is { } user)
        {
            status.Set("authenticated", true);
            status.Set("user", UserInfoMap.From(user));
            if (result.Audiences.Count > 0)
                status.Set("audiences", UserInfoMap.List(result.Audiences));
        }
        else
        {
            status.Set("user", new Map());
            status.Set("error", result.Error!);
        }

        obj.Set("status", status);
        return obj;
    }
}
