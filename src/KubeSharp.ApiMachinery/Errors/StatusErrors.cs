using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.Errors;

/// <summary>Every refusal that upstream knows, with its code, reason and text (apimachinery/pkg/api/errors/errors.go,
/// apiserver/pkg/endpoints/handlers/negotiation/errors.go, apiserver/pkg/storage/errors.go; v1.36).</summary>
public static class StatusErrors
{
    public static StatusException NotFound(GroupResource resource, string name) =>
        About(404, StatusReason.NotFound, resource, name, $"{resource} {GoText.Quote(name)} not found");

    public static StatusException AlreadyExists(GroupResource resource, string name) =>
        About(409, StatusReason.AlreadyExists, resource, name, $"{resource} {GoText.Quote(name)} already exists");

    /// <summary>No free name was found for a <c>generateName</c>.</summary>
    public static StatusException GenerateNameConflict(GroupResource resource, string name, int retryAfterSeconds) =>
        About(409, StatusReason.AlreadyExists, resource, name,
            $"{resource} {GoText.Quote(name)} already exists, the server was not able to generate a unique name for the object",
            retryAfterSeconds);

    public static StatusException Conflict(GroupResource resource, string name, string message) =>
        About(409, StatusReason.Conflict, resource, name, $"Operation cannot be fulfilled on {resource} {GoText.Quote(name)}: {message}");

    /// <summary>Other field managers own fields of an apply; a cause for each.</summary>
    public static StatusException ApplyConflict(IReadOnlyList<StatusCause> causes, string message) =>
        Make(409, StatusReason.Conflict, message, new StatusDetails { Causes = causes });

    /// <summary>The optimistic lock's message, the usual one of <see cref="Conflict"/> (apiserver/pkg/registry/generic/registry/store.go).</summary>
    public const string OptimisticLockMessage =
        "the object has been modified; please apply your changes to the latest version and try again";

    public static StatusException Invalid(GroupKind kind, string name, FieldErrorList errors)
    {
        var aggregate = errors.ToAggregate();
        var message = $"{kind} {GoText.Quote(name)} is invalid";
        return Make(422, StatusReason.Invalid, aggregate is null ? message : $"{message}: {aggregate}",
            new StatusDetails { Group = kind.Group, Kind = kind.Kind, Name = name, Causes = errors.ToCauses() });
    }

    public static StatusException BadRequest(string message) => Make(400, StatusReason.BadRequest, message);

    /// <summary>An empty resource (non-resource paths) leaves the resource out of the text.</summary>
    public static StatusException Forbidden(GroupResource resource, string name, string message)
    {
        var subject = string.IsNullOrEmpty(resource.Group) && string.IsNullOrEmpty(resource.Resource) ? "forbidden"
            : name.Length == 0 ? $"{resource} is forbidden"
            : $"{resource} {GoText.Quote(name)} is forbidden";
        return About(403, StatusReason.Forbidden, resource, name, $"{subject}: {message}");
    }

    public static StatusException Unauthorized(string message) =>
        Make(401, StatusReason.Unauthorized, message.Length == 0 ? "not authorized" : message);

    public static StatusException Gone(string message) => Make(410, StatusReason.Gone, message);

    /// <summary>The requested revision was compacted: 410 with reason Expired.</summary>
    public static StatusException ResourceExpired(string message) => Make(410, StatusReason.Expired, message);

    public static StatusException MethodNotSupported(GroupResource resource, string action) =>
        About(405, StatusReason.MethodNotAllowed, resource, "", $"{action} is not supported on resources of kind {GoText.Quote(resource.ToString())}");

    /// <summary>An error that upstream does not turn into a Status of its own: 500 without a reason.</summary>
    public static StatusException Unknown(string message) => Make(500, StatusReason.Unknown, message);

    public static StatusException InternalError(string message) =>
        Make(500, StatusReason.InternalError, $"Internal error occurred: {message}", new StatusDetails { Causes = [new StatusCause("", message)] });

    public static StatusException Timeout(string message, int retryAfterSeconds) =>
        Make(504, StatusReason.Timeout, $"Timeout: {message}", new StatusDetails { RetryAfterSeconds = retryAfterSeconds });

    /// <summary>A transient failure; the details' name is the operation.</summary>
    public static StatusException ServerTimeout(GroupResource resource, string operation, int retryAfterSeconds) =>
        About(500, StatusReason.ServerTimeout, resource, operation,
            $"The {operation} operation against {resource} could not be completed at this time, please try again.", retryAfterSeconds);

