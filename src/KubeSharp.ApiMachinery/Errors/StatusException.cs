namespace KubeSharp.ApiMachinery.Errors;

/// <summary>Carries a Status from where a request fails to where it is answered, and from an answer to the client's caller.
/// The tests by reason follow apimachinery/pkg/api/errors/errors.go: an unknown reason is judged by its code.</summary>
public sealed class StatusException(Status status) : Exception(status.Message)
{
    private static readonly HashSet<string> KnownReasons =
    [
        StatusReason.Unauthorized, StatusReason.Forbidden, StatusReason.NotFound, StatusReason.AlreadyExists, StatusReason.Conflict,
        StatusReason.Gone, StatusReason.Invalid, StatusReason.ServerTimeout, StatusReason.StorageReadError, StatusReason.Timeout,
        StatusReason.TooManyRequests, StatusReason.BadRequest, StatusReason.MethodNotAllowed, StatusReason.NotAcceptable,
        StatusReason.RequestEntityTooLarge, StatusReason.UnsupportedMediaType, StatusReason.InternalError, StatusReason.Expired,
        StatusReason.ServiceUnavailable,
    ];

    public Status Status { get; } = status;

    public bool IsNotFound => Is(StatusReason.NotFound, 404);

    public bool IsAlreadyExists => Status.Reason == StatusReason.AlreadyExists;

    public bool IsConflict => Is(StatusReason.Conflict, 409);

    public bool IsInvalid => Is(StatusReason.Invalid, 422);

    public bool IsGone => Is(StatusReason.Gone, 410);

    public bool IsResourceExpired => Status.Reason == StatusReason.Expired;

    public bool IsBadRequest => Is(StatusReason.BadRequest, 400);

    public bool IsUnauthorized => Is(StatusReason.Unauthorized, 401);

    public bool IsForbidden => Is(StatusReason.Forbidden, 403);

    public bool IsTimeout => Is(StatusReason.Timeout, 504);

    public bool IsServerTimeout => Status.Reason == StatusReason.ServerTimeout;

    public bool IsInternalError => Is(StatusReason.InternalError, 500);

    public bool IsTooManyRequests => Status.Reason == StatusReason.TooManyRequests || Status.Code == 429;

    public bool IsServiceUnavailable => Is(StatusReason.ServiceUnavailable, 503);

    public bool IsMethodNotSupported => Is(StatusReason.MethodNotAllowed, 405);

    public bool HasCause(string type) => Status.Details?.Causes.Any(cause => cause.Type == type) ?? false;

    /// <summary>The namespace that the request creates into is being deleted.</summary>
    public bool IsNamespaceTerminating => HasCause("NamespaceTerminating");

    private bool Is(string reason, int code) =>
        Status.Reason == reason || (Status.Code == code && !KnownReasons.Contains(Status.Reason));
}
