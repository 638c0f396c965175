using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.Tests.Errors;

public class StatusErrorsTests
{
    private static readonly GroupResource Pods = new("", "pods");
    private static readonly GroupResource Deployments = new("apps", "deployments");

    // The JSON that kube-apiserver answers, after apimachinery/pkg/api/errors/errors.go.
    public static TheoryData<string, StatusException, string> Answers => new()
    {
        { "not found", StatusErrors.NotFound(Deployments, "web"), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"deployments.apps \"web\" not found","reason":"NotFound","details":{"name":"web","group":"apps","kind":"deployments"},"code":404}""" },
        { "exists", StatusErrors.AlreadyExists(Pods, "a"), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"a\" already exists","reason":"AlreadyExists","details":{"name":"a","kind":"pods"},"code":409}""" },
        { "conflict", StatusErrors.Conflict(Pods, "a", StatusErrors.OptimisticLockMessage), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Operation cannot be fulfilled on pods \"a\": the object has been modified; please apply your changes to the latest version and try again","reason":"Conflict","details":{"name":"a","kind":"pods"},"code":409}""" },
        { "bad request", StatusErrors.BadRequest("no"), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"no","reason":"BadRequest","code":400}""" },
        { "unauthorized", StatusErrors.Unauthorized(""), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"not authorized","reason":"Unauthorized","code":401}""" },
        { "forbidden without resource", StatusErrors.Forbidden(default, "", "x"), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"forbidden: x","reason":"Forbidden","details":{},"code":403}""" },
        { "forbidden list", StatusErrors.Forbidden(Pods, "", "x"), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods is forbidden: x","reason":"Forbidden","details":{"kind":"pods"},"code":403}""" },
        { "internal", StatusErrors.InternalError("boom"), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Internal error occurred: boom","reason":"InternalError","details":{"causes":[{"message":"boom"}]},"code":500}""" },
        { "future revision", StatusErrors.TooLargeResourceVersion(9, 5, 1), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Timeout: Too large resource version: 9, current: 5","reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1},"code":504}""" },
        { "generic", StatusErrors.GenericServerResponse(404, "GET", Pods, "a", "404 page not found", 0, true), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server could not find the requested resource (get pods a)","reason":"NotFound","details":{"name":"a","kind":"pods","causes":[{"reason":"UnexpectedServerResponse","message":"404 page not found"}]},"code":404}""" },
        { "method", StatusErrors.MethodNotSupported(Deployments, "create"), """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"create is not supported on resources of kind \"deployments.apps\"","reason":"MethodNotAllowed","details":{"group":"apps","kind":"deployments"},"code":405}""" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Prints_as_upstream(string label, StatusException exception, string json)
    {
        Assert.NotEmpty(label);
        var map = exception.Status.ToMap();
        Assert.Equal(json, GoText.Json(map));
        Assert.Equal(json, GoText.Json(Status.FromMap(map).ToMap()));
    }

    [Fact]
    public void Invalid_lists_causes_and_dedupes_the_message()
    {
        var errors = new FieldErrorList
        {
            FieldError.Required(new FieldPath("spec", "a"), ""),
            FieldError.Required(new FieldPath("spec", "a"), ""),
            FieldError.Invalid(new FieldPath("b"), 3, "too odd"),
        };
        var status = StatusErrors.Invalid(new GroupKind("apps", "Deployment"), "web", errors).Status;
        Assert.Equal("Deployment.apps \"web\" is invalid: [spec.a: Required value, b: Invalid value: 3: too odd]", status.Message);
        Assert.Equal(["spec.a", "spec.a", "b"], status.Details!.Causes.Select(cause => cause.Field));
        Assert.Equal("FieldValueRequired", status.Details.Causes[0].Type);
        Assert.Equal(422, status.Code);
    }

    [Fact]
    public void Judges_unknown_reasons_by_code()
    {
        Assert.True(new StatusException(new Status { Code = 404, Reason = "Custom" }).IsNotFound);
        Assert.False(new StatusException(new Status { Code = 404, Reason = "Expired" }).IsNotFound);
        Assert.True(new StatusException(new Status { Code = 410, Reason = "Expired" }).IsResourceExpired);
    }
}