    public static StatusException TooManyRequests(string message, int retryAfterSeconds) =>
        Make(429, StatusReason.TooManyRequests, message, new StatusDetails { RetryAfterSeconds = retryAfterSeconds });

    public static StatusException ServiceUnavailable(string message) => Make(503, StatusReason.ServiceUnavailable, message);

    public static StatusException RequestEntityTooLarge(string message) =>
        Make(413, StatusReason.RequestEntityTooLarge, $"Request entity too large: {message}");

    /// <summary>A read asked for a revision that is not there yet.</summary>
    public static StatusException TooLargeResourceVersion(ulong minimum, ulong current, int retryAfterSeconds) =>
        Make(504, StatusReason.Timeout, $"Timeout: Too large resource version: {minimum}, current: {current}", new StatusDetails
        {
            Causes = [new StatusCause(StatusCause.ResourceVersionTooLarge, "Too large resource version")],
            RetryAfterSeconds = retryAfterSeconds,
        });

    public static StatusException NotAcceptable(params IEnumerable<string> accepted) =>
        Make(406, StatusReason.NotAcceptable, $"only the following media types are accepted: {string.Join(", ", accepted)}");

    /// <summary>The object cannot be shown as <paramref name="target"/> (a printed GroupVersionKind) in any accepted media type.</summary>
    public static StatusException NotAcceptableConversion(string target, params IEnumerable<string> accepted) =>
        Make(406, StatusReason.NotAcceptable,
            $"only the following media types are accepted when converting to {target}: {string.Join(", ", accepted)}");

    public static StatusException UnsupportedMediaType(params IEnumerable<string> accepted) =>
        Make(415, StatusReason.UnsupportedMediaType,
            $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}");

    /// <summary>What is known of a failure whose answer was no Status: unknown paths (server side) and foreign answers (client side).</summary>
    public static StatusException GenericServerResponse(
        int code, string verb, GroupResource resource, string name, string serverMessage, int retryAfterSeconds, bool isUnexpectedResponse)
    {
        var (reason, message) = code switch
        {
            409 => (verb == "POST" ? StatusReason.AlreadyExists : StatusReason.Conflict, "the server reported a conflict"),
            404 => (StatusReason.NotFound, "the server could not find the requested resource"),
            400 => (StatusReason.BadRequest, "the server rejected our request for an unknown reason"),
            401 => (StatusReason.Unauthorized, "the server has asked for the client to provide credentials"),
            403 => (StatusReason.Forbidden, serverMessage),
            406 => (StatusReason.NotAcceptable, serverMessage is "" or "unknown"
                ? "the server was unable to respond with a content type that the client supports" : serverMessage),
            415 => (StatusReason.UnsupportedMediaType, serverMessage),
            405 => (StatusReason.MethodNotAllowed, "the server does not allow this method on the requested resource"),
            422 => (StatusReason.Invalid, "the server rejected our request due to an error in our request"),
            503 => (StatusReason.ServiceUnavailable, "the server is currently unable to handle the request"),
            504 => (StatusReason.Timeout,
                "the server was unable to return a response in the time allotted, but may still be processing the request"),
            429 => (StatusReason.TooManyRequests, "the server has received too many requests and has asked us to try again later"),
            >= 500 => (StatusReason.InternalError,
                $"an error on the server ({GoText.Quote(serverMessage)}) has prevented the request from succeeding"),
            _ => (StatusReason.Unknown, $"the server responded with the status code {code} but did not return more information"),
        };
        var named = !string.IsNullOrEmpty(resource.Resource) || !string.IsNullOrEmpty(resource.Group);
        if (named)
            message = $"{message} ({verb.ToLowerInvariant()} {resource}{(name.Length > 0 ? " " + name : "")})";
        return Make(code, reason, message, new StatusDetails
        {
            Group = resource.Group ?? "",
            Kind = resource.Resource ?? "",
            Name = name,
            Causes = isUnexpectedResponse ? [new StatusCause(StatusCause.UnexpectedServerResponse, serverMessage)] : [],
            RetryAfterSeconds = retryAfterSeconds,
        });
    }

    private static StatusException About(
        int code, string reason, GroupResource resource, string name, string message, int retryAfterSeconds = 0) =>
        Make(code, reason, message, new StatusDetails
        {
            Group = resource.Group ?? "",
            Kind = resource.Resource ?? "",
            Name = name,
            RetryAfterSeconds = retryAfterSeconds,
        });

    private static StatusException Make(int code, string reason, string message, StatusDetails? details = null) =>
        new(new Status { Code = code, Reason = reason, Message = message, Details = details });
}
