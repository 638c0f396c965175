using KubeSharp.ApiMachinery.Errors;

namespace KubeSharp.ApiMachinery.Patches;

/// <summary>A patch that does not apply, with upstream's message; <see cref="ToStatus"/> is what the API server answers, which
/// for some failures does not carry the message.</summary>
public sealed class PatchException(string message, PatchFailure failure) : Exception(message)
{
    public PatchFailure Failure { get; } = failure;

    /// <summary>apiserver/pkg/endpoints/handlers/patch.go: applyJSPatch, interpretStrategicMergePatchError.</summary>
    public StatusException ToStatus() => Failure switch
    {
        PatchFailure.Malformed => StatusErrors.BadRequest(Message),
        PatchFailure.TooLarge => StatusErrors.RequestEntityTooLarge(Message),
        PatchFailure.DoesNotApply => StatusErrors.GenericServerResponse(422, "", default, "", Message, 0, false),
        _ => new StatusException(new Status { Code = 500, Reason = StatusReason.Unknown, Message = Message }),
    };
}

/// <summary>How the API server answers a patch that fails.</summary>
public enum PatchFailure
{
    /// <summary>400: the patch itself is wrong.</summary>
    Malformed,

    /// <summary>413.</summary>
    TooLarge,

    /// <summary>422: it does not fit this object.</summary>
    DoesNotApply,

    /// <summary>500: upstream has no status for it.</summary>
    Unclassified,
}
