using KubeSharp.ApiMachinery.Errors;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>Refusals that name no resource, as go-restful's paths get them (apiserver/pkg/server/handler.go serviceErrorHandler).</summary>
internal static class GenericErrors
{
    public static StatusException NotFound() => new(new Status
    {
        Code = 404,
        Reason = StatusReason.NotFound,
        Message = "the server could not find the requested resource",
        Details = new StatusDetails(),
    });

    public static StatusException UnsupportedMediaType() => new(new Status
    {
        Code = 415,
        Reason = StatusReason.UnsupportedMediaType,
        Message = "415: Unsupported Media Type",
        Details = new StatusDetails(),
    });

    public static StatusException MethodNotAllowed() => new(new Status
    {
        Code = 405,
        Reason = StatusReason.MethodNotAllowed,
        Message = "the server does not allow this method on the requested resource",
        Details = new StatusDetails(),
    });
}
