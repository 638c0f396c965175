using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers.Reviews;

/// <summary>May he: the three access reviews (pkg/registry/authorization/{subject,selfsubject,localsubject}accessreview, v1.36).</summary>
public sealed class AccessReviewHandler(WriteFlow flow, IAuthorizer authorizer) : ReviewHandler(flow)
{
    protected override async ValueTask<Map> AnswerAsync(ApiRequest request, OperationContext operation, Map obj, Func<ValueTask> admit)
    {
        var errors = new FieldErrorList();
        AccessReviewValidation.Validate(errors, obj, request.Resource.Kind);
        // The object has lost its kind by then, and so the error has none.
        if (errors.Count > 0)
            throw StatusErrors.Invalid(new GroupKind("authorization.k8s.io", ""), "", errors);
        await admit().ConfigureAwait(false);

        var spec = obj.GetMap("spec")!;
        var user = request.Resource.Kind == "SelfSubjectAccessReview" ? request.User : UserInfoMap.Of(spec);
        var attributes = ReviewedAttributes.Of(spec, out var evaluationError);
        var (decision, reason) = authorizer.Authorize(user, attributes);
        var status = new Map(3) { { "allowed", decision == Decision.Allow } };
        if (decision == Decision.Deny)
            status.Set("denied", true);
        if (reason.Length > 0)
            status.Set("reason", reason);
        if (evaluationError.Length > 0)
            status.Set("evaluationError", evaluationError);
        obj.Set("status", status);
        return obj;
    }
}
